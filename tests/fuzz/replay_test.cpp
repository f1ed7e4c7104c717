// The fuzzers' inputs in the ordinary suite: the corpus, what once crashed, and some hundred mutations of each.

#include "fuzzers.h"

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "core/random.h"
#include "tests/fuzz/repeat.h"
#include "tests/support/catch.h"
#include "tests/support/source_tree.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;

namespace {

namespace fs = std::filesystem;

struct Input {
  std::string name, bytes;
};

std::vector<Input> inputs_in(const fs::path& folder) {
  std::vector<Input> inputs;
  if (!fs::is_directory(folder)) return inputs;
  for (const auto& entry : fs::directory_iterator(folder)) {
    inputs.push_back({entry.path().filename().string(), get_bytes(entry.path())});
  }
  std::sort(inputs.begin(), inputs.end(), [](const Input& a, const Input& b) { return a.name < b.name; });
  return inputs;
}

fs::path folder_of(const char* kind, const NamedFuzzer& fuzzer) {
  return test::source_root() / "tests" / "fuzz" / kind / fuzzer.name;
}

void run(const NamedFuzzer& fuzzer, const std::string& bytes, const std::string& origin) {
  try {
    fuzzer.run(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  } catch (const std::exception& error) {
    FAIL_CHECK(fuzzer.name << ", " << origin << ": " << error.what() << "\n" << one_line(bytes));
  }
}

/// One change, of a kind that files suffer or that somebody tries who means harm.
class Mutation {
 public:
  explicit Mutation(std::uint64_t seed) : random_(seed) {}

  std::string of(std::string bytes) {
    if (bytes.empty()) return std::string(1, static_cast<char>(random_.integers(0, 256)));
    const std::size_t at = place(bytes.size());
    const std::size_t length = 1 + place(std::min<std::size_t>(8, bytes.size() - at));
    switch (random_.integers(0, 6)) {
      case 0: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random_.integers(0, 8))); break;
      case 1: bytes.resize(at); break;
      case 2: bytes.erase(at, length); break;
      case 3: bytes.replace(at, length, kHostile[place(std::size(kHostile))]); break;
      case 4: bytes.insert(place(bytes.size()), bytes.substr(at, 8 * length)); break;
      default: bytes[at] = static_cast<char>(random_.integers(0, 256));
    }
    return bytes;
  }

  /// A few bytes a thousand times.
  std::string long_one_of(const std::string& bytes) {
    if (bytes.empty()) return bytes;
    const std::size_t at = place(bytes.size());
    return fuzz::with_repeated(bytes, at, 1 + place(std::min<std::size_t>(4, bytes.size() - at)), bytes.size() + 20'000);
  }

 private:
  std::size_t place(std::size_t size) {
    return static_cast<std::size_t>(random_.integers(0, static_cast<std::int64_t>(size)));
  }

  static constexpr std::string_view kHostile[] = {"-1",
                                                  "1e999",
                                                  "9223372036854775807",
                                                  "18446744073709551616",
                                                  "nan",
                                                  "[[[[",
                                                  "\"",
                                                  "\x1b[2J",
                                                  "\xff\xfe",
                                                  "../../",
                                                  "{}",
                                                  "1e300",
                                                  "a.a",
                                                  "0",
                                                  "\n",
                                                  "null"};
  Generator random_;
};

}  // namespace

TEST_CASE("Every fuzzer has a corpus, and nothing in it or in what once crashed breaks a promise") {
  for (const NamedFuzzer& fuzzer : kFuzzers) {
    const std::vector<Input> corpus = inputs_in(folder_of("corpus", fuzzer));
    CHECK(!corpus.empty());
    for (const Input& input : corpus) run(fuzzer, input.bytes, "corpus/" + input.name);
    for (const Input& input : inputs_in(folder_of("crashes", fuzzer))) run(fuzzer, input.bytes, "crashes/" + input.name);
  }
}

TEST_CASE("No mutation of a fuzzer's corpus breaks a promise") {
  constexpr std::uint64_t kMutations = 200, kLongOnes = 4;
  for (const NamedFuzzer& fuzzer : kFuzzers) {
    for (const Input& input : inputs_in(folder_of("corpus", fuzzer))) {
      for (std::uint64_t seed = 0; seed < kMutations; ++seed) {
        Mutation mutation(seed);
        std::string bytes = input.bytes;
        for (std::uint64_t k = 0; k <= seed % 3; ++k) bytes = mutation.of(std::move(bytes));
        run(fuzzer, bytes, input.name + ", mutation " + std::to_string(seed));
      }
      for (std::uint64_t seed = 0; seed < kLongOnes; ++seed) {
        run(fuzzer, Mutation(seed).long_one_of(input.bytes), input.name + ", long mutation " + std::to_string(seed));
      }
    }
  }
}
