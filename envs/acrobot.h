#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "acrobot_state.h"
#include "environment.h"
#include "options.h"

namespace handgrad {

struct AcrobotOptions {
  /// Equations of motion of Sutton and Barto's book, or those of the paper (Sutton 1996), which lack a term of the second
  /// joint. In Gymnasium an attribute, book_or_nips; here also an option of that name with the values "book" and "nips".
  enum class Dynamics { book, nips } dynamics = Dynamics::book;
  /// Adds uniform noise in ±torque_noise_max to the torque [N m, 0 to 100]. In Gymnasium an attribute; here also an option.
  double torque_noise_max = 0.0;
};

/// Reads book_or_nips and torque_noise_max. Throws Error for a wrong type or unknown dynamics.
AcrobotOptions acrobot_options(const EnvironmentOptions& options);

/// Acrobot-v1 of Gymnasium 1.3.0, bit for bit: swing a two-link pendulum up by a motor at its elbow (Sutton 1996).
///
///   state   θ1 [rad, 0 hanging down], θ2 [rad, relative to the first link], θ1' in ±4π, θ2' in ±9π [rad/s], in double
///   observation [6]  cos θ1, sin θ1, cos θ2, sin θ2, θ1', θ2', each number rounded to float32
///   action  torque -1, 0, +1 N m for 0.2 s, one step of the classical Runge-Kutta method
///   reward  -1 a step, 0 for the one that ends
///   end     the tip is higher than one link above the pivot: -cos θ1 - cos(θ1 + θ2) > 1
///
/// An episode starts with all four numbers uniform in [-0.1, 0.1), rounded to float32. Steps after the end go on by the same
/// physics.
class Acrobot : public Environment {
 public:
  /// Throws Error for a torque_noise_max outside [0, 100].
  explicit Acrobot(const AcrobotOptions& options = {});

  const Space& observation_space() const override { return observation_space_; }
  const Discrete& action_space() const override { return action_space_; }
  void reset(std::optional<std::uint64_t> seed, std::span<float> observation) override;
  /// With start values uniform in [low, high), Gymnasium's reset options. Throws Error unless -100 <= low <= high <= 100.
  void reset(std::optional<std::uint64_t> seed, std::span<float> observation, double low, double high);
  StepResult step(std::int64_t action, std::span<float> observation) override;
  std::vector<double> state() const override { return {state_.angle1, state_.angle2, state_.velocity1, state_.velocity2}; }
  Snapshot save() const override;
  void load(const Snapshot& snapshot) override;

 private:
  AcrobotOptions options_;
  Space observation_space_;
  Discrete action_space_{3};
  std::optional<Generator> stream_;
  AcrobotState<double> state_{};
};

}  // namespace handgrad
