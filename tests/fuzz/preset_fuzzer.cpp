// Presets: any TOML text becomes a run or an error, and a run reads back from its own config.toml as the same.

#include "app/config/formulas.h"
#include "app/config/resolve.h"
#include "tests/fuzz/contract.h"

using namespace handgrad;
using namespace handgrad::app;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A cell of a map, a byte here, takes a kilobyte in the table of transitions.
  fuzz::read_or_explain(size, {.fixed = 16 << 20, .a_byte = 2048}, [&] {
    const RunConfig config = resolve(parse_toml(fuzz::as_text(data, size), "input.toml")).config;
    const std::string written = to_toml(config);
    fuzz::promise(to_toml(resolve(parse_toml(written, "config.toml")).config) == written, "config.toml is another run");
    fuzz::promise(!update_formulas(config).empty(), "a run without formulas");
  });
  return 0;
}
