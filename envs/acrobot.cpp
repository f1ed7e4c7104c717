#include "acrobot.h"

#include "../core/error.h"
#include "../core/suggest.h"
#include "acrobot_exact.h"
#include "acrobot_physics.h"
#include "checks.h"

namespace handgrad {
namespace {

constexpr std::string_view kName = "Acrobot";
constexpr double kMost = 100.0;  // of start values and noise: far beyond it a step of the integration has no meaning

using Physics = AcrobotPhysics;

Space observation_box() {
  const auto speed1 = static_cast<float>(Physics::kTopSpeed1), speed2 = static_cast<float>(Physics::kTopSpeed2);
  return Box{{-1, -1, -1, -1, -speed1, -speed2}, {1, 1, 1, 1, speed1, speed2}};
}

}  // namespace

AcrobotOptions acrobot_options(const EnvironmentOptions& options) {
  AcrobotOptions read;
  std::string dynamics = "book";
  read_option(options, "book_or_nips", dynamics);
  require(dynamics == "book" || dynamics == "nips", kName, ": book_or_nips is '", dynamics, "', expected 'book' or 'nips'.",
          did_you_mean(dynamics, {"book", "nips"}));
  if (dynamics == "nips") read.dynamics = AcrobotOptions::Dynamics::nips;
  read_option(options, "torque_noise_max", read.torque_noise_max);
  return read;
}

Acrobot::Acrobot(const AcrobotOptions& options) : options_(options), observation_space_(observation_box()) {
  const double noise = options.torque_noise_max;
  require(noise >= 0.0 && noise <= kMost, kName, ": torque_noise_max is ", noise, ", expected a number in [0, ", kMost, "]");
}

void Acrobot::reset(std::optional<std::uint64_t> seed, std::span<float> observation) {
  reset(seed, observation, -Physics::kStart, Physics::kStart);
}

void Acrobot::reset(std::optional<std::uint64_t> seed, std::span<float> observation, double low, double high) {
  require_observation(observation, 6, kName);
  require(-kMost <= low && low <= high && high <= kMost, kName, ": start values in [", low, ", ", high,
          "), expected low <= high, both within ±", kMost);
  Generator& stream = seeded(stream_, seed, kName);
  for (double* value : {&state_.angle1, &state_.angle2, &state_.velocity1, &state_.velocity2}) {
    *value = static_cast<float>(stream.uniform(low, high));
  }
  observe_acrobot_start(state_, observation.data());
}

StepResult Acrobot::step(std::int64_t action, std::span<float> observation) {
  require_action(action, action_space_, kName);
  require_started(stream_, kName);
  require_observation(observation, 6, kName);

  auto torque = static_cast<double>(action - 1);
  const double noise = options_.torque_noise_max;
  if (noise > 0.0) torque += stream_->uniform(-noise, noise);
  move_acrobot(state_, torque, options_.dynamics == AcrobotOptions::Dynamics::book);
  observe_acrobot(state_, observation.data());
  const bool terminated = acrobot_is_up(state_);
  return {terminated ? 0.0 : -1.0, terminated, false};
}

Snapshot Acrobot::save() const {
  Snapshot snapshot;
  if (stream_) snapshot.stream = stream_->state();
  snapshot.values = state();
  return snapshot;
}

void Acrobot::load(const Snapshot& snapshot) {
  require(snapshot.values.size() == 4 && are_within(snapshot.values, kMost), kName,
          ": this snapshot was not saved by an Acrobot");
  stream_ = stream_of(snapshot);
  state_ = {snapshot.values[0], snapshot.values[1], snapshot.values[2], snapshot.values[3]};
}

}  // namespace handgrad
