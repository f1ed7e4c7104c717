#include "core/state.h"

#include <cmath>
#include <limits>

#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

/// Something of everything.
struct Thing {
  bool flag = false;
  std::int64_t whole = 0;
  std::uint64_t large = 0;
  std::int32_t small = 0;
  double number = 0;
  std::string word;
  std::optional<std::int64_t> maybe_whole;
  std::optional<double> maybe_number;
  Generator stream{1};
  std::vector<double> doubles = {0, 0};
  std::vector<float> floats = {0, 0, 0, 0, 0, 0};
  std::vector<std::int64_t> wholes = {0};
  std::vector<std::int32_t> smalls = {0};
  std::vector<std::uint32_t> stamps = {0};
  std::vector<std::uint8_t> bytes = {};
  std::vector<std::int32_t> list;

  void serialize(StateArchive& state) {
    state.value("flag", flag);
    state.value("whole", whole);
    state.value("large", large);
    state.value("small", small);
    state.value("number", number);
    state.value("word", word);
    state.value("maybe_whole", maybe_whole);
    state.value("maybe_number", maybe_number);
    state.value("stream", stream);
    state.array("doubles", std::span(doubles));
    {
      const auto section = state.section("inside");
      state.array("floats", std::span(floats), {2, 3});
      const auto deeper = state.section("deeper");
      state.array("wholes", std::span(wholes));
    }
    state.array("smalls", std::span(smalls));
    state.array("stamps", std::span(stamps));
    state.array("bytes", std::span(bytes));
    state.list("list", list, 4);
  }
};

State saved(Thing& thing) {
  State state;
  StateArchive archive = StateArchive::saving(state);
  thing.serialize(archive);
  return state;
}

Thing loaded(const State& state) {
  Thing thing;
  StateArchive archive = StateArchive::loading(state);
  thing.serialize(archive);
  archive.finish();
  return thing;
}

Thing full() {
  Thing thing;
  thing.flag = true;
  thing.whole = INT64_MIN;
  thing.large = INT64_MAX;
  thing.small = INT32_MIN;
  thing.number = 0.1;
  thing.word = "a \"word\"\n";
  thing.maybe_whole = -7;
  thing.maybe_number = -std::numeric_limits<double>::infinity();
  thing.stream.next_uint32();  // so that a half is waiting
  thing.doubles = {std::numeric_limits<double>::denorm_min(), -0.0};
  thing.floats = {1, 2, 3, 4, 5, 6};
  thing.wholes = {INT64_MAX};
  thing.smalls = {-3};
  thing.stamps = {UINT32_MAX};
  thing.list = {3, 1, 2};
  return thing;
}

/// What loading says of a state after `change`.
template <class Change>
std::string problem(Change change) {
  Thing thing = full();
  State state = saved(thing);
  change(state);
  return error_message([&] { loaded(state); });
}

RawTensor& array_of(State& state, const std::string& name) { return *std::ranges::find(state.arrays, name, &RawTensor::name); }

}  // namespace

TEST_CASE("What was written into a state is read from it, to the bit") {
  Thing thing = full();
  const State state = saved(thing);
  Thing read = loaded(state);
  CHECK(saved(read) == state);
  CHECK(read.flag);
  CHECK(read.whole == INT64_MIN);
  CHECK(read.large == INT64_MAX);
  CHECK(read.small == INT32_MIN);
  CHECK(read.number == 0.1);
  CHECK(read.word == thing.word);
  CHECK(read.maybe_whole == -7);
  CHECK(read.maybe_number == thing.maybe_number);
  CHECK(read.stream.state() == thing.stream.state());
  CHECK(read.doubles == thing.doubles);
  CHECK(std::signbit(read.doubles[1]));
  CHECK(read.floats == thing.floats);
  CHECK(read.list == thing.list);
}

TEST_CASE("A state has names that people can read, and arrays in the order in which they were written") {
  Thing thing = full();
  const State state = saved(thing);
  CHECK(state.values.at("whole") == StateValue(INT64_MIN));
  REQUIRE(state.arrays.size() == 7);
  CHECK(state.arrays[0].name == "doubles");
  CHECK(state.arrays[1].name == "inside.floats");
  CHECK(state.arrays[1].type == "F32");
  CHECK(state.arrays[1].shape == std::vector<std::int64_t>{2, 3});
  CHECK(state.arrays[1].bytes.size() == 24);
  CHECK(state.arrays[2].name == "inside.deeper.wholes");
  CHECK(state.arrays[3].name == "smalls");
  CHECK(std::get<std::string>(state.values.at("stream")).size() > 66);  // with the half that waits
}

TEST_CASE("What is absent comes back as none, and a stream without a waiting half as one") {
  Thing thing;
  const State state = saved(thing);
  CHECK_FALSE(state.values.contains("maybe_whole"));
  Thing other = full();
  StateArchive archive = StateArchive::loading(state);
  other.doubles = {1, 1};
  other.serialize(archive);
  archive.finish();
  CHECK_FALSE(other.maybe_whole.has_value());
  CHECK_FALSE(other.maybe_number.has_value());
  CHECK_FALSE(other.stream.state().has_half);
  CHECK(other.list.empty());
}

TEST_CASE("States are equal bit by bit") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(State{{{"x", nan}}, {}} == State{{{"x", nan}}, {}});
  CHECK_FALSE(State{{{"x", 0.0}}, {}} == State{{{"x", -0.0}}, {}});
  CHECK_FALSE(State{{{"x", 1.0}}, {}} == State{{{"x", std::int64_t{1}}}, {}});
  CHECK_FALSE(State{{{"x", 1.0}}, {}} == State{{{"y", 1.0}}, {}});
  CHECK_FALSE(State{{}, {{"x", "U8", {1}, {'a'}}}} == State{{}, {{"x", "U8", {1}, {'b'}}}});
  CHECK_FALSE(State{{}, {{"x", "U8", {1}, {'a'}}}} == State{{}, {{"x", "U8", {1, 1}, {'a'}}}});
}

TEST_CASE("A double may have been written as a whole number") {
  Thing thing = full();
  State state = saved(thing);
  state.values["number"] = std::int64_t{5};
  CHECK(loaded(state).number == 5.0);
}

TEST_CASE("A state with something missing, too much or of another kind is refused") {
  const auto is = [](const std::string& message) { return message; };
  CHECK(problem([](State& s) { s.values.erase("whole"); }) == is("there is no 'whole' in the state"));
  CHECK(problem([](State& s) { s.values["whole"] = true; }) ==
        is("'whole' in the state has to be a whole number, found true or false"));
  CHECK(problem([](State& s) { s.values["flag"] = std::int64_t{1}; }) ==
        is("'flag' in the state has to be true or false, found a whole number"));
  CHECK(problem([](State& s) { s.values["number"] = std::string("1"); }) ==
        is("'number' in the state has to be a number, found a string"));
  CHECK(problem([](State& s) { s.values["word"] = 1.0; }) == is("'word' in the state has to be a string, found a number"));
  CHECK(problem([](State& s) { s.values["large"] = std::int64_t{-1}; }) ==
        is("'large' in the state has to be at least 0, found -1"));
  CHECK(problem([](State& s) { s.values["small"] = std::int64_t{1} << 31; }) ==
        is("'small' in the state is too large: 2147483648"));
  CHECK(contains(problem([](State& s) { s.values["more"] = true; }), "holds a value 'more' that nothing here has a use for"));
  CHECK(contains(problem([](State& s) {
                   s.arrays.push_back({"more", "U8", {0}, {}});
                 }),
                 "holds an array 'more' that nothing here has a use for"));
  CHECK(contains(problem([](State& s) { s.arrays.push_back({"whole", "U8", {0}, {}}); }), "holds an array 'whole'"));
  CHECK(contains(problem([](State& s) { s.arrays.push_back(s.arrays[3]); }), "two arrays called 'smalls'"));
}

TEST_CASE("Arrays of another type, shape or number of bytes are refused, whatever the shape says") {
  CHECK(problem([](State& s) { array_of(s, "smalls").name = "x"; }) == "there is no array 'smalls' in the state");
  CHECK(problem([](State& s) { array_of(s, "inside.floats").type = "F64"; }) ==
        "the array 'inside.floats' of the state has to be F32, found F64");
  CHECK(problem([](State& s) {
          array_of(s, "inside.floats").shape = {3, 2};
        }) == "the array 'inside.floats' of the state has to be [2, 3], found [3, 2]");
  CHECK(contains(problem([](State& s) { array_of(s, "inside.floats").bytes.pop_back(); }), "has to be [2, 3]"));
  CHECK(contains(problem([](State& s) { array_of(s, "bytes").bytes.push_back('x'); }), "has to be [0]"));
  const auto list = [](std::vector<std::int64_t> shape, std::size_t bytes) {
    return problem([&](State& s) {
      array_of(s, "list").shape = shape;
      array_of(s, "list").bytes.resize(bytes);
    });
  };
  for (const std::int64_t extent : {std::int64_t{-1}, std::int64_t{1} << 61, INT64_MAX, std::int64_t{2}, std::int64_t{4}}) {
    CHECK(contains(list({extent}, 12), "'list' of the state has to be a list of at most 4 elements"));
  }
  CHECK(contains(list({5}, 20), "at most 4"));
  CHECK(contains(list({}, 12), "found []"));
  CHECK(contains(list({1, 3}, 12), "found [1, 3]"));
  CHECK(contains(list({3}, 13), "list"));
}

TEST_CASE("A stream that none could be is refused") {
  const auto refused = [](const std::string& words) {
    return problem([&](State& s) { s.values["stream"] = words; }) == "'stream' in the state is no random stream";
  };
  const std::string zeros(32, '0'), odd = std::string(31, '0') + "1";
  CHECK_FALSE(refused(zeros + " " + odd + " -"));
  CHECK_FALSE(refused(zeros + " " + odd + " 00000000ffffffff"));
  CHECK(refused(zeros + " " + odd + " ffffffff"));  // not as it is written
  CHECK(refused(""));
  CHECK(refused(zeros + " " + odd));
  CHECK(refused(zeros + " " + odd + " "));
  CHECK(refused(zeros + " " + zeros + " -"));               // an even increment
  CHECK(refused(zeros + " " + odd + " 0000000100000000"));  // a half of 33 bits
  CHECK(refused(zeros + " " + odd + " --"));
  CHECK(refused(zeros + "_" + odd + " -"));
  CHECK(refused(std::string(31, '0') + "x " + odd + " -"));
  CHECK(refused(std::string(31, '0') + " " + odd + " - "));
}

TEST_CASE("Two things of one name cannot be written, nor numbers that do not fit") {
  State state;
  StateArchive archive = StateArchive::saving(state);
  std::int64_t number = 1;
  std::uint64_t large = std::uint64_t{1} << 63;
  std::vector<double> array = {1};
  archive.value("x", number);
  archive.array("x", std::span(array));
  CHECK(error_message([&] { archive.value("x", number); }) == "two values of a state are called 'x'");
  CHECK(error_message([&] { archive.array("x", std::span(array)); }) == "two arrays of a state are called 'x'");
  CHECK(error_message([&] { archive.value("y", large); }) == "'y' is too large for a state: 9223372036854775808");
}

TEST_CASE("Names get their section in front, until it ends") {
  State state;
  StateArchive archive = StateArchive::saving(state);
  bool flag = true;
  {
    const auto outer = archive.section("a");
    const auto inner = archive.section("b");
    archive.value("c", flag);
  }
  archive.value("d", flag);
  CHECK(state.values.contains("a.b.c"));
  CHECK(state.values.contains("d"));
}
