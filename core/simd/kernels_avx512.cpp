// The kernels for one instruction set.

#include "vector_avx512.h"
// What is built on the vector register:
#include "table.h"

namespace handgrad::simd {

const Kernels& avx512_kernels() { return kKernels; }

}  // namespace handgrad::simd
