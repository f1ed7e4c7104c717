// Environments with options of their own, maps above all: the first line is an id, the others KEY=VALUE as `trace` takes them.
// What could be made is played for a few steps.

#include <sstream>

#include "app/config/make_environment.h"
#include "tests/fuzz/contract.h"

using namespace handgrad;

namespace {

void play(Environment& environment) {
  std::vector<float> observation(static_cast<std::size_t>(environment.observation_size()));
  environment.reset(1, observation);
  for (std::int64_t t = 0; t < 8; ++t) {
    const Discrete actions = environment.action_space();
    // Not every action is allowed everywhere, and who takes another is told.
    const StepResult step = environment.step(actions.start + t % actions.n, observation);
    if (step.terminated || step.truncated) environment.reset(std::nullopt, observation);
  }
  environment.ansi();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::read_or_explain(size, {.fixed = 4 << 20, .a_byte = 2048}, [&] {
    std::istringstream lines{std::string(fuzz::as_text(data, size))};
    std::string id;
    std::getline(lines, id);
    std::vector<std::string> set;
    for (std::string line; std::getline(lines, line);) set.push_back(line);
    play(*app::make_environment(id, set));
  });
  return 0;
}
