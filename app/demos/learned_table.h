#pragma once

#include <cstdint>
#include <vector>

#include "app/config/run_config.h"

namespace handgrad::app {

/// What tabular learning has left behind.
struct LearnedTable {
  std::int64_t actions = 0;           ///< A
  std::vector<double> q;              ///< [F·A]
  std::vector<std::uint8_t> visited;  ///< [F·A] 1 where the action was ever taken in that state

  double visited_share() const;
};

/// Whether a run learns one table with a row a state, in one environment.
bool is_one_table(const RunConfig& config);

/// Trains as the configuration says, but without looking at it on the way. Throws Error unless it is_one_table.
LearnedTable learn_table(const RunConfig& config);

/// The preset frozenlake-table on the lake of this map.
LearnedTable learn_lake(const std::vector<std::string>& map, double gamma, std::uint64_t seed);

}  // namespace handgrad::app
