#pragma once

#include <cuda_runtime_api.h>

#include <source_location>
#include <string_view>

#include "../core/error.h"

namespace handgrad::cuda {

/// "cuda_device.h:71": where in the sources something was called.
inline std::string place(const std::source_location& where) {
  const std::string_view file = where.file_name();
  return text(file.substr(file.find_last_of('/') + 1), ":", where.line());
}

/// Throws Error unless a call of CUDA's runtime succeeded: with the call, where it was made, and the driver's words.
/// Used as  check(cudaFree(p), "cudaFree").
inline void check(cudaError_t result, const char* call, const std::source_location& where = std::source_location::current()) {
  if (result == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());  // it would be reported once more with the next call
  fail("CUDA: ", call, " at ", place(where), ": ", cudaGetErrorString(result), " (", cudaGetErrorName(result), ")");
}

}  // namespace handgrad::cuda
