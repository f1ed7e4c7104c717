#include "core/safetensors.h"

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "core/checksum.h"
#include "core/data_type.h"
#include "core/error.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;

namespace {

std::string with_length(std::uint64_t header_bytes, const std::string& rest) {
  std::string bytes;
  append_little_endian(bytes, header_bytes);
  return bytes + rest;
}

/// A file of that header, followed by so many zero bytes of data.
std::string file_of(const std::string& header, std::size_t data_bytes) {
  return with_length(header.size(), header + std::string(data_bytes, '\0'));
}

/// The message with which a file of these bytes is rejected.
std::string rejection(const std::string& bytes) {
  const TemporaryFolder folder;
  put_bytes(folder / "model.safetensors", bytes);
  const std::string message = error_message([&] { read_safetensors(folder / "model.safetensors"); });
  CHECK(contains(message, "model.safetensors' as a safetensors file: "));
  CHECK_FALSE(contains(message, "\n"));
  return message;
}

TensorFile load(const std::string& bytes) {
  const TemporaryFolder folder;
  put_bytes(folder / "model.safetensors", bytes);
  return read_safetensors(folder / "model.safetensors");
}

TensorFile small_model() {
  return {{{"preset", "cartpole \"dqn\"\n"}, {"activation", "relu"}},
          {{"0.weight", {2, 3}, {1.0f, -2.5f, 3e-30f, -0.0f, 1e30f, 0.1f}},
           {"0.bias", {2}, {0.5f, -0.5f}},
           {"nothing", {0, 4}, {}},
           {"\xC3\xA9\\\"\t", {}, {42.0f}}}};
}

std::string bytes_of(const TensorFile& content) {
  const TemporaryFolder folder;
  write_safetensors(folder / "model.safetensors", content);
  return get_bytes(folder / "model.safetensors");
}

void check_equal(const TensorFile& a, const TensorFile& b) {
  CHECK(a.metadata == b.metadata);
  REQUIRE(a.tensors.size() == b.tensors.size());
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    CHECK(a.tensors[i].name == b.tensors[i].name);
    CHECK(a.tensors[i].shape == b.tensors[i].shape);
    CHECK(a.tensors[i].values == b.tensors[i].values);
  }
}

}  // namespace

TEST_CASE("a written model is read back as it was", "[safetensors]") {
  check_equal(load(bytes_of(small_model())), small_model());
  check_equal(load(bytes_of({})), {});
}

TEST_CASE("float32 values keep every bit, those of NaN and infinity too", "[safetensors]") {
  const std::vector<std::uint32_t> bits = {0x7F800000, 0xFF800000, 0x7FC00001, 0x80000000, 0x00000001, 0x7F7FFFFF};
  TensorFile content{{}, {{"x", {6}, {}}}};
  for (const std::uint32_t b : bits) content.tensors[0].values.push_back(std::bit_cast<float>(b));
  const TensorFile read = load(bytes_of(content));
  for (std::size_t i = 0; i < bits.size(); ++i) CHECK(std::bit_cast<std::uint32_t>(read.at("x").values.at(i)) == bits[i]);
}

TEST_CASE("a tensor of many blocks is read whole", "[safetensors]") {
  TensorFile content{{}, {{"x", {100'003}, {}}}};
  for (int i = 0; i < 100'003; ++i) content.tensors[0].values.push_back(static_cast<float>(i));
  check_equal(load(bytes_of(content)), content);
}

TEST_CASE("a written file looks as the format says", "[safetensors]") {
  const std::string header = R"({"__metadata__":{"crc64":"0000000000000000","env":"CartPole-v1"},)"
                             R"("b":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
                             R"("a":{"dtype":"F32","shape":[],"data_offsets":[8,12]}})";
  const std::string padding((8 - header.size() % 8) % 8, ' ');
  std::string expected = with_length(header.size() + padding.size(), header + padding);
  for (const float value : {1.0f, 2.0f, -1.0f}) append_little_endian(expected, std::bit_cast<std::uint32_t>(value));
  const std::string bytes = bytes_of({{{"env", "CartPole-v1"}}, {{"b", {2, 1}, {1.0f, 2.0f}}, {"a", {}, {-1.0f}}}});
  CHECK(bytes == expected.replace(expected.find("00000"), 16, hexadecimal(crc64(expected))));
}

TEST_CASE("the data begin at a multiple of eight bytes whatever the names are", "[safetensors]") {
  for (std::size_t length = 1; length <= 9; ++length) {
    const std::string bytes = bytes_of({{}, {{std::string(length, 'n'), {}, {1.0f}}}});
    CHECK((bytes.size() - sizeof(float)) % 8 == 0);
    CHECK(load(bytes).tensors.size() == 1);
  }
}

TEST_CASE("tensors come in the order of the header, not of their bytes", "[safetensors]") {
  const TensorFile content = load(file_of(R"({"late":{"data_offsets":[4,8],"dtype":"F32","shape":[1]},)"
                                          R"("early":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},)"
                                          R"("empty":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}  )",
                                          8));
  REQUIRE(content.tensors.size() == 3);
  CHECK(content.tensors[0].name == "late");
  CHECK(content.tensors[1].name == "early");
  CHECK(content.tensors[2].name == "empty");
  CHECK(content.tensors[1].shape == std::vector<std::int64_t>{1, 1});
}

TEST_CASE("other floating-point types are converted to float32", "[safetensors]") {
  const std::string header =
      R"({"d":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},"h":{"dtype":"F16","shape":[1],"data_offsets":[16,18]},)"
      R"("b":{"dtype":"BF16","shape":[1],"data_offsets":[18,20]}})";
  std::string bytes = with_length(header.size(), header);
  append_little_endian(bytes, std::bit_cast<std::uint64_t>(0.1));
  append_little_endian(bytes, std::bit_cast<std::uint64_t>(-2.0));
  append_little_endian(bytes, std::uint16_t{0x3E00});
  append_little_endian(bytes, std::uint16_t{0xC049});
  const TensorFile content = load(bytes);
  CHECK(content.at("d").values == std::vector<float>{0.1f, -2.0f});
  CHECK(content.at("h").values == std::vector<float>{1.5f});
  CHECK(content.at("b").values == std::vector<float>{-3.140625f});
}

TEST_CASE("doubles keep every bit, and their rounded values stand beside them", "[safetensors]") {
  const std::vector<double> doubles = {0.1, -1.0 / 3, 5e-324, -0.0, 3e38, 0.59049000000000007};
  const std::vector<float> floats = {1.0f, 2.0f};
  const std::string bytes = bytes_of({{}, {{"q", {3, 2}, {}, doubles}, {"legal", {2}, floats}}});
  CHECK(contains(bytes, R"("q":{"dtype":"F64","shape":[3,2],"data_offsets":[0,48]})"));
  const TensorFile content = load(bytes);
  CHECK(content.at("q").as_doubles() == doubles);
  CHECK(std::signbit(content.at("q").doubles.at(3)));
  CHECK(content.at("q").values == std::vector<float>(doubles.begin(), doubles.end()));
  CHECK(content.at("legal").values == floats);
  CHECK(content.at("legal").doubles.empty());
  CHECK(content.at("legal").as_doubles() == std::vector<double>{1.0, 2.0});
  CHECK(bytes_of(content) == bytes);
}

TEST_CASE("doubles that are not as many as the shape says cannot be written", "[safetensors]") {
  CHECK(contains(error_message([] {
                   bytes_of({{}, {{"q", {2}, {}, {1.0}}}});
                 }),
                 "has 8 bytes, but its shape says 2 elements of 8"));
  CHECK(contains(error_message([] { bytes_of({{}, {{"q", {2}, {1.0f, 2.0f}, {1.0}}}}); }), "has 2 values, but 1 in double"));
}

TEST_CASE("a double too large for float32 is an error that names the tensor", "[safetensors]") {
  const std::string header = R"({"big":{"dtype":"F64","shape":[],"data_offsets":[0,8]}})";
  std::string bytes = with_length(header.size(), header);
  append_little_endian(bytes, std::bit_cast<std::uint64_t>(1e300));
  CHECK(contains(rejection(bytes), "tensor \"big\" has a value too large for float32"));
}

TEST_CASE("a valid file cut off anywhere is an error", "[safetensors]") {
  const std::string whole = bytes_of(small_model());
  const TemporaryFolder folder;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    put_bytes(folder / "cut", whole.substr(0, length));
    CHECK_THROWS_AS(read_safetensors(folder / "cut"), Error);
  }
  CHECK(contains(rejection(whole + "x"), "bytes of it"));
}

TEST_CASE("a file without a checksum that is damaged is an error or still makes sense, and never a crash", "[safetensors]") {
  std::string whole = bytes_of(small_model());
  const std::size_t checksum = whole.find("\"crc64\""), length = std::string_view(R"("crc64":"0123456789abcdef",)").size();
  whole = with_length(load_little_endian<std::uint64_t>(whole.data()) - length, whole.erase(checksum, length).substr(8));
  const TemporaryFolder folder;
  std::mt19937 random(7);
  int loaded = 0, rejected = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    std::string damaged = whole;
    for (std::size_t flips = 1 + random() % 3; flips > 0; --flips)
      damaged[random() % damaged.size()] = static_cast<char>(random() % 256);
    put_bytes(folder / "damaged", damaged);
    try {
      for (const Tensor& tensor : read_safetensors(folder / "damaged").tensors) {
        std::int64_t elements = 1;
        for (const std::int64_t extent : tensor.shape) elements *= extent;
        REQUIRE(static_cast<std::int64_t>(tensor.values.size()) == elements);
      }
      ++loaded;
    } catch (const Error&) {
      ++rejected;
    }
  }
  CHECK(loaded > 0);  // flips among the values
  CHECK(rejected > 1000);
}

TEST_CASE("a header length that cannot be is an error before anything is allocated", "[safetensors]") {
  CHECK(contains(rejection(""), "it has 0 bytes, too few"));
  CHECK(contains(rejection("1234567"), "it has 7 bytes, too few"));
  CHECK(contains(rejection(with_length(3, "{}")), "its header should have 3 bytes, but only 2 follow"));
  CHECK(contains(rejection(with_length(100'000'001, "{}")), "more than the 100000000 that are allowed"));
  CHECK(contains(rejection(with_length(~std::uint64_t{0}, "{}")), "18446744073709551615 bytes, more than"));
  CHECK(contains(rejection(with_length(0, "")), "the header must begin with {"));
}

TEST_CASE("a header that is not the JSON expected is an error", "[safetensors]") {
  CHECK(contains(rejection(file_of(" {}", 0)), "must begin with {"));
  CHECK(contains(rejection(file_of("[]", 0)), "must begin with {"));
  CHECK(contains(rejection(file_of("{", 0)), "found the end"));
  CHECK(contains(rejection(file_of("{}x", 0)), "expected nothing more, found x"));
  CHECK(contains(rejection(file_of(R"({"__metadata__":{"a":1}})", 0)), "expected \", found 1"));
  CHECK(contains(rejection(file_of(R"({"__metadata__":{"a":"1","a":"2"}})", 0)), "the key \"a\" appears twice"));
  CHECK(contains(rejection(file_of(R"({"__metadata__":null})", 0)), "expected {, found n"));
  CHECK(contains(rejection(file_of(R"({"x":[]})", 0)), "expected {, found ["));
  CHECK(contains(rejection(file_of(std::string(50'000, '{'), 0)), "expected \""));
  CHECK(contains(rejection(file_of("{\"a\xFF\":{}}", 0)), "not valid UTF-8"));
}

TEST_CASE("a tensor described incompletely or strangely is an error", "[safetensors]") {
  CHECK(contains(rejection(file_of(R"({"x":{}})", 0)), "tensor \"x\" lacks one of dtype, shape, data_offsets"));
  CHECK(contains(rejection(file_of(R"({"x":{"dtype":"F32","shape":[0]}})", 0)), "lacks one of"));
  CHECK(contains(rejection(file_of(R"({"x":{"dtype":"F32","shape":[],"data_offsets":[0,4],"more":1}})", 4)),
                 "unknown key \"more\""));
  CHECK(contains(rejection(file_of(R"({"x":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}})", 8)),
                 "\"x\" has the dtype \"I64\", which networks are not made of; expected F32, F64, F16 or BF16"));
  CHECK(contains(rejection(file_of(R"({"x":{"dtype":"I65","shape":[1],"data_offsets":[0,8]}})", 8)),
                 "\"x\" has the dtype \"I65\", which is not known here"));
  CHECK(contains(rejection(file_of(R"({"":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4)), "empty name"));
  const std::string x = R"("x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  CHECK(contains(rejection(file_of("{" + x + "," + x + "}", 0)), "the key \"x\" appears twice"));
}

TEST_CASE("a shape that is negative, too large or of another size than the data is an error", "[safetensors]") {
  const auto with_shape = [](const std::string& shape) {
    return file_of(R"({"x":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":[0,8]}})", 8);
  };
  CHECK(load(with_shape("[1,2]")).at("x").values.size() == 2);
  CHECK(contains(rejection(with_shape("[-2]")), "expected a whole number >= 0, found -"));
  CHECK(contains(rejection(with_shape("[2.0]")), "without fraction"));
  CHECK(contains(rejection(with_shape("[18446744073709551616]")), "does not fit 64 bits"));
  CHECK(contains(rejection(with_shape("[9223372036854775808]")), "more elements than can be counted"));
  // Products that, taken without a check, wrap around to 0 elements and to 8 bytes.
  CHECK(contains(rejection(with_shape("[4294967296,4294967296,2]")), "more elements than can be counted"));
  CHECK(contains(rejection(with_shape("[4611686018427387906]")), "which is another size"));
  CHECK(contains(rejection(with_shape("[0,9223372036854775808]")), "more elements than can be counted"));
  CHECK(contains(rejection(with_shape("[3]")), "has a shape of 3 elements of 4 bytes, which is another size"));
  CHECK(contains(rejection(with_shape("[]")), "which is another size"));
  CHECK(contains(rejection(with_shape("[0]")), "which is another size"));
  std::string ones = "[2";
  for (int i = 0; i < 64; ++i) ones += ",1";
  CHECK(contains(rejection(with_shape(ones + "]")), "more than 64 dimensions"));
}

TEST_CASE("byte ranges that do not tile the data are an error", "[safetensors]") {
  const auto with_ranges = [](const std::string& x, const std::string& y) {
    return file_of(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":)" + x +
                       R"(},"y":{"dtype":"F32","shape":[1],"data_offsets":)" + y + "}}",
                   12);
  };
  CHECK(load(with_ranges("[0,8]", "[8,12]")).tensors.size() == 2);
  CHECK(load(with_ranges("[4,12]", "[0,4]")).tensors.size() == 2);
  CHECK(contains(rejection(with_ranges("[0,8]", "[4,8]")), "overlaps the tensor before it"));
  CHECK(contains(rejection(with_ranges("[0,8]", "[0,4]")), "overlaps the tensor before it"));
  CHECK(contains(rejection(with_ranges("[0,4]", "[8,12]")), "which is another size"));
  CHECK(contains(rejection(with_ranges("[4,12]", "[12,12]")), "leaves a gap"));
  CHECK(contains(rejection(with_ranges("[0,8]", "[9,13]")), "reaches beyond the file"));
  CHECK(contains(rejection(with_ranges("[0,8]", "[12,8]")), "ends before it begins"));
  CHECK(contains(rejection(with_ranges("[0,8]", "[18446744073709551612,18446744073709551615]")), "reaches beyond the file"));
  CHECK(contains(rejection(with_ranges("[0,8]", "[8]")), "must be two numbers, found 1"));
  CHECK(contains(rejection(with_ranges("[0,8]", "[8,12,16]")), "must be two numbers, found 3"));
  CHECK(contains(rejection(with_ranges("[0,8]", "[-8,12]")), "found -"));
  CHECK(contains(rejection(file_of(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 5)),
                 "the tensors end at byte 4"));
  CHECK(contains(rejection(file_of("{}", 1)), "the tensors end at byte 0"));
}

TEST_CASE("a name made to confuse is shown escaped and short", "[safetensors]") {
  const std::string message = rejection(file_of(R"({"\n\u001b[2J)" + std::string(5000, 'x') + R"(":{}})", 0));
  CHECK(contains(message, R"("\u000a\u001b[2Jxxx)"));
  CHECK(message.size() < 600);
}

TEST_CASE("what is not a file is an error that says so", "[safetensors]") {
  const TemporaryFolder folder;
  CHECK(contains(error_message([&] { read_safetensors(folder / "none"); }), "none': "));
  CHECK(contains(error_message([&] { read_safetensors(folder.path()); }), "it is not a file but a folder or device"));
}

TEST_CASE("content that no reader could make sense of is not written", "[safetensors]") {
  const TemporaryFolder folder;
  const auto refusal = [&](const TensorFile& content) {
    const std::string message = error_message([&] { write_safetensors(folder / "model.safetensors", content); });
    CHECK(contains(message, "model.safetensors': "));
    CHECK(folder.entries() == 0);
    return message;
  };
  CHECK(contains(refusal({{}, {{"", {1}, {1.0f}}}}), "needs another name"));
  CHECK(contains(refusal({{}, {{"__metadata__", {1}, {1.0f}}}}), "needs another name"));
  CHECK(contains(refusal({{}, {{"x", {1}, {1.0f}}, {"x", {1}, {1.0f}}}}), "two tensors are called \"x\""));
  CHECK(contains(refusal({{}, {{"\xFF", {1}, {1.0f}}}}), "not UTF-8"));
  CHECK(contains(refusal({{{"a", "\xC0"}}, {}}), "the metadata \"a\" is not UTF-8"));
  CHECK(contains(refusal({{}, {{"x", {2}, {1.0f}}}}), "has 4 bytes, but its shape says 2 elements of 4"));
  CHECK(contains(refusal({{}, {{"x", {-1, -1}, {1.0f}}}}), "impossible shape"));
  CHECK(contains(refusal({{}, {{"x", {1LL << 62, 4}, {}}}}), "impossible shape"));
}

TEST_CASE("asking for a tensor that is not there names those that are", "[safetensors]") {
  const TensorFile content{{}, {{"0.weight", {}, {1.0f}}, {"0.bias", {}, {2.0f}}}};
  CHECK(content.at("0.bias").values[0] == 2.0f);
  const std::string message = error_message([&] { content.at("0.weigth"); });
  CHECK(contains(message, R"(no tensor is called "0.weigth"; there are "0.weight", "0.bias". Did you mean '0.weight'?)"));
  CHECK(contains(error_message([] { TensorFile{}.at("x"); }), "there are none"));
}
