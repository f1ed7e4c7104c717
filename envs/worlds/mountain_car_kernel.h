#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "../../core/instruction_set.h"

namespace handgrad {

/// Some neighbouring environments of a MountainCarWorld: where their numbers lie.
template <class Number>
struct MountainCarBlock {
  std::size_t n;
  Number *position, *velocity;  // [n] the state; overwritten
  const Number* cosine;         // [n] of 3 · position; double only, float has a polynomial of its own
  const std::int32_t* actions;  // [n]
  float* observations;          // [n, 2]
  std::uint8_t* terminated;     // [n]
};

/// Moves a block by one step.
template <class Number>
using MountainCarKernel = void (*)(const MountainCarBlock<Number>& block, Number goal_velocity);

/// What there is for an instruction set. All of them give the same bits.
struct MountainCarKernels {
  MountainCarKernel<double> exact;
  MountainCarKernel<float> fast;
  template <class Number>
  MountainCarKernel<Number> get() const {
    if constexpr (std::is_same_v<Number, double>) {
      return exact;
    } else {
      return fast;
    }
  }
};
MountainCarKernels mountain_car_kernels(InstructionSet set);

MountainCarKernels mountain_car_kernels_baseline();
MountainCarKernels mountain_car_kernels_avx2();
MountainCarKernels mountain_car_kernels_avx512();

}  // namespace handgrad
