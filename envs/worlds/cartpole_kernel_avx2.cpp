#include "cartpole_loops.h"

namespace handgrad {

CartPoleKernel<double> cartpole_kernel_avx2() { return step_block<double>; }

}  // namespace handgrad
