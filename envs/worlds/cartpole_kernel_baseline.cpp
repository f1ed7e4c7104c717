#include "cartpole_loops.h"

namespace handgrad {

CartPoleKernel<double> cartpole_kernel_baseline() { return step_block<double>; }

}  // namespace handgrad
