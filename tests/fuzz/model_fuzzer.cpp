// Model files, as far as they are files of arrays: the input is the header, an empty line, and some data, from which a whole
// file is put together. What has been read acts.

#include <algorithm>
#include <charconv>

#include "core/data_type.h"
#include "core/safetensors.h"
#include "rl/policy.h"
#include "tests/fuzz/contract.h"
#include "tests/fuzz/memory_file.h"

using namespace handgrad;

namespace {

constexpr std::uint64_t kMostData = 1 << 16;

// The data are repeated or cut to where the header says that they end: the largest number behind a comma, within reason. (That of
// "F64" is none.)
std::uint64_t end_of_data(std::string_view header) {
  std::uint64_t largest = 0;
  for (std::size_t comma = header.find(','); comma != std::string_view::npos; comma = header.find(',', comma + 1)) {
    std::uint64_t number = 0;
    std::from_chars(header.data() + comma + 1, header.data() + header.size(), number);
    if (number <= kMostData) largest = std::max(largest, number);
  }
  return largest;
}

std::string file_of(std::string_view input) {
  const std::size_t empty_line = std::min(input.find("\n\n"), input.size());
  const std::string_view header = input.substr(0, empty_line);
  const std::string_view data = empty_line + 2 < input.size() ? input.substr(empty_line + 2) : std::string_view("\0", 1);
  std::string file;
  append_little_endian(file, static_cast<std::uint64_t>(header.size()));
  file += header;
  const std::uint64_t bytes = end_of_data(header);
  for (std::uint64_t i = 0; i < bytes; ++i) file += data[i % data.size()];
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes = file_of(fuzz::as_text(data, size));
  const fuzz::MemoryFile file(bytes.data(), bytes.size());
  // Networks have room for 128 observations at once, so that a weight of 2 bytes may stand for 512 bytes of activations.
  fuzz::read_or_explain(bytes.size(), {.fixed = 4 << 20, .a_byte = 1024}, [&] {
    Policy policy = Policy::load(file.path(), "reference");
    const std::vector<float> observation(static_cast<std::size_t>(policy.observation_size()), 0.5f);
    fuzz::promise(policy.actions() >= 1 && static_cast<std::int64_t>(policy.values(observation).size()) == policy.actions(),
                  "a model has a value an action");
    const std::int32_t action = policy.act(observation);
    fuzz::promise(action >= 0 && action < policy.actions(), "a model chooses one of its actions");
  });
  return 0;
}
