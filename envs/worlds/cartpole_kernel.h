#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "../../core/instruction_set.h"

namespace handgrad {

/// Some neighbouring environments of a CartPoleWorld: where their numbers lie.
template <class Number>
struct CartPoleBlock {
  std::size_t n;
  Number *x, *velocity, *angle, *angular_velocity;  // [n] the state; overwritten
  const Number *cosine, *sine;                      // [n] of the angle; double only, float has polynomials of its own
  const std::int32_t* actions;                      // [n]
  float* observations;                              // [n, 4]
  std::uint8_t* terminated;                         // [n]
};

/// Moves a block by one step.
template <class Number>
using CartPoleKernel = void (*)(const CartPoleBlock<Number>& block, bool semi_implicit);

/// What there is for an instruction set. All of them give the same bits.
struct CartPoleKernels {
  CartPoleKernel<double> exact;
  CartPoleKernel<float> fast;
  template <class Number>
  CartPoleKernel<Number> get() const {
    if constexpr (std::is_same_v<Number, double>) {
      return exact;
    } else {
      return fast;
    }
  }
};
CartPoleKernels cartpole_kernels(InstructionSet set);

CartPoleKernels cartpole_kernels_baseline();
CartPoleKernels cartpole_kernels_avx2();
CartPoleKernels cartpole_kernels_avx512();

}  // namespace handgrad
