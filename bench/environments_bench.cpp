// Environment steps a second, resets of ended episodes included: one environment behind its interface, and several behind
// the vector interface.

#include <benchmark/benchmark.h>

#include "core/random.h"
#include "envs/registry.h"
#include "envs/vector_environment.h"

using namespace handgrad;

namespace {

constexpr std::size_t kActions = 4096;  // drawn beforehand: the benchmark is of the environment, not of the generator

std::vector<std::int32_t> random_actions(std::int64_t n) {
  Generator random(1);
  std::vector<std::int32_t> actions(kActions);
  for (std::int32_t& action : actions) action = static_cast<std::int32_t>(random.integers(0, n));
  return actions;
}

/// Actions that are not allowed in a state are errors, and the actions here know nothing of states.
EnvironmentOptions options_for_random_actions(const std::string& id) {
  return id == "Rooms-v0" ? EnvironmentOptions{{"dynamics", std::string("doors_stay")}} : EnvironmentOptions{};
}

void single(benchmark::State& state, const std::string& id) {
  const auto environment = Registry::gymnasium().make(id, options_for_random_actions(id));
  const std::vector<std::int32_t> actions = random_actions(environment->action_space().n);
  std::vector<float> observation(static_cast<std::size_t>(environment->observation_size()));
  environment->reset(1, observation);
  std::size_t k = 0;
  for (auto _ : state) {
    const StepResult result = environment->step(actions[k++ % kActions], observation);
    if (result.terminated || result.truncated) environment->reset({}, observation);
    benchmark::DoNotOptimize(observation.data());
  }
  state.SetItemsProcessed(state.iterations());
}

void vectorised(benchmark::State& state, const std::string& id) {
  const Registry registry = Registry::gymnasium();
  const std::int64_t E = state.range(0);
  const EnvironmentOptions options = options_for_random_actions(id);
  SyncVectorEnvironment environments([&] { return registry.make(id, options); }, E, AutoresetMode::same_step);
  const std::vector<std::int32_t> actions = random_actions(environments.action_space().n);
  environments.reset(1);
  std::size_t k = 0;
  for (auto _ : state) {
    const VectorStep step = environments.step(std::span(actions).subspan(k, static_cast<std::size_t>(E)));
    k = (k + static_cast<std::size_t>(E)) % (kActions - static_cast<std::size_t>(E));
    benchmark::DoNotOptimize(step.observations.data());
  }
  state.SetItemsProcessed(state.iterations() * E);
}

}  // namespace

int main(int argc, char** argv) {
  const Registry registry = Registry::gymnasium();
  for (const EnvironmentSpec& spec : registry.list()) {
    benchmark::RegisterBenchmark(("single/" + spec.id).c_str(), single, spec.id);
    benchmark::RegisterBenchmark(("vector/" + spec.id).c_str(), vectorised, spec.id)->Arg(1)->Arg(16)->Arg(1024);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
