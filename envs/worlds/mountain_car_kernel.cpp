#include "mountain_car_kernel.h"

namespace handgrad {

MountainCarKernels mountain_car_kernels([[maybe_unused]] InstructionSet set) {
#if defined(__x86_64__)
  if (set == InstructionSet::avx512) return mountain_car_kernels_avx512();
  if (set == InstructionSet::avx2) return mountain_car_kernels_avx2();
#endif
  return mountain_car_kernels_baseline();
}

}  // namespace handgrad
