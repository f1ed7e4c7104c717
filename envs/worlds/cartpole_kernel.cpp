#include "cartpole_kernel.h"

namespace handgrad {

CartPoleKernels cartpole_kernels([[maybe_unused]] InstructionSet set) {
#if defined(__x86_64__)
  if (set == InstructionSet::avx512) return cartpole_kernels_avx512();
  if (set == InstructionSet::avx2) return cartpole_kernels_avx2();
#endif
  return cartpole_kernels_baseline();
}

}  // namespace handgrad
