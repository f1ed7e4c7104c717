#pragma once

#include <cstdint>

namespace handgrad::cuda {

/// C [M,N] = op(A) [M,K] · op(B) [K,N], column-major as cuBLAS has it: element (r, c) of a matrix X lies at X[r + c · ldx], and
/// op transposes or does nothing. C is overwritten.
struct ColumnMajorProduct {
  /// What is done besides. The bias and its gradient have one element a row of C (bias) or a column of C (bias_gradient).
  enum class Epilogue {
    none,
    bias,           ///< C[r, c] += bias[r]
    relu_bias,      ///< C[r, c] = max(0, C[r, c] + bias[r])
    bias_gradient,  ///< overwrites bias_gradient[c] = Σ_k op(B)[k, c]
  };

  bool transpose_a = false, transpose_b = false;
  std::int64_t M = 0, N = 0, K = 0;
  const float* A = nullptr;
  std::int64_t lda = 0;
  const float* B = nullptr;
  std::int64_t ldb = 0;
  float* C = nullptr;
  std::int64_t ldc = 0;
  Epilogue epilogue = Epilogue::none;
  const float* bias = nullptr;     ///< [M]
  float* bias_gradient = nullptr;  ///< [N]

  friend bool operator==(const ColumnMajorProduct&, const ColumnMajorProduct&) = default;
};

}  // namespace handgrad::cuda
