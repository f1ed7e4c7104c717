#include "acrobot.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "../core/error.h"
#include "../core/suggest.h"
#include "checks.h"
#include "numpy_trigonometry.h"

namespace handgrad {
namespace {

constexpr std::string_view kName = "Acrobot";
constexpr double kPi = std::numbers::pi;
constexpr double kTopSpeed1 = 4 * kPi, kTopSpeed2 = 9 * kPi;  // rad/s
constexpr double kTimeStep = 0.2;                             // s
constexpr double kMost = 100.0;  // of start values and noise: far beyond it a step of the integration has no meaning

// Links are 1 m long, weigh 1 kg, have their mass in the middle and a moment of inertia of 1 kg m². What is left of them in
// the equations:
constexpr double kSquaredCentre = 0.25;         // m²
constexpr double kWeight2 = 0.5 * 9.8;          // m2 lc2 g
constexpr double kWeight1 = (0.5 + 1.0) * 9.8;  // (m1 lc1 + m2 l1) g

using State = std::array<double, 4>;  // θ1, θ2, θ1', θ2'

/// Python's x ** 2, which is the C library's pow. Trap: GCC turns pow(x, 2.0) into x · x, which is another number in one of
/// 1,200 cases, and some 100 steps later another trajectory. Hence an exponent that the compiler cannot know.
const volatile double kTwo = 2.0;
double squared(double x) { return std::pow(x, kTwo); }

/// d(state)/dt (Sutton and Barto 1998, section 11.3). Trap: the grouping is part of the result, as in CartPole.
State derivative(const State& state, double torque, AcrobotOptions::Dynamics dynamics) {
  const auto& [angle1, angle2, velocity1, velocity2] = state;
  const double c2 = std::cos(angle2), s2 = std::sin(angle2);
  const double d1 = kSquaredCentre + (1.0 + kSquaredCentre + c2) + 1.0 + 1.0;
  const double d2 = (kSquaredCentre + 0.5 * c2) + 1.0;
  const double phi2 = kWeight2 * std::cos(angle1 + angle2 - kPi / 2.0);
  const double phi1 =
      -0.5 * squared(velocity2) * s2 - velocity2 * velocity1 * s2 + kWeight1 * std::cos(angle1 - kPi / 2.0) + phi2;
  double pull = torque + d2 / d1 * phi1;
  if (dynamics == AcrobotOptions::Dynamics::book) pull -= 0.5 * squared(velocity1) * s2;
  const double acceleration2 = (pull - phi2) / (kSquaredCentre + 1.0 - squared(d2) / d1);
  const double acceleration1 = -(d2 * acceleration2 + phi1) / d1;
  return {velocity1, velocity2, acceleration1, acceleration2};
}

/// y + h k, element by element.
State advanced(const State& y, double h, const State& k) {
  State result;
  for (std::size_t i = 0; i < y.size(); ++i) result[i] = y[i] + h * k[i];
  return result;
}

/// One step of the classical Runge-Kutta method, the torque constant.
State runge_kutta(const State& y, double torque, AcrobotOptions::Dynamics dynamics) {
  constexpr double kHalf = kTimeStep / 2.0;
  const State k1 = derivative(y, torque, dynamics);
  const State k2 = derivative(advanced(y, kHalf, k1), torque, dynamics);
  const State k3 = derivative(advanced(y, kHalf, k2), torque, dynamics);
  const State k4 = derivative(advanced(y, kTimeStep, k3), torque, dynamics);
  State result;
  for (std::size_t i = 0; i < y.size(); ++i) {
    result[i] = y[i] + kTimeStep / 6.0 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
  }
  return result;
}

/// The same angle in [-π, π].
double wrapped(double angle) {
  while (angle > kPi) angle -= 2 * kPi;
  while (angle < -kPi) angle += 2 * kPi;
  return angle;
}

Space observation_box() {
  const auto speed1 = static_cast<float>(kTopSpeed1), speed2 = static_cast<float>(kTopSpeed2);
  return Box{{-1, -1, -1, -1, -speed1, -speed2}, {1, 1, 1, 1, speed1, speed2}};
}

void observe(const State& state, std::span<float> observation) {
  const auto& [angle1, angle2, velocity1, velocity2] = state;
  const std::array<double, 6> values{std::cos(angle1), std::sin(angle1), std::cos(angle2),
                                     std::sin(angle2), velocity1,        velocity2};
  std::transform(values.begin(), values.end(), observation.begin(), [](double value) { return static_cast<float>(value); });
}

/// Trap: Gymnasium keeps a start in float32, and NumPy has sines and cosines of its own for float32.
void observe_start(const State& state, std::span<float> observation) {
  for (std::size_t joint = 0; joint < 2; ++joint) {
    const auto angle = static_cast<float>(state[joint]);
    observation[2 * joint] = numpy_cos(angle);
    observation[2 * joint + 1] = numpy_sin(angle);
    observation[4 + joint] = static_cast<float>(state[2 + joint]);
  }
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

void Acrobot::reset(std::optional<std::uint64_t> seed, std::span<float> observation) { reset(seed, observation, -0.1, 0.1); }

void Acrobot::reset(std::optional<std::uint64_t> seed, std::span<float> observation, double low, double high) {
  require_observation(observation, 6, kName);
  require(-kMost <= low && low <= high && high <= kMost, kName, ": start values in [", low, ", ", high,
          "), expected low <= high, both within ±", kMost);
  Generator& stream = seeded(stream_, seed, kName);
  for (double& value : state_) value = static_cast<float>(stream.uniform(low, high));
  observe_start(state_, observation);
}

StepResult Acrobot::step(std::int64_t action, std::span<float> observation) {
  require_action(action, action_space_, kName);
  require_started(stream_, kName);
  require_observation(observation, 6, kName);

  auto torque = static_cast<double>(action - 1);
  const double noise = options_.torque_noise_max;
  if (noise > 0.0) torque += stream_->uniform(-noise, noise);
  state_ = runge_kutta(state_, torque, options_.dynamics);
  auto& [angle1, angle2, velocity1, velocity2] = state_;
  angle1 = wrapped(angle1);
  angle2 = wrapped(angle2);
  velocity1 = std::clamp(velocity1, -kTopSpeed1, kTopSpeed1);
  velocity2 = std::clamp(velocity2, -kTopSpeed2, kTopSpeed2);

  observe(state_, observation);
  const bool terminated = -std::cos(angle1) - std::cos(angle2 + angle1) > 1.0;
  return {terminated ? 0.0 : -1.0, terminated, false};
}

Snapshot Acrobot::save() const {
  Snapshot snapshot;
  if (stream_) snapshot.stream = stream_->state();
  snapshot.values.assign(state_.begin(), state_.end());
  return snapshot;
}

void Acrobot::load(const Snapshot& snapshot) {
  require(snapshot.values.size() == state_.size(), kName, ": this snapshot was not saved by an Acrobot");
  stream_ = snapshot.stream ? std::optional(Generator::from_state(*snapshot.stream)) : std::nullopt;
  std::copy_n(snapshot.values.begin(), state_.size(), state_.begin());
}

}  // namespace handgrad
