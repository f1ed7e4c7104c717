#include "cartpole.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../core/error.h"
#include "../core/suggest.h"
#include "cartpole_physics.h"
#include "checks.h"

namespace handgrad {
namespace {

constexpr std::string_view kName = "CartPole";

using Physics = CartPolePhysics;

Space observation_box() {
  const float infinity = std::numeric_limits<float>::infinity();
  // Twice the limits: the last observation is inside too.
  const auto position = static_cast<float>(2 * Physics::kPositionLimit), angle = static_cast<float>(2 * Physics::kAngleLimit);
  return Box{{-position, -infinity, -angle, -infinity}, {position, infinity, angle, infinity}};
}

}  // namespace

CartPoleOptions cartpole_options(const EnvironmentOptions& options) {
  CartPoleOptions read;
  read_option(options, "sutton_barto_reward", read.sutton_barto_reward);
  std::string integrator = "euler";
  read_option(options, "kinematics_integrator", integrator);
  require(integrator == "euler" || integrator == "semi-implicit", kName, ": kinematics_integrator is '", integrator,
          "', expected 'euler' or 'semi-implicit'.", did_you_mean(integrator, {"euler", "semi-implicit"}));
  if (integrator != "euler") read.integrator = CartPoleOptions::Integrator::semi_implicit;
  return read;
}

CartPole::CartPole(const CartPoleOptions& options) : options_(options), observation_space_(observation_box()) {}

void CartPole::reset(std::optional<std::uint64_t> seed, std::span<float> observation) {
  reset(seed, observation, -Physics::kStart, Physics::kStart);
}

void CartPole::reset(std::optional<std::uint64_t> seed, std::span<float> observation, double low, double high) {
  require_observation(observation, state_.size(), kName);
  require(low <= high && std::isfinite(high - low), kName, ": start values in [", low, ", ", high,
          "), expected low <= high, both finite");
  Generator& stream = seeded(stream_, seed, kName);
  for (double& value : state_) value = stream.uniform(low, high);
  fallen_ = false;
  observe(observation);
}

StepResult CartPole::step(std::int64_t action, std::span<float> observation) {
  require_action(action, action_space_, kName);
  require_started(stream_, kName);
  require_observation(observation, state_.size(), kName);

  auto& [x, x_dot, angle, angle_dot] = state_;
  const double force = action == 1 ? Physics::kForce : -Physics::kForce;
  const auto a = accelerate(force, std::cos(angle), std::sin(angle), angle_dot);
  if (options_.integrator == CartPoleOptions::Integrator::euler) {
    x += Physics::kTimeStep * x_dot;
    x_dot += Physics::kTimeStep * a.cart;
    angle += Physics::kTimeStep * angle_dot;
    angle_dot += Physics::kTimeStep * a.pole;
  } else {
    x_dot += Physics::kTimeStep * a.cart;
    x += Physics::kTimeStep * x_dot;
    angle_dot += Physics::kTimeStep * a.pole;
    angle += Physics::kTimeStep * angle_dot;
  }

  const bool terminated = x < -Physics::kPositionLimit || x > Physics::kPositionLimit || angle < -Physics::kAngleLimit ||
                          angle > Physics::kAngleLimit;
  const bool fell_before = fallen_;
  fallen_ = fallen_ || terminated;
  observe(observation);
  if (options_.sutton_barto_reward) return {terminated ? -1.0 : 0.0, terminated, false};
  // Stepping on after the fall pays nothing, unless the pole has swung back inside the limits.
  return {terminated && fell_before ? 0.0 : 1.0, terminated, false};
}

void CartPole::observe(std::span<float> observation) const {
  std::transform(state_.begin(), state_.end(), observation.begin(), [](double value) { return static_cast<float>(value); });
}

Snapshot CartPole::save() const {
  Snapshot snapshot;
  if (stream_) snapshot.stream = stream_->state();
  snapshot.values.assign(state_.begin(), state_.end());
  snapshot.values.push_back(fallen_ ? 1.0 : 0.0);
  return snapshot;
}

void CartPole::load(const Snapshot& snapshot) {
  constexpr double kMost = std::numeric_limits<float>::max();  // an observation has to hold it
  const std::vector<double>& values = snapshot.values;
  require(values.size() == state_.size() + 1 && are_within(values, kMost) && is_whole(values.back(), 0, 1), kName,
          ": this snapshot was not saved by a CartPole");
  stream_ = stream_of(snapshot);
  std::copy_n(snapshot.values.begin(), state_.size(), state_.begin());
  fallen_ = snapshot.values.back() != 0.0;
}

}  // namespace handgrad
