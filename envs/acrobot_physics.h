#pragma once

#include <numbers>

#include "acrobot_state.h"

// The physics of Acrobot, once for everything that steps one, with a copy in each source that includes it: some are compiled
// for one instruction set. Sines, cosines and squares come from a Functions type: the C library's, or polynomials.

namespace handgrad {

namespace {

struct AcrobotPhysics {
  static constexpr double kPi = std::numbers::pi;
  static constexpr double kTopSpeed1 = 4 * kPi, kTopSpeed2 = 9 * kPi;  // rad/s
  static constexpr double kTimeStep = 0.2;                             // s
  static constexpr double kStart = 0.1;                                // an episode starts with all four numbers in ±this

  // Links are 1 m long, weigh 1 kg, have their mass in the middle and a moment of inertia of 1 kg m². What is left of them in
  // the equations:
  static constexpr double kSquaredCentre = 0.25;         // m²
  static constexpr double kWeight2 = 0.5 * 9.8;          // m2 lc2 g
  static constexpr double kWeight1 = (0.5 + 1.0) * 9.8;  // (m1 lc1 + m2 l1) g
};

/// d(state)/dt (Sutton and Barto 1998, section 11.3). `book` or the paper's (Sutton 1996), which lack a term.
/// Trap: the grouping is part of the result, as in CartPole.
template <class Functions, bool book, class Number>
inline AcrobotState<Number> derivative(const AcrobotState<Number>& state, Number torque) {
  using P = AcrobotPhysics;
  constexpr auto kSquaredCentre = Number(P::kSquaredCentre);
  constexpr auto kWeight1 = Number(P::kWeight1), kWeight2 = Number(P::kWeight2), kHalf = Number(0.5), kOne = Number(1.0);
  const auto& [angle1, angle2, velocity1, velocity2] = state;
  const auto [c2, s2, gravity1, gravity2] = Functions::sines(angle1, angle2);
  const Number d1 = kSquaredCentre + (kOne + kSquaredCentre + c2) + kOne + kOne;
  const Number d2 = (kSquaredCentre + kHalf * c2) + kOne;
  const Number phi2 = kWeight2 * gravity2;
  const Number phi1 = -kHalf * Functions::squared(velocity2) * s2 - velocity2 * velocity1 * s2 + kWeight1 * gravity1 + phi2;
  Number pull = torque + d2 / d1 * phi1;
  if constexpr (book) pull -= kHalf * Functions::squared(velocity1) * s2;
  const Number acceleration2 = (pull - phi2) / (kSquaredCentre + kOne - Functions::squared(d2) / d1);
  const Number acceleration1 = -(d2 * acceleration2 + phi1) / d1;
  return {velocity1, velocity2, acceleration1, acceleration2};
}

/// y + h k, element by element.
template <class Number>
inline AcrobotState<Number> advanced(const AcrobotState<Number>& y, Number h, const AcrobotState<Number>& k) {
  return {y.angle1 + h * k.angle1, y.angle2 + h * k.angle2, y.velocity1 + h * k.velocity1, y.velocity2 + h * k.velocity2};
}

/// One step of the classical Runge-Kutta method, the torque constant. Angles and velocities are not limited yet.
template <class Functions, bool book, class Number>
inline AcrobotState<Number> runge_kutta(const AcrobotState<Number>& y, Number torque) {
  constexpr auto kHalf = Number(AcrobotPhysics::kTimeStep / 2.0), kWhole = Number(AcrobotPhysics::kTimeStep);
  constexpr auto kSixth = Number(AcrobotPhysics::kTimeStep / 6.0), kTwo = Number(2);
  const auto k1 = derivative<Functions, book>(y, torque);
  const auto k2 = derivative<Functions, book>(advanced(y, kHalf, k1), torque);
  const auto k3 = derivative<Functions, book>(advanced(y, kHalf, k2), torque);
  const auto k4 = derivative<Functions, book>(advanced(y, kWhole, k3), torque);
  const auto sum = [&](Number a, Number b, Number c, Number d) { return kSixth * (a + kTwo * b + kTwo * c + d); };
  return {y.angle1 + sum(k1.angle1, k2.angle1, k3.angle1, k4.angle1),
          y.angle2 + sum(k1.angle2, k2.angle2, k3.angle2, k4.angle2),
          y.velocity1 + sum(k1.velocity1, k2.velocity1, k3.velocity1, k4.velocity1),
          y.velocity2 + sum(k1.velocity2, k2.velocity2, k3.velocity2, k4.velocity2)};
}

}  // namespace
}  // namespace handgrad
