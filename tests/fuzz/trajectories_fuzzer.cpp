// Golden files of trajectories.

#include "tests/fuzz/contract.h"
#include "tests/support/trajectory_file.h"

using namespace handgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::read_or_explain(size, {.a_byte = 512}, [&] {
    const auto file = test::parse_trajectories(std::string(fuzz::as_text(data, size)), "input.json");
    fuzz::promise(!file.episodes.empty() || !file.maps.empty(), "a file with nothing in it");
  });
  return 0;
}
