// The kernels for one instruction set.

#include "vector_baseline.h"
// What is built on the vector register:
#include "table.h"

namespace handgrad::simd {

const Kernels& baseline_kernels() { return kKernels; }

}  // namespace handgrad::simd
