#include "mountain_car.h"

#include <cmath>
#include <limits>

#include "../core/error.h"
#include "checks.h"
#include "mountain_car_physics.h"

namespace handgrad {
namespace {

constexpr std::string_view kName = "MountainCar";

using Physics = MountainCarPhysics;

Space observation_box() {
  const auto left = static_cast<float>(Physics::kLeftEnd), right = static_cast<float>(Physics::kRightEnd);
  const auto speed = static_cast<float>(Physics::kTopSpeed);
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
  reset(seed, observation, Physics::kStartLow, Physics::kStartHigh);
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

  roll(position_, velocity_, static_cast<double>(action), std::cos(3 * position_));
  observe(observation);
  return {-1.0, position_ >= Physics::kGoal && velocity_ >= options_.goal_velocity, false};
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
  constexpr double kMost = std::numeric_limits<float>::max();  // an observation has to hold it
  require(snapshot.values.size() == 2 && are_within(snapshot.values, kMost), kName,
          ": this snapshot was not saved by a MountainCar");
  stream_ = stream_of(snapshot);
  position_ = snapshot.values[0];
  velocity_ = snapshot.values[1];
}

}  // namespace handgrad
