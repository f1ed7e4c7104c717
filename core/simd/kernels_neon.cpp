// The kernels for one instruction set.

#include "vector_neon.h"
// What is built on the vector register:
#include "table.h"

namespace handgrad::simd {

const Kernels& neon_kernels() { return kKernels; }

}  // namespace handgrad::simd
