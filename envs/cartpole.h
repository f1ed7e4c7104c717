#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "environment.h"
#include "options.h"

namespace handgrad {

struct CartPoleOptions {
  /// Rewards of Sutton and Barto: 0 while balancing, -1 on every step at or after the fall. Else 1 a step until the fall,
  /// the falling step included, and 0 after it.
  bool sutton_barto_reward = false;
  /// How accelerations become motion: positions move with the old velocities (euler, what everybody uses) or with the new
  /// ones (semi_implicit). In Gymnasium an attribute, kinematics_integrator; here also an option of that name with the
  /// values "euler" and "semi-implicit".
  enum class Integrator { euler, semi_implicit } integrator = Integrator::euler;
};

/// Reads sutton_barto_reward and kinematics_integrator. Throws Error for a wrong type or an unknown integrator.
CartPoleOptions cartpole_options(const EnvironmentOptions& options);

/// CartPole-v0 and -v1 of Gymnasium 1.3.0 (they differ in the time limit), bit for bit: balance a pole on a cart by pushing
/// the cart left or right (Barto, Sutton and Anderson 1983).
///
///   state   x [m], x' [m/s], θ [rad, 0 upright, positive to the right], θ' [rad/s], in double
///   observation [4]  the state, each number rounded to float32
///   action  0 push left, 1 push right, 10 N for 0.02 s
///   end     |x| > 2.4 or |θ| > 12°
///
/// An episode starts with all four numbers uniform in [-0.05, 0.05). Steps after the end go on by the same physics.
class CartPole : public Environment {
 public:
  explicit CartPole(const CartPoleOptions& options = {});

  const Space& observation_space() const override { return observation_space_; }
  const Discrete& action_space() const override { return action_space_; }
  void reset(std::optional<std::uint64_t> seed, std::span<float> observation) override;
  /// With start values uniform in [low, high), Gymnasium's reset options. Throws Error unless low <= high, both finite.
  void reset(std::optional<std::uint64_t> seed, std::span<float> observation, double low, double high);
  StepResult step(std::int64_t action, std::span<float> observation) override;
  std::vector<double> state() const override { return {state_.begin(), state_.end()}; }
  Snapshot save() const override;
  void load(const Snapshot& snapshot) override;

 private:
  void observe(std::span<float> observation) const;

  CartPoleOptions options_;
  Space observation_space_;
  Discrete action_space_{2};
  std::optional<Generator> stream_;
  std::array<double, 4> state_{};
  bool fallen_ = false;  // an earlier step of this episode has terminated
};

}  // namespace handgrad
