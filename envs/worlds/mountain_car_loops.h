#pragma once

#include <type_traits>

#include "../mountain_car_physics.h"
#include "fast_trigonometry.h"
#include "mountain_car_kernel.h"

// The loops of MountainCar's kernels, compiled once an instruction set; see cartpole_loops.h.

namespace handgrad {
namespace {

constexpr std::size_t kMountainCarBlock = 64;

template <class Number>
inline void move(std::size_t n, Number* __restrict position, Number* __restrict velocity, const Number* __restrict cosine,
                 const std::int32_t* __restrict actions) {
  for (std::size_t k = 0; k < n; ++k) {
    Number slope;
    if constexpr (std::is_same_v<Number, double>) {
      slope = cosine[k];
    } else {
      slope = fast_angle(3.0f * position[k]).cosine;
    }
    Number x = position[k], v = velocity[k];
    roll(x, v, static_cast<Number>(actions[k]), slope);
    position[k] = x;
    velocity[k] = v;
  }
}

template <class Number>
inline void find_ends(std::size_t n, const Number* __restrict position, const Number* __restrict velocity,
                      Number goal_velocity, std::uint8_t* __restrict terminated) {
  constexpr auto kGoal = Number(MountainCarPhysics::kGoal);
  for (std::size_t k = 0; k < n; ++k) terminated[k] = (position[k] >= kGoal) & (velocity[k] >= goal_velocity);
}

template <class Number>
inline void observe(std::size_t n, const Number* __restrict position, const Number* __restrict velocity,
                    float* __restrict observations) {
  for (std::size_t k = 0; k < n; ++k) {
    observations[2 * k] = static_cast<float>(position[k]);
    observations[2 * k + 1] = static_cast<float>(velocity[k]);
  }
}

template <class Number>
void step_block(const MountainCarBlock<Number>& b, Number goal_velocity) {
  move(b.n, b.position, b.velocity, b.cosine, b.actions);
  find_ends(b.n, b.position, b.velocity, goal_velocity, b.terminated);
  observe(b.n, b.position, b.velocity, b.observations);
}

}  // namespace
}  // namespace handgrad
