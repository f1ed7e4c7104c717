#pragma once

#include <cstdint>
#include <string>

namespace handgrad::app {

/// When a run is written down so that it can be gone on with. What it learns does not depend on it.
struct CheckpointPlan {
  bool enabled = true;               ///< false: never, not even in the end
  double every_seconds = 30;         ///< 0: not by the clock
  std::int64_t every_env_steps = 0;  ///< 0: not by environment steps
  int keep = 2;                      ///< how many are kept, the newest ones
};

/// "30s", "5m", "1h", "20000steps" or "never"; a number alone means seconds. Throws UsageError.
CheckpointPlan parse_checkpoint_plan(const std::string& every, const std::string& keep);

}  // namespace handgrad::app
