#include "acrobot_exact.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "acrobot_physics.h"
#include "numpy_trigonometry.h"

namespace handgrad {
namespace {

using Physics = AcrobotPhysics;

/// Python's x ** 2, which is the C library's pow. Trap: GCC turns pow(x, 2.0) into x · x, which is another number in one of
/// 1,200 cases, and some 100 steps later another trajectory. Hence an exponent that the compiler cannot know.
const volatile double kTwo = 2.0;

struct LibraryFunctions {
  static double squared(double x) { return std::pow(x, kTwo); }
  static AcrobotSines<double> sines(double angle1, double angle2) {
    return {std::cos(angle2), std::sin(angle2), std::cos(angle1 - Physics::kPi / 2.0),
            std::cos(angle1 + angle2 - Physics::kPi / 2.0)};
  }
};

/// The same angle in [-π, π].
double wrapped(double angle) {
  while (angle > Physics::kPi) angle -= 2 * Physics::kPi;
  while (angle < -Physics::kPi) angle += 2 * Physics::kPi;
  return angle;
}

}  // namespace

void move_acrobot(AcrobotState<double>& state, double torque, bool book) {
  const AcrobotState<double> moved =
      book ? runge_kutta<LibraryFunctions, true>(state, torque) : runge_kutta<LibraryFunctions, false>(state, torque);
  state = {wrapped(moved.angle1), wrapped(moved.angle2),
           std::clamp(moved.velocity1, -Physics::kTopSpeed1, Physics::kTopSpeed1),
           std::clamp(moved.velocity2, -Physics::kTopSpeed2, Physics::kTopSpeed2)};
}

void observe_acrobot(const AcrobotState<double>& state, float* observation) {
  const std::array<double, 6> values{std::cos(state.angle1), std::sin(state.angle1), std::cos(state.angle2),
                                     std::sin(state.angle2), state.velocity1,        state.velocity2};
  std::transform(values.begin(), values.end(), observation, [](double value) { return static_cast<float>(value); });
}

void observe_acrobot_start(const AcrobotState<double>& state, float* observation) {
  const auto angle1 = static_cast<float>(state.angle1), angle2 = static_cast<float>(state.angle2);
  observation[0] = numpy_cos(angle1);
  observation[1] = numpy_sin(angle1);
  observation[2] = numpy_cos(angle2);
  observation[3] = numpy_sin(angle2);
  observation[4] = static_cast<float>(state.velocity1);
  observation[5] = static_cast<float>(state.velocity2);
}

bool acrobot_is_up(const AcrobotState<double>& state) {
  return -std::cos(state.angle1) - std::cos(state.angle2 + state.angle1) > 1.0;
}

}  // namespace handgrad
