// Golden files of values and gradients.

#include "tests/fuzz/contract.h"
#include "tests/support/golden_file.h"

using namespace handgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::read_or_explain(size, {.a_byte = 512}, [&] {
    for (const golden::Case& c : golden::parse(std::string(fuzz::as_text(data, size))).cases) {
      fuzz::promise(!c.out.empty(), "a case with nothing to compare");
    }
  });
  return 0;
}
