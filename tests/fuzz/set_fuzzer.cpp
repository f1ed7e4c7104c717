// Settings on the command line: each line is one --set KEY=VALUE over a small run.

#include <sstream>

#include "app/config/resolve.h"
#include "tests/fuzz/contract.h"

using namespace handgrad;
using namespace handgrad::app;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::read_or_explain(size, {.fixed = 16 << 20, .a_byte = 2048}, [&] {
    std::vector<Assignment> over_it;
    std::istringstream lines{std::string(fuzz::as_text(data, size))};
    for (std::string line; std::getline(lines, line);) over_it.push_back(parse_set(line));
    const RunConfig config = resolve(parse_toml("env.id = 'CartPole-v1'\ntrain.episodes = 1\n", "small.toml"), over_it).config;
    const std::string written = to_toml(config);
    fuzz::promise(to_toml(resolve(parse_toml(written, "config.toml")).config) == written, "config.toml is another run");
  });
  return 0;
}
