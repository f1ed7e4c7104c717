#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "environment.h"
#include "options.h"

namespace handgrad {

/// Gymnasium's constructor argument of MountainCar.
struct MountainCarOptions {
  double goal_velocity = 0.0;  ///< how fast the car has to be at the goal
};

/// Reads goal_velocity. Throws Error for a wrong type or a number that is not finite.
MountainCarOptions mountain_car_options(const EnvironmentOptions& options);

/// MountainCar-v0 of Gymnasium 1.3.0, bit for bit: an engine too weak for the slope has to swing up (Moore 1990).
///
///   state   position in [-1.2, 0.6], velocity in [-0.07, 0.07], in double; both without unit, time steps are 1
///   observation [2]  the state, each number rounded to float32
///   action  0 push left, 1 none, 2 push right
///   reward  -1 a step
///   end     position >= 0.5 and velocity >= goal_velocity
///
/// An episode starts at rest, with a position uniform in [-0.6, -0.4). Steps after the end go on by the same physics.
class MountainCar : public Environment {
 public:
  /// Throws Error for a goal_velocity that is not finite.
  explicit MountainCar(const MountainCarOptions& options = {});

  const Space& observation_space() const override { return observation_space_; }
  const Discrete& action_space() const override { return action_space_; }
  void reset(std::optional<std::uint64_t> seed, std::span<float> observation) override;
  /// With a start position uniform in [low, high), Gymnasium's reset options. Throws Error unless low <= high, both finite.
  void reset(std::optional<std::uint64_t> seed, std::span<float> observation, double low, double high);
  StepResult step(std::int64_t action, std::span<float> observation) override;
  std::vector<double> state() const override { return {position_, velocity_}; }
  Snapshot save() const override;
  void load(const Snapshot& snapshot) override;

 private:
  void observe(std::span<float> observation) const;

  MountainCarOptions options_;
  Space observation_space_;
  Discrete action_space_{3};
  std::optional<Generator> stream_;
  double position_ = 0.0, velocity_ = 0.0;
};

}  // namespace handgrad
