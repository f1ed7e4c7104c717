#pragma once

#include <string>

#include "options.h"
#include "tabular.h"

namespace handgrad {

/// Gymnasium's constructor argument of CliffWalking.
struct CliffWalkingOptions {
  bool is_slippery = false;  ///< a step goes where it was meant, or to one of the two sides, with probability 1/3 each
};

/// Reads is_slippery. Throws Error for a wrong type.
CliffWalkingOptions cliff_walking_options(const EnvironmentOptions& options);

/// CliffWalking-v1 and CliffWalkingSlippery-v1 of Gymnasium 1.3.0, bit for bit: from the lower left to the lower right corner
/// of 4 × 12 cells, along a cliff (Sutton and Barto, example 6.6).
///
///   state   row · 12 + column; start 36 (3, 0), goal 47 (3, 11), cliff (3, 1) to (3, 10)
///   action  0 up, 1 right, 2 down, 3 left; an edge keeps the agent where it is
///   reward  -1 a step, the one into the goal included; -100 into the cliff, which leads back to the start
///   end     in the goal only: a fall goes on
///
/// Stepping on from the goal follows the table, which leaves it as any other cell. There is no time limit.
class CliffWalking : public TabularEnvironment {
 public:
  explicit CliffWalking(const CliffWalkingOptions& options = {});

  std::int64_t grid_columns() const override;
  /// The grid, two blanks between cells: x agent, T goal, C cliff, o any other; and an empty line.
  std::string ansi() const override;
};

}  // namespace handgrad
