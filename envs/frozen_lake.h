#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "frozen_lake_map.h"
#include "options.h"
#include "tabular.h"

namespace handgrad {

/// Gymnasium's constructor arguments of FrozenLake.
struct FrozenLakeOptions {
  std::optional<FrozenLakeMap> desc = std::nullopt;         ///< a map of your own; goes before map_name
  std::string map_name = "4x4";                             ///< "4x4" or "8x8"
  bool is_slippery = true;                                  ///< whether a step may slip sideways
  double success_rate = 1.0 / 3.0;                          ///< of a slippery step, [0, 1]; each side gets half of the rest
  std::array<double, 3> reward_schedule = {1.0, 0.0, 0.0};  ///< for reaching: goal, hole, anything else
};

/// Reads desc, map_name, is_slippery, success_rate and reward_schedule. Throws Error for a wrong type.
FrozenLakeOptions frozen_lake_options(const EnvironmentOptions& options);

/// FrozenLake-v1 of Gymnasium 1.3.0, bit for bit: cross the ice from S to G without falling into a hole.
///
///   state   row · columns + column
///   action  0 left, 1 down, 2 right, 3 up; an edge keeps the agent where it is
///   reward  by the letter reached: reward_schedule for G, H, and anything else (also for bumping into an edge)
///   end     on G or H, which nothing leaves: steps from there pay 0, whatever the schedule says
///
/// A slippery step goes where it was meant with probability success_rate, else to one of the two sides.
class FrozenLake : public TabularEnvironment {
 public:
  /// Throws Error for a map that check_frozen_lake_map refuses, an unknown map name, a success_rate outside [0, 1] or a
  /// reward that is not finite. (Stricter than Gymnasium on purpose: it validates none of these but the rows' lengths.)
  explicit FrozenLake(const FrozenLakeOptions& options = {});

  const FrozenLakeMap& map() const { return map_; }

  std::int64_t grid_columns() const override { return static_cast<std::int64_t>(map_[0].size()); }

  /// A line with the last action ("  (Down)", empty after a reset), then the map, the agent's cell on a red background.
  std::string ansi() const override;

 private:
  FrozenLake(const FrozenLakeOptions& options, FrozenLakeMap map);
  FrozenLakeMap map_;
};

}  // namespace handgrad
