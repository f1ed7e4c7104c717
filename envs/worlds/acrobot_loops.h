#pragma once

#include "../acrobot_physics.h"
#include "acrobot_kernel.h"
#include "fast_trigonometry.h"

// The loops of Acrobot's fast kernels, compiled once an instruction set; see cartpole_loops.h.

namespace handgrad {
namespace {

/// With cos(x - π/2) = sin x and the sine of a sum, two angles need two polynomials each and no more.
struct FastFunctions {
  static float squared(float x) { return x * x; }
  static AcrobotSines<float> sines(float angle1, float angle2) {
    const FastAngle first = fast_angle(angle1), second = fast_angle(angle2);
    return {second.cosine, second.sine, first.sine, first.sine * second.cosine + first.cosine * second.sine};
  }
};

/// The same angle in [-π, π], give or take a rounding at the ends: minus the nearest multiple of 2π.
inline float wrapped(float angle) {
  constexpr float kRound = 0x1.8p+23f;
  const float turns = (angle * 0x1.45f306p-3f + kRound) - kRound;
  return ((angle - turns * 0x1.92p+2f) - turns * 0x1.fb4p-10f) - turns * 0x1.4442d2p-22f;
}

inline float limited(float value, float limit) {
  value = value < -limit ? -limit : value;
  return limit < value ? limit : value;
}

template <bool book>
inline void move(std::size_t n, float* __restrict angle1, float* __restrict angle2, float* __restrict velocity1,
                 float* __restrict velocity2, const float* __restrict torques) {
  constexpr auto kTopSpeed1 = static_cast<float>(AcrobotPhysics::kTopSpeed1);
  constexpr auto kTopSpeed2 = static_cast<float>(AcrobotPhysics::kTopSpeed2);
  for (std::size_t k = 0; k < n; ++k) {
    const AcrobotState<float> before{angle1[k], angle2[k], velocity1[k], velocity2[k]};
    const AcrobotState<float> after = runge_kutta<FastFunctions, book>(before, torques[k]);
    angle1[k] = wrapped(after.angle1);
    angle2[k] = wrapped(after.angle2);
    velocity1[k] = limited(after.velocity1, kTopSpeed1);
    velocity2[k] = limited(after.velocity2, kTopSpeed2);
  }
}

inline void observe(std::size_t n, const float* __restrict angle1, const float* __restrict angle2,
                    const float* __restrict velocity1, const float* __restrict velocity2, float* __restrict observations,
                    float* __restrict height) {
  for (std::size_t k = 0; k < n; ++k) {
    const FastAngle first = fast_angle(angle1[k]), second = fast_angle(angle2[k]);
    height[k] = -first.cosine - (first.cosine * second.cosine - first.sine * second.sine);
    observations[6 * k] = first.cosine;
    observations[6 * k + 1] = first.sine;
    observations[6 * k + 2] = second.cosine;
    observations[6 * k + 3] = second.sine;
    observations[6 * k + 4] = velocity1[k];
    observations[6 * k + 5] = velocity2[k];
  }
}

inline void find_ends(std::size_t n, const float* __restrict height, std::uint8_t* __restrict terminated) {
  for (std::size_t k = 0; k < n; ++k) terminated[k] = height[k] > 1.0f;
}

/// Environments a call at most: what a step needs of them stays in the first cache.
constexpr std::size_t kAcrobotBlock = 64;

void step_block(const AcrobotBlock& b, bool book) {
  float height[kAcrobotBlock];
  if (book) {
    move<true>(b.n, b.angle1, b.angle2, b.velocity1, b.velocity2, b.torques);
  } else {
    move<false>(b.n, b.angle1, b.angle2, b.velocity1, b.velocity2, b.torques);
  }
  observe(b.n, b.angle1, b.angle2, b.velocity1, b.velocity2, b.observations, height);
  find_ends(b.n, height, b.terminated);
}

}  // namespace
}  // namespace handgrad
