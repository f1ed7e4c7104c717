// The measured train steps of DQN, and acting with a batch of one: NAME/CONFIGURATION/BACKEND. Beside them floor/fma, the time
// of a million floating-point operations at the peak, which every other time can be compared with.

#include "app/bench/acting.h"
#include "app/bench/peak.h"
#include "app/bench/train_step.h"
#include "suite.h"

using namespace handgrad;

namespace {

void floor_fma(benchmark::State& state) {
  for (auto _ : state) {
    app::Peaks peaks;
    peaks.round();
    state.SetIterationTime(1e6 / (peaks.best().gflops * 1e9));
  }
}

void train_step(benchmark::State& state, const std::string& backend, const app::TrainStepConfiguration& configuration) {
  app::TrainStep step(backend, configuration);
  for (auto _ : state) {
    step.run_once();
    benchmark::ClobberMemory();
  }
  state.counters["FLOP/s"] = benchmark::Counter(configuration.flops(), benchmark::Counter::kIsIterationInvariantRate);
}

void act(benchmark::State& state, const std::string& backend, const app::TrainStepConfiguration& configuration) {
  app::Acting agent(backend, configuration);
  for (auto _ : state) benchmark::DoNotOptimize(agent.run_once());
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::RegisterBenchmark("floor/fma", floor_fma)->UseManualTime()->Iterations(3);
  for (const auto& configuration : app::train_step_configurations()) {
    for (const std::string& backend : backends_for(configuration.flops())) {
      const std::string end = configuration.name + "/" + backend;
      benchmark::RegisterBenchmark(("train_step/" + end).c_str(), train_step, backend, configuration);
      benchmark::RegisterBenchmark(("act/" + end).c_str(), act, backend, configuration);
    }
  }
  return run_registered(argc, argv);
}
