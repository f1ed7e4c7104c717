// What surrounds a train step: the replay memory and the training loop, on CartPole.
//
//   replay_add/E                            one step of E environments taken in
//   replay_sample/B/n                       a batch of B transitions of n-step returns, drawn and gathered
//   replay_sample_without_replacement/B     the same, no transition twice
//   trainer/acting/CONFIGURATION/BACKEND    a step of the training loop: act, step, observe
//   trainer/learning/CONFIGURATION/BACKEND  the same with a train step

#include <limits>

#include "app/bench/train_step.h"
#include "envs/registry.h"
#include "rl/dqn.h"
#include "rl/trainer.h"
#include "suite.h"

using namespace handgrad;

namespace {

std::unique_ptr<VectorEnvironment> cartpoles(std::int64_t count) {
  return std::make_unique<SyncVectorEnvironment>([] { return Registry::gymnasium().make("CartPole-v1"); }, count,
                                                 AutoresetMode::same_step);
}

/// A memory of 10,000 transitions with `steps` vector steps of random play in it.
struct FilledReplay {
  FilledReplay(Backend& backend, ReplayConfig config, int steps)
      : environments(cartpoles(config.environments)),
        replay(backend, config),
        actions(static_cast<std::size_t>(config.environments)) {
    replay.start(environments->reset(1));
    for (int i = 0; i < steps; ++i) add();
  }

  void add() {
    for (std::int32_t& action : actions) action = static_cast<std::int32_t>(random.integers(0, 2));
    last = environments->step(actions);
    replay.add(actions, last);
  }

  Generator random{1};
  std::unique_ptr<VectorEnvironment> environments;
  Replay replay;
  std::vector<std::int32_t> actions;
  VectorStep last;
};

void replay_add(benchmark::State& state) {
  const auto backend = make_backend(default_backend());
  FilledReplay filled(*backend, {.environments = state.range(0), .observation_size = 4}, 1);
  for (auto _ : state) filled.replay.add(filled.actions, filled.last);  // the same step again and again
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void replay_sample(benchmark::State& state, bool replacement) {
  const std::int64_t B = state.range(0);
  const auto backend = make_backend(default_backend());
  FilledReplay filled(*backend,
                      {.observation_size = 4,
                       .batch_size = B,
                       .replacement = replacement,
                       .n_step = replacement ? static_cast<int>(state.range(1)) : 1},
                      12'000);
  for (auto _ : state) benchmark::DoNotOptimize(filled.replay.sample(B, filled.random));
  state.SetItemsProcessed(state.iterations() * B);
}

/// The training loop, some steps at a time.
void trainer(benchmark::State& state, const std::string& backend_name, const app::TrainStepConfiguration& configuration,
             bool learning) {
  constexpr std::int64_t kSteps = 200;
  DqnConfig dqn = configuration.dqn;
  dqn.learning_starts = learning ? 0 : std::numeric_limits<std::int64_t>::max();
  dqn.epsilon = {.start = 0.1};
  const auto backend = make_backend(backend_name);
  Trainer trainer(
      {.max_env_steps = std::numeric_limits<std::int64_t>::max()}, cartpoles(1),
      std::make_unique<Dqn>(*backend, dqn, 4, 2, 1, 1), [] { return Registry::gymnasium().make("CartPole-v1"); }, 1);
  const auto some_steps = [&] {
    const std::int64_t end = trainer.progress().env_steps + kSteps;
    trainer.run({.on_step = [&](const Progress& progress) { return progress.env_steps < end; }});
  };
  some_steps();
  for (auto _ : state) some_steps();
  state.counters["step"] = benchmark::Counter(static_cast<double>(kSteps),
                                              benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::RegisterBenchmark("replay_add", replay_add)->Arg(1)->Arg(16);
  auto* sample = benchmark::RegisterBenchmark("replay_sample", replay_sample, true);
  for (const std::int64_t B : {32, 64, 128}) sample->Args({B, 1});
  sample->Args({128, 3});
  benchmark::RegisterBenchmark("replay_sample_without_replacement", replay_sample, false)->Arg(128);
  for (const char* name : {"tutorial", "rlmep"}) {
    const auto configuration = app::train_step_configuration(name);
    for (const char* backend : {"eigen", "simd"}) {
      const std::string end = std::string(name) + "/" + backend;
      benchmark::RegisterBenchmark(("trainer/acting/" + end).c_str(), trainer, backend, configuration, false);
      benchmark::RegisterBenchmark(("trainer/learning/" + end).c_str(), trainer, backend, configuration, true);
    }
  }
  return run_registered(argc, argv);
}
