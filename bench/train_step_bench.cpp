// A whole train step of DQN, and acting with a batch of one, on each backend.
//
// A train step: the batch lies ready; forward online and target, TD target, loss, backward, clip, optimiser, target update.

#include <benchmark/benchmark.h>

#include "core/backends.h"
#include "random_buffer.h"
#include "rl/dqn.h"

using namespace handgrad;

namespace {

struct Configuration {
  const char* name;
  std::vector<std::int64_t> hidden;
  std::int64_t batch;
};

const std::vector<Configuration> kConfigurations = {{"tutorial", {128, 128}, 128}, {"zoo", {256, 256}, 64},
                                                    {"cleanrl", {120, 84}, 128},   {"tf", {100, 50}, 64},
                                                    {"hadiji", {128}, 128},        {"rlmep", {16, 16}, 32}};
constexpr std::int64_t kObservationSize = 4, kActions = 2;

DqnConfig dqn_config(const Configuration& configuration) {
  DqnConfig config;
  config.hidden = configuration.hidden;
  config.batch_size = configuration.batch;
  config.clipping = {.kind = Clipping::Kind::value, .limit = 100};
  config.target = {.kind = TargetUpdate::Kind::soft};
  return config;
}

void train_step(benchmark::State& state, const std::string& name, const Configuration& configuration) {
  const auto backend = make_backend(name);
  const std::int64_t B = configuration.batch;
  Generator random(1);
  DqnStep step(*backend, dqn_config(configuration), kObservationSize, kActions, B, random);
  auto observations = random_buffer(*backend, B * kObservationSize);
  auto next_observations = random_buffer(*backend, B * kObservationSize);
  auto rewards = random_buffer(*backend, B), discounts = random_buffer(*backend, B, 0, 1);
  Buffer<std::int32_t> actions(*backend, B);
  const ReplayBatch batch{observations.matrix(B, kObservationSize), actions.span(), rewards.span(), discounts.span(),
                          next_observations.matrix(B, kObservationSize)};
  for (auto _ : state) {
    step.run(batch);
    step.follow();
    benchmark::ClobberMemory();
  }
}

/// Observation in, action out.
void act(benchmark::State& state, const std::string& name, const Configuration& configuration) {
  const auto backend = make_backend(name);
  Dqn dqn(*backend, dqn_config(configuration), kObservationSize, kActions, 1, 1);
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
    for (const Configuration& configuration : kConfigurations) {
      const std::string end = std::string(configuration.name) + "/" + info.name;
      benchmark::RegisterBenchmark(("train_step/" + end).c_str(), train_step, info.name, configuration);
      benchmark::RegisterBenchmark(("act/" + end).c_str(), act, info.name, configuration);
    }
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
