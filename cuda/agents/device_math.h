#pragma once

#include <cmath>

#include "../execution.h"

// A quotient and a root as the GPU has them in one instruction, right to about two units in the last place. The exact ones
// take twenty instructions, and Adam needs both for every parameter in every step.

namespace handgrad::cuda {

HANDGRAD_DEVICE float quick_quotient(float a, float b) {
#if defined(__CUDA_ARCH__)
  return __fdividef(a, b);
#else
  return a / b;
#endif
}

/// For x >= 0.
HANDGRAD_DEVICE float quick_root(float x) {
#if defined(__CUDA_ARCH__)
  float root;
  asm("sqrt.approx.ftz.f32 %0, %1;" : "=f"(root) : "f"(x));
  return root;
#else
  return std::sqrt(x);
#endif
}

}  // namespace handgrad::cuda
