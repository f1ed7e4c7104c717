// A run that stops half-way and goes on in new objects, beside the same run left alone: equal to the last bit.
#include <handgrad/core/backends.h>
#include <handgrad/envs/registry.h>
#include <handgrad/rl/dqn.h>
#include <handgrad/rl/trainer.h>

#include <cstdio>

using namespace handgrad;

namespace {

constexpr std::uint64_t kSeed = 1;

std::unique_ptr<Environment> cartpole() { return Registry::gymnasium().make("CartPole-v1"); }

/// Always the same run, from its beginning. The backend has to outlive it.
Trainer make_run(Backend& backend) {
  DqnConfig config;
  config.hidden = {32, 32};
  config.optimizer.lr = 2e-3;
  config.batch_size = 64;
  config.target = {.kind = TargetUpdate::Kind::soft, .tau = 0.02};
  config.epsilon = {.kind = Schedule::Kind::linear, .start = 1.0, .end = 0.05, .span = 2000};
  return Trainer({.max_env_steps = 4000, .evaluate_every_env_steps = 1000, .evaluation_episodes = 10},
                 std::make_unique<SyncVectorEnvironment>(cartpole, 1, AutoresetMode::same_step),
                 std::make_unique<Dqn>(backend, config, 4, 2, 1, kSeed), cartpole, kSeed);
}

}  // namespace

int main() {
  const auto backend = make_backend(default_backend());
  Trainer whole = make_run(*backend);
  whole.run();

  // Stop in the middle of an episode, and write everything down: networks, replay memory, random streams, the pole.
  Trainer first = make_run(*backend);
  first.run({.on_step = [](const Progress& progress) { return progress.env_steps < 1234; }});
  const State state = first.save();

  Trainer second = make_run(*backend);
  second.load(state);
  second.run();

  const bool equal = second.save() == whole.save();
  std::printf("stopped after 1234 steps, with %zu values and %zu arrays written down\n", state.values.size(),
              state.arrays.size());
  std::printf("last 100 episodes: %.17g resumed, %.17g left alone\n", second.recent_return_mean().value_or(0),
              whole.recent_return_mean().value_or(0));
  std::printf("%s\n", equal ? "equal to the last bit" : "not equal");
  return equal ? 0 : 1;
}
