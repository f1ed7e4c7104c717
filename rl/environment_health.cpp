#include "environment_health.h"

#include "../core/error.h"

namespace handgrad {
namespace {

constexpr const char* kAdvice = ". Observations and rewards have to be finite: mend the environment";

std::string where(const StepName& name) {
  return name.step == 0 ? text(name.who, ' ', name.number, ", reset: ")
                        : text(name.who, ' ', name.number, ", step ", name.step, ": ");
}

}  // namespace

void refuse_observation(const StepName& name, const char* which, std::span<const float> observation) {
  const std::size_t component = first_non_finite(observation);
  fail(where(name), "component ", component, " of the ", which, " is ", observation[component], kAdvice);
}

void refuse_reward(const StepName& name, double reward) { fail(where(name), "the reward is ", reward, kAdvice); }

void require_finite_reset(std::span<const float> observations, std::int64_t environments) {
  const std::size_t D = observations.size() / static_cast<std::size_t>(environments);
  for (std::int64_t e = 0; e < environments; ++e) {
    require_finite({"environment", e, 0}, observations.subspan(static_cast<std::size_t>(e) * D, D));
  }
}

void require_finite_step(const VectorStep& step, std::int64_t env_steps) {
  const std::size_t E = step.rewards.size(), D = step.observations.size() / E;
  const bool seen_fine = all_finite(step.observations) && all_finite(step.rewards);
  for (std::size_t e = 0; e < E; ++e) {
    const bool ended = (step.terminated[e] | step.truncated[e]) != 0;
    if (seen_fine && !ended) continue;
    const StepName name{"environment", static_cast<std::int64_t>(e), env_steps / static_cast<std::int64_t>(E)};
    if (!is_finite(step.rewards[e])) refuse_reward(name, step.rewards[e]);
    const std::span<const float> next = step.observations.subspan(e * D, D);
    if (ended) {
      const std::span<const float> last = step.final_observations.subspan(e * D, D);
      if (!all_finite(last)) refuse_observation(name, "final observation", last);
    }
    if (!all_finite(next)) refuse_observation(name, ended ? "next episode's first observation" : "observation", next);
  }
}

}  // namespace handgrad
