#pragma once

#include <string>

#include "environment.h"

namespace handgrad {

/// How an integer state is shown to a learner that wants numbers.
enum class ObservationKind {
  raw,         ///< [1] the integer itself
  row_column,  ///< [2] row and column in a grid, not scaled
  one_hot,     ///< [S] 1 at the state, 0 elsewhere
};

std::string to_string(ObservationKind kind);

/// Shows the states of an environment with discrete observations in another way. What it does is the same.
class ObservationTransform : public Wrapper {
 public:
  /// Throws Error unless there is an environment whose observations are discrete, and, for row_column, whose states are the
  /// cells of a grid.
  ObservationTransform(std::unique_ptr<Environment> wrapped, ObservationKind kind);

  const Space& observation_space() const override { return observation_space_; }
  void reset(std::optional<std::uint64_t> seed, std::span<float> observation) override;
  StepResult step(std::int64_t action, std::span<float> observation) override;

  ObservationKind kind() const { return kind_; }
  /// How a state is shown.
  void show(float state, std::span<float> observation) const;

 private:
  ObservationKind kind_;
  std::int64_t first_ = 0;    // the lowest number of a state
  std::int64_t columns_ = 0;  // row_column only
  Space observation_space_;
};

}  // namespace handgrad
