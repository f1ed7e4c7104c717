#pragma once

#include <cstddef>
#include <cstdint>

#include "../../core/instruction_set.h"

namespace handgrad {

/// Some neighbouring environments of a CartPoleWorld: where their numbers lie.
template <class Number>
struct CartPoleBlock {
  std::size_t n;
  Number *x, *velocity, *angle, *angular_velocity;  // [n] the state; overwritten
  const Number *cosine, *sine;                      // [n] of the angle
  const std::int32_t* actions;                      // [n]
  float* observations;                              // [n, 4]
  std::uint8_t* terminated;                         // [n]
};

/// Moves a block by one step.
template <class Number>
using CartPoleKernel = void (*)(const CartPoleBlock<Number>& block, bool semi_implicit);

/// The kernel for an instruction set. All of them give the same bits.
CartPoleKernel<double> cartpole_kernel(InstructionSet set);

CartPoleKernel<double> cartpole_kernel_baseline();
CartPoleKernel<double> cartpole_kernel_avx2();

}  // namespace handgrad
