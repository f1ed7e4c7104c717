#pragma once

#include "../cartpole_physics.h"
#include "cartpole_kernel.h"

// The loops of CartPole's kernels, compiled once an instruction set: each source has a copy of its own. They have no branches,
// no calls and plain arrays, so that the compiler makes vector instructions of them.

namespace handgrad {
namespace {

/// Environments a call at most: what a step needs of them stays in the first cache.
constexpr std::size_t kCartPoleBlock = 64;

template <class Number>
inline void move(const CartPoleBlock<Number>& block, bool semi_implicit) {
  using P = CartPolePhysics;
  constexpr auto kForce = Number(P::kForce), kTimeStep = Number(P::kTimeStep);
  Number* __restrict const x = block.x;
  Number* __restrict const velocity = block.velocity;
  Number* __restrict const angle = block.angle;
  Number* __restrict const angular_velocity = block.angular_velocity;
  const Number* __restrict const cosine = block.cosine;
  const Number* __restrict const sine = block.sine;
  const std::int32_t* __restrict const actions = block.actions;
  for (std::size_t k = 0; k < block.n; ++k) {
    const Number force = actions[k] == 1 ? kForce : -kForce;
    const auto a = accelerate(force, cosine[k], sine[k], angular_velocity[k]);
    const Number new_velocity = velocity[k] + kTimeStep * a.cart;
    const Number new_angular_velocity = angular_velocity[k] + kTimeStep * a.pole;
    x[k] += kTimeStep * (semi_implicit ? new_velocity : velocity[k]);
    angle[k] += kTimeStep * (semi_implicit ? new_angular_velocity : angular_velocity[k]);
    velocity[k] = new_velocity;
    angular_velocity[k] = new_angular_velocity;
  }
}

/// Only now, in loops of their own: bytes beside doubles in one loop are what compilers do not vectorise well.
template <class Number>
inline void look(const CartPoleBlock<Number>& block) {
  constexpr auto kPositionLimit = Number(CartPolePhysics::kPositionLimit), kAngleLimit = Number(CartPolePhysics::kAngleLimit);
  const Number* __restrict const x = block.x;
  const Number* __restrict const angle = block.angle;
  std::uint8_t* __restrict const terminated = block.terminated;
  for (std::size_t k = 0; k < block.n; ++k) {
    terminated[k] = (x[k] < -kPositionLimit) | (x[k] > kPositionLimit) | (angle[k] < -kAngleLimit) | (angle[k] > kAngleLimit);
  }
  const Number* __restrict const velocity = block.velocity;
  const Number* __restrict const angular_velocity = block.angular_velocity;
  float* __restrict const observations = block.observations;
  for (std::size_t k = 0; k < block.n; ++k) {
    observations[4 * k] = static_cast<float>(x[k]);
    observations[4 * k + 1] = static_cast<float>(velocity[k]);
    observations[4 * k + 2] = static_cast<float>(angle[k]);
    observations[4 * k + 3] = static_cast<float>(angular_velocity[k]);
  }
}

template <class Number>
void step_block(const CartPoleBlock<Number>& block, bool semi_implicit) {
  if (semi_implicit) {
    move(block, true);
  } else {
    move(block, false);
  }
  look(block);
}

}  // namespace
}  // namespace handgrad
