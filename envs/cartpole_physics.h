#pragma once

#include <numbers>

// The physics of CartPole, once for everything that steps one: single environment, and the loops over arrays that are
// compiled for several instruction sets. Hence the unnamed namespace: each source that includes this has a copy of its own.
// Constant expressions, so that a GPU's kernels can call them too.

namespace handgrad {
namespace {

struct CartPolePhysics {
  static constexpr double kGravity = 9.8;   // m/s²
  static constexpr double kPoleMass = 0.1;  // kg
  static constexpr double kTotalMass = 0.1 + 1.0;
  static constexpr double kHalfLength = 0.5;  // m, from the axle to the centre of the pole
  static constexpr double kPoleMassLength = kPoleMass * kHalfLength;
  static constexpr double kForce = 10.0;     // N
  static constexpr double kTimeStep = 0.02;  // s
  static constexpr double kPositionLimit = 2.4;
  static constexpr double kAngleLimit = 12 * 2 * std::numbers::pi / 360;
  static constexpr double kStart = 0.05;  // an episode starts with all four numbers in ±this
};

/// Accelerations of cart [m/s²] and pole [rad/s²].
template <class Number>
struct CartPoleAcceleration {
  Number cart, pole;
};

/// Equations of motion without friction (Florian 2007), with the cosine and sine of the pole's angle.
/// Trap: the grouping is part of the result. Any other order of these products, or a fused multiply-add, changes last bits.
template <class Number>
constexpr CartPoleAcceleration<Number> accelerate(Number force, Number cosine, Number sine, Number angular_velocity) {
  using P = CartPolePhysics;
  constexpr auto kGravity = Number(P::kGravity), kPoleMass = Number(P::kPoleMass), kTotalMass = Number(P::kTotalMass);
  constexpr auto kHalfLength = Number(P::kHalfLength), kPoleMassLength = Number(P::kPoleMassLength);
  const Number temp = (force + kPoleMassLength * (angular_velocity * angular_velocity) * sine) / kTotalMass;
  const Number pole =
      (kGravity * sine - cosine * temp) / (kHalfLength * (Number(4.0 / 3.0) - kPoleMass * (cosine * cosine) / kTotalMass));
  const Number cart = temp - kPoleMassLength * pole * cosine / kTotalMass;
  return {cart, pole};
}

}  // namespace
}  // namespace handgrad
