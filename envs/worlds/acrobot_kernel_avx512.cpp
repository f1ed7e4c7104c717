#include "acrobot_loops.h"

namespace handgrad {

AcrobotKernel acrobot_kernel_avx512() { return step_block; }

}  // namespace handgrad
