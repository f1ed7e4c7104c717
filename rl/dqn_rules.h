#pragma once

#include "../core/random.h"
#include "../nn/mlp.h"
#include "dqn_config.h"
#include "replay_ring.h"

namespace handgrad::inline HANDGRAD_PRECISION {

// What DQN's configuration says of when things happen and of which shape they are: for the learner, and for whoever trains
// many of them at once. Nothing here computes.

/// The network: [D, hidden..., A].
MlpSpec q_network(const DqnConfig& config, std::int64_t observation_size, std::int64_t actions);

/// The replay memory.
ReplayConfig replay_config(const DqnConfig& config, std::int64_t observation_size, std::int64_t environments);

/// An environment's next action, if it is a random one: one draw says whether, with probability `share`, a second one which.
/// kGreedy if it is not.
inline constexpr std::int32_t kGreedy = -1;
inline std::int32_t random_action(double share, std::int64_t actions, Generator& exploration) {
  const bool explores = exploration.random() < share;
  return explores ? static_cast<std::int32_t>(exploration.integers(0, actions)) : kGreedy;
}

/// How many trainings are due when the environment steps go from `before` to `now`, with enough in memory for a batch.
std::int64_t trainings_due(const DqnConfig& config, std::int64_t before, std::int64_t now);

/// How often the target network follows then, if it counts environment steps.
std::int64_t follows_due(const DqnConfig& config, std::int64_t before, std::int64_t now);

/// Whether it follows after the train step that makes them so many, if it counts train steps.
bool follows_after(const TargetUpdate& target, std::int64_t train_steps);

}  // namespace handgrad::inline HANDGRAD_PRECISION
