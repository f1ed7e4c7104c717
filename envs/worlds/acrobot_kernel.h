#pragma once

#include <cstddef>
#include <cstdint>

#include "../../core/instruction_set.h"

namespace handgrad {

/// Some neighbouring environments of a FastAcrobotWorld: where their numbers lie.
struct AcrobotBlock {
  std::size_t n;
  float *angle1, *angle2, *velocity1, *velocity2;  // [n] the state; overwritten
  const float* torques;                            // [n] N m
  float* observations;                             // [n, 6]
  std::uint8_t* terminated;                        // [n]
};

/// Moves a block by one step.
using AcrobotKernel = void (*)(const AcrobotBlock& block, bool book);

/// The one for an instruction set. All of them give the same bits.
AcrobotKernel acrobot_kernel(InstructionSet set);

AcrobotKernel acrobot_kernel_baseline();
AcrobotKernel acrobot_kernel_avx2();
AcrobotKernel acrobot_kernel_avx512();

}  // namespace handgrad
