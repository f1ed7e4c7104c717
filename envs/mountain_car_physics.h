#pragma once

// The physics of MountainCar, once for everything that steps one, with a copy in each source that includes it: some are
// compiled for one instruction set. Constant expressions, so that a GPU's kernels can call them too.

namespace handgrad {
namespace {

struct MountainCarPhysics {
  static constexpr double kLeftEnd = -1.2, kRightEnd = 0.6;
  static constexpr double kTopSpeed = 0.07;
  static constexpr double kGoal = 0.5;
  static constexpr double kForce = 0.001;
  static constexpr double kGravity = 0.0025;
  static constexpr double kStartLow = -0.6, kStartHigh = -0.4;  // where an episode starts, at rest
};

/// As std::clamp, but of values, so that a loop of it becomes vector instructions.
template <class Number>
constexpr Number limited(Number value, Number low, Number high) {
  value = value < low ? low : value;
  return high < value ? high : value;
}

/// v += force + slope, x += v (Sutton and Barto, example 10.1), with the cosine of 3 x.
/// Trap: force and slope are added first, then to the velocity.
template <class Number>
constexpr void roll(Number& position, Number& velocity, Number action, Number cosine) {
  using P = MountainCarPhysics;
  constexpr auto kTopSpeed = Number(P::kTopSpeed), kLeftEnd = Number(P::kLeftEnd), kRightEnd = Number(P::kRightEnd);
  velocity += (action - Number(1)) * Number(P::kForce) + cosine * Number(-P::kGravity);
  velocity = limited(velocity, -kTopSpeed, kTopSpeed);
  position += velocity;
  position = limited(position, kLeftEnd, kRightEnd);
  const Number stopped = velocity < Number(0) ? Number(0) : velocity;
  velocity = position == kLeftEnd ? stopped : velocity;  // a wall on the left; on the right there is none
}

}  // namespace
}  // namespace handgrad
