#include "cartpole_kernel.h"

namespace handgrad {

CartPoleKernel<double> cartpole_kernel([[maybe_unused]] InstructionSet set) {
#if defined(__x86_64__)
  if (set == InstructionSet::avx2 || set == InstructionSet::avx512) return cartpole_kernel_avx2();
#endif
  return cartpole_kernel_baseline();
}

}  // namespace handgrad
