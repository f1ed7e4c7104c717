#include "app/run/checkpoint_plan.h"

#include <charconv>
#include <cmath>

#include "app/format.h"
#include "app/usage_error.h"

namespace handgrad::app {

CheckpointPlan parse_checkpoint_plan(const std::string& every, const std::string& keep) {
  constexpr std::int64_t kMostKept = 1'000'000;
  constexpr double kMostSeconds = 1e9;
  CheckpointPlan plan;
  plan.keep = static_cast<int>(parse_count(keep, "--keep", 1, kMostKept));
  if (every == "never") {
    plan.enabled = false;
    return plan;
  }
  double number = 0;
  const char* const end = every.data() + every.size();
  const auto [rest, problem] = std::from_chars(every.data(), end, number);
  const std::string unit(rest, end);
  const bool understood = problem == std::errc() && std::isfinite(number) && number > 0;
  if (understood && unit == "steps" && number == std::floor(number) && number < 0x1p53) {
    plan.every_seconds = 0;
    plan.every_env_steps = static_cast<std::int64_t>(number);
    return plan;
  }
  const double seconds = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  plan.every_seconds = number * seconds;
  if (!understood || seconds == 0 || plan.every_seconds > kMostSeconds) {
    wrong_use("--checkpoint-every '", every,
              "': expected a time such as 30s, 5m or 1h, a number of environment steps such as ", "20000steps, or never");
  }
  return plan;
}

}  // namespace handgrad::app
