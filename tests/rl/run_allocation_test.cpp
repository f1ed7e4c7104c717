// The training loop allocates nothing once it is under way: not a step, not an episode, not a train step.

#include "tests/support/allocations.h"

#ifdef HANDGRAD_COUNTS_ALLOCATIONS

#include "core/backends.h"
#include "envs/registry.h"
#include "rl/dqn.h"
#include "rl/trainer.h"
#include "tests/support/catch.h"

using namespace handgrad;
using handgrad::test::allocations_so_far;

TEST_CASE("A run of DQN allocates nothing after its first episodes, with callbacks or without") {
  const std::int64_t environments = GENERATE(1, 3);
  const int n_step = GENERATE(1, 3);
  const Registry registry = Registry::gymnasium();
  const auto make = [&] { return registry.make("CartPole-v1"); };
  const auto backend = make_backend(default_backend());
  DqnConfig config;
  config.hidden = {8, 8};
  config.batch_size = 8;
  config.replay_capacity = 300;  // so that much is overwritten
  config.n_step = n_step;
  config.target.kind = TargetUpdate::Kind::soft;
  config.epsilon = {.kind = Schedule::Kind::linear, .start = 1.0, .end = 0.5, .span = 500};
  Trainer trainer({.max_env_steps = 6000},
                  std::make_unique<SyncVectorEnvironment>(make, environments, AutoresetMode::same_step),
                  std::make_unique<Dqn>(*backend, config, 4, 2, environments, 1), make, 1);

  long before = 0, episodes = 0;
  double losses = 0;
  const TrainerCallbacks callbacks{.on_episode =
                                       [&](const EpisodeRecord& record) {
                                         ++episodes;
                                         losses += record.loss_mean.value_or(0);
                                       },
                                   .on_step =
                                       [&](const Progress& progress) {
                                         if (progress.env_steps / environments == 400 / environments) {
                                           before = allocations_so_far();
                                         }
                                         return progress.env_steps < 3000;
                                       }};
  CHECK(trainer.run(callbacks) == StopReason::callback);
  const long with_callbacks = allocations_so_far() - before;
  before = allocations_so_far();
  CHECK(trainer.run() == StopReason::env_steps);
  const long without = allocations_so_far() - before;
  INFO(environments << " environments, " << n_step << "-step returns");
  CHECK(episodes > 100);
  CHECK(losses > 0);
  CHECK(with_callbacks == 0);
  CHECK(without == 0);
}

TEST_CASE("A run that goes on from a state allocates nothing either, from its first step on") {
  const Registry registry = Registry::gymnasium();
  const auto make = [&] { return registry.make("CartPole-v1"); };
  const auto backend = make_backend(default_backend());
  DqnConfig config;
  config.hidden = {8};
  config.batch_size = 8;
  config.replay_capacity = 100;
  config.replay_replacement = false;
  const auto trainer = [&] {
    return Trainer({.max_env_steps = 2000}, std::make_unique<SyncVectorEnvironment>(make, 2, AutoresetMode::same_step),
                   std::make_unique<Dqn>(*backend, config, 4, 2, 2, 1), make, 1);
  };
  Trainer first = trainer(), second = trainer();
  first.run({.on_step = [](const Progress& progress) { return progress.env_steps < 500; }});
  second.load(first.save());
  const long before = allocations_so_far();
  CHECK(second.run() == StopReason::env_steps);
  CHECK(allocations_so_far() == before);
}

#endif
