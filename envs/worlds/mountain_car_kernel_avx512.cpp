#include "mountain_car_loops.h"

namespace handgrad {

MountainCarKernels mountain_car_kernels_avx512() { return {step_block<double>, step_block<float>}; }

}  // namespace handgrad
