#include "mountain_car.h"

#include <algorithm>
#include <cmath>

#include "../core/error.h"
#include "checks.h"

namespace handgrad {
namespace {

constexpr std::string_view kName = "MountainCar";

constexpr double kLeftEnd = -1.2, kRightEnd = 0.6;
constexpr double kTopSpeed = 0.07;
constexpr double kGoal = 0.5;
constexpr double kForce = 0.001;
constexpr double kGravity = 0.0025;

Space observation_box() {
  const auto left = static_cast<float>(kLeftEnd), right = static_cast<float>(kRightEnd), speed = static_cast<float>(kTopSpeed);
  return Box{{left, -speed}, {right, speed}};
}

}  // namespace

MountainCarOptions mountain_car_options(const EnvironmentOptions& options) {
  MountainCarOptions read;
  read_option(options, "goal_velocity", read.goal_velocity);
  return read;
}

MountainCar::MountainCar(const MountainCarOptions& options) : options_(options), observation_space_(observation_box()) {
  require(std::isfinite(options.goal_velocity), kName, ": goal_velocity is ", options.goal_velocity,
          ", expected a finite number");
}

void MountainCar::reset(std::optional<std::uint64_t> seed, std::span<float> observation) {
  reset(seed, observation, -0.6, -0.4);
}

void MountainCar::reset(std::optional<std::uint64_t> seed, std::span<float> observation, double low, double high) {
  require_observation(observation, 2, kName);
  require(low <= high && std::isfinite(high - low), kName, ": start positions in [", low, ", ", high,
          "), expected low <= high, both finite");
  position_ = seeded(stream_, seed, kName).uniform(low, high);
  velocity_ = 0.0;
  observe(observation);
}

StepResult MountainCar::step(std::int64_t action, std::span<float> observation) {
  require_action(action, action_space_, kName);
  require_started(stream_, kName);
  require_observation(observation, 2, kName);

  // v += force + slope, x += v (Sutton and Barto, example 10.1). Trap: force and slope are added first, then to the velocity.
  velocity_ += static_cast<double>(action - 1) * kForce + std::cos(3 * position_) * -kGravity;
  velocity_ = std::clamp(velocity_, -kTopSpeed, kTopSpeed);
  position_ += velocity_;
  position_ = std::clamp(position_, kLeftEnd, kRightEnd);
  if (position_ == kLeftEnd && velocity_ < 0.0) velocity_ = 0.0;  // a wall on the left; on the right there is none

  observe(observation);
  return {-1.0, position_ >= kGoal && velocity_ >= options_.goal_velocity, false};
}

void MountainCar::observe(std::span<float> observation) const {
  observation[0] = static_cast<float>(position_);
  observation[1] = static_cast<float>(velocity_);
}

Snapshot MountainCar::save() const {
  Snapshot snapshot;
  if (stream_) snapshot.stream = stream_->state();
  snapshot.values = {position_, velocity_};
  return snapshot;
}

void MountainCar::load(const Snapshot& snapshot) {
  require(snapshot.values.size() == 2, kName, ": this snapshot was not saved by a MountainCar");
  stream_ = snapshot.stream ? std::optional(Generator::from_state(*snapshot.stream)) : std::nullopt;
  position_ = snapshot.values[0];
  velocity_ = snapshot.values[1];
}

}  // namespace handgrad
