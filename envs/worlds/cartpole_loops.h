#pragma once

#include <type_traits>

#include "../cartpole_physics.h"
#include "cartpole_kernel.h"
#include "fast_trigonometry.h"

// The loops of CartPole's kernels, compiled once an instruction set: each source has a copy of its own. They have no branches,
// no calls and plain arrays, so that the compiler makes vector instructions of them.

namespace handgrad {
namespace {

/// Environments a call at most: what a step needs of them stays in the first cache.
constexpr std::size_t kCartPoleBlock = 64;

// Trap: only parameters keep their __restrict through all that the compiler does, and without it nothing is vectorised.

template <class Number>
inline void move(std::size_t n, Number* __restrict x, Number* __restrict velocity, Number* __restrict angle,
                 Number* __restrict angular_velocity, const Number* __restrict cosine, const Number* __restrict sine,
                 const std::int32_t* __restrict actions, bool semi_implicit) {
  using P = CartPolePhysics;
  constexpr auto kForce = Number(P::kForce), kTimeStep = Number(P::kTimeStep);
  for (std::size_t k = 0; k < n; ++k) {
    const Number force = actions[k] == 1 ? kForce : -kForce;
    CartPoleAcceleration<Number> a;
    if constexpr (std::is_same_v<Number, double>) {
      a = accelerate(force, cosine[k], sine[k], angular_velocity[k]);
    } else {
      const FastAngle pole = fast_small_angle(angle[k]);
      a = accelerate(force, pole.cosine, pole.sine, angular_velocity[k]);
    }
    const Number new_velocity = velocity[k] + kTimeStep * a.cart;
    const Number new_angular_velocity = angular_velocity[k] + kTimeStep * a.pole;
    x[k] += kTimeStep * (semi_implicit ? new_velocity : velocity[k]);
    angle[k] += kTimeStep * (semi_implicit ? new_angular_velocity : angular_velocity[k]);
    velocity[k] = new_velocity;
    angular_velocity[k] = new_angular_velocity;
  }
}

/// In a loop of its own: bytes beside doubles in one loop are what compilers do not vectorise well.
template <class Number>
inline void find_ends(std::size_t n, const Number* __restrict x, const Number* __restrict angle,
                      std::uint8_t* __restrict terminated) {
  constexpr auto kPositionLimit = Number(CartPolePhysics::kPositionLimit), kAngleLimit = Number(CartPolePhysics::kAngleLimit);
  for (std::size_t k = 0; k < n; ++k) {
    terminated[k] = (x[k] < -kPositionLimit) | (x[k] > kPositionLimit) | (angle[k] < -kAngleLimit) | (angle[k] > kAngleLimit);
  }
}

template <class Number>
inline void observe(std::size_t n, const Number* __restrict x, const Number* __restrict velocity,
                    const Number* __restrict angle, const Number* __restrict angular_velocity,
                    float* __restrict observations) {
  for (std::size_t k = 0; k < n; ++k) {
    observations[4 * k] = static_cast<float>(x[k]);
    observations[4 * k + 1] = static_cast<float>(velocity[k]);
    observations[4 * k + 2] = static_cast<float>(angle[k]);
    observations[4 * k + 3] = static_cast<float>(angular_velocity[k]);
  }
}

template <class Number>
void step_block(const CartPoleBlock<Number>& b, bool semi_implicit) {
  if (semi_implicit) {
    move(b.n, b.x, b.velocity, b.angle, b.angular_velocity, b.cosine, b.sine, b.actions, true);
  } else {
    move(b.n, b.x, b.velocity, b.angle, b.angular_velocity, b.cosine, b.sine, b.actions, false);
  }
  find_ends(b.n, b.x, b.angle, b.terminated);
  observe(b.n, b.x, b.velocity, b.angle, b.angular_velocity, b.observations);
}

}  // namespace
}  // namespace handgrad
