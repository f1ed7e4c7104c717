// A whole train step of DQN, and acting with a batch of one, on each backend.
//
// A train step: the batch lies ready; forward online and target, TD target, loss, backward, clip, optimiser, target update.

#include <benchmark/benchmark.h>

#include "app/bench/train_step.h"
#include "core/backends.h"
#include "rl/dqn.h"

using namespace handgrad;

namespace {

void train_step(benchmark::State& state, const std::string& backend, const app::TrainStepConfiguration& configuration) {
  app::TrainStep step(backend, configuration);
  for (auto _ : state) {
    step.run_once();
    benchmark::ClobberMemory();
  }
  state.counters["FLOP/s"] = benchmark::Counter(configuration.flops(), benchmark::Counter::kIsIterationInvariantRate);
}

/// Observation in, action out.
void act(benchmark::State& state, const std::string& name, const app::TrainStepConfiguration& configuration) {
  const auto backend = make_backend(name);
  Dqn dqn(*backend, configuration.dqn, app::TrainStepConfiguration::kObservationSize, app::TrainStepConfiguration::kActions, 1,
          1);
  const std::vector<float> observation = {0.1F, -0.2F, 0.03F, 0.4F};
  std::vector<std::int32_t> action(1);
  for (auto _ : state) {
    dqn.act_greedily(observation, action);
    benchmark::DoNotOptimize(action.data());
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const BackendInfo& info : list_backends()) {
    if (!info.available || (info.name != "reference" && info.name != "eigen")) continue;
    for (const app::TrainStepConfiguration& configuration : app::train_step_configurations()) {
      const std::string end = configuration.name + "/" + info.name;
      benchmark::RegisterBenchmark(("train_step/" + end).c_str(), train_step, info.name, configuration);
      benchmark::RegisterBenchmark(("act/" + end).c_str(), act, info.name, configuration);
    }
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
