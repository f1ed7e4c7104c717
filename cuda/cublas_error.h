#pragma once

#include <cublasLt.h>

#include "cuda_error.h"

namespace handgrad::cuda {

/// The same for calls of cuBLAS and cuBLASLt:  check(cublasLtCreate(&handle), "cublasLtCreate").
inline void check(cublasStatus_t result, const char* call,
                  const std::source_location& where = std::source_location::current()) {
  if (result == CUBLAS_STATUS_SUCCESS) return;
  fail("cuBLAS: ", call, " at ", place(where), ": ", cublasLtGetStatusString(result), " (", cublasLtGetStatusName(result),
       ")");
}

}  // namespace handgrad::cuda
