// Environment steps a second, resets of ended episodes included: one environment behind its interface, and several behind
// the vector interface: stepped one by one, side by side, and side by side in float where there is such a thing.
//
//   build/bench/bin/environments_bench --benchmark_filter='CartPole-v1'

#include <benchmark/benchmark.h>

#include "core/random.h"
#include "envs/episode_statistics.h"
#include "envs/registry.h"

using namespace handgrad;

namespace {

constexpr std::size_t kDrawn = std::size_t{1} << 16;  // actions, beforehand: the benchmark is of the environment

std::vector<std::int32_t> random_actions(std::int64_t n) {
  Generator random(1);
  std::vector<std::int32_t> actions(kDrawn);
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
    const StepResult result = environment->step(actions[k++ % kDrawn], observation);
    if (result.terminated || result.truncated) environment->reset({}, observation);
    benchmark::DoNotOptimize(observation.data());
  }
  state.SetItemsProcessed(state.iterations());
}

/// With the statistics of episodes, as a training loop needs them.
void play(benchmark::State& state, VectorEnvironment& environments) {
  const auto E = static_cast<std::size_t>(environments.count());
  const std::vector<std::int32_t> actions = random_actions(environments.action_space().n);
  EpisodeStatistics statistics(environments.count());
  environments.reset(1);
  std::size_t k = 0;
  for (auto _ : state) {
    const VectorStep step = environments.step(std::span(actions).subspan(k, E));
    benchmark::DoNotOptimize(statistics.add(step).data());
    k = k + 2 * E <= kDrawn ? k + E : 0;
  }
  state.SetItemsProcessed(state.iterations() * environments.count());
}

void one_by_one(benchmark::State& state, const std::string& id) {
  const Registry registry = Registry::gymnasium();
  SyncVectorEnvironment environments([&] { return registry.make(id, options_for_random_actions(id)); }, state.range(0),
                                     AutoresetMode::same_step);
  play(state, environments);
}

void side_by_side(benchmark::State& state, const std::string& id, bool fast, int threads) {
  const VectorSettings settings{.mode = AutoresetMode::same_step, .fast = fast, .threads = threads};
  play(state, *Registry::gymnasium().make_vector(id, options_for_random_actions(id), state.range(0), settings));
}

void add(const std::string& name, const std::function<void(benchmark::State&)>& run) {
  auto* const benchmark = benchmark::RegisterBenchmark(name.c_str(), [run](benchmark::State& state) { run(state); });
  for (const std::int64_t count : {1, 64, 1024, 4096}) benchmark->Arg(count);
  benchmark->UseRealTime();  // where several threads work, one thread's time says nothing
}

}  // namespace

int main(int argc, char** argv) {
  const Registry registry = Registry::gymnasium();
  for (const EnvironmentSpec& spec : registry.list()) {
    const std::string id = spec.id;
    benchmark::RegisterBenchmark(("single/" + id).c_str(), single, id);
    add("one_by_one/" + id, [id](auto& state) { one_by_one(state, id); });
    add("side_by_side/" + id, [id](auto& state) { side_by_side(state, id, false, 1); });
    add("side_by_side_2_threads/" + id, [id](auto& state) { side_by_side(state, id, false, 2); });
    if (spec.make_fast_world) add("fast/" + id, [id](auto& state) { side_by_side(state, id, true, 1); });
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
