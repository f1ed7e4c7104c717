#pragma once

#include <cstdint>
#include <span>

#include "../core/finite.h"
#include "../envs/vector_environment.h"

namespace handgrad {

// What environments say is taken from programs of many authors. A number that is infinite or NaN is told at once, by where it
// came from: in a network or a table it would end the run much later, and nobody could tell why.

/// Whom to name. `who` is text such as "environment" or "the environment of evaluation episode", `number` which of them.
struct StepName {
  const char* who;
  std::int64_t number;
  std::int64_t step;  ///< of that environment; 0: its reset
};

/// Throws Error naming component and value, if one of an observation [D] is not finite; the other for a reward.
[[noreturn]] void refuse_observation(const StepName& name, const char* which, std::span<const float> observation);
[[noreturn]] void refuse_reward(const StepName& name, double reward);

/// One environment's step or reset.
inline void require_finite(const StepName& name, std::span<const float> observation, double reward = 0.0) {
  if (!all_finite(observation)) [[unlikely]]
    refuse_observation(name, "observation", observation);
  if (!is_finite(reward)) [[unlikely]]
    refuse_reward(name, reward);
}

/// Observations [E, D] of a reset.
void require_finite_reset(std::span<const float> observations, std::int64_t environments);

/// Everything of a vector step, of final observations those that are valid. `env_steps` is the steps made so far over all
/// environments, these included.
void require_finite_step(const VectorStep& step, std::int64_t env_steps);

}  // namespace handgrad
