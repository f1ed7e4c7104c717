#include "acrobot_loops.h"

namespace handgrad {

AcrobotKernel acrobot_kernel_baseline() { return step_block; }

}  // namespace handgrad
