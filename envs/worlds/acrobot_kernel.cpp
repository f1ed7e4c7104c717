#include "acrobot_kernel.h"

namespace handgrad {

AcrobotKernel acrobot_kernel([[maybe_unused]] InstructionSet set) {
#if defined(__x86_64__)
  if (set == InstructionSet::avx512) return acrobot_kernel_avx512();
  if (set == InstructionSet::avx2) return acrobot_kernel_avx2();
#endif
  return acrobot_kernel_baseline();
}

}  // namespace handgrad
