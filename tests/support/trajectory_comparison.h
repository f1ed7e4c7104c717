#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "envs/registry.h"
#include "trajectory_file.h"

namespace handgrad::test {

/// What came of comparing. A case is an episode or a map; a comparison is one number, flag, row or length.
struct TrajectoryReport {
  std::int64_t passed = 0, failed = 0, skipped = 0;  // cases
  std::int64_t comparisons = 0;
  std::vector<std::string> failures;                // a line each: where and what differed first
  std::map<std::string, std::int64_t> skipped_ids;  // episodes of environments that the registry does not have

  std::int64_t cases() const { return passed + failed + skipped; }
};

/// Replays every recorded episode and map and compares bit for bit: -0.0 is not 0.0, and every NaN has its bits.
TrajectoryReport compare_trajectories(const TrajectoryFile& file, const Registry& registry);

/// The report for people: a line a failure, a line a skipped id, and the line "N passed, N failed".
std::string summary(const TrajectoryReport& report);

}  // namespace handgrad::test
