#include "acrobot_loops.h"

namespace handgrad {

AcrobotKernel acrobot_kernel_avx2() { return step_block; }

}  // namespace handgrad
