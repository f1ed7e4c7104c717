#include "tests/cuda/emulation/host_products.h"

#include <limits>

#include "core/error.h"

namespace handgrad::cuda {
namespace {

using Epilogue = ColumnMajorProduct::Epilogue;

/// A matrix as it is stored: element (r, c) lies at [r + c · ld].
struct Stored {
  const char* name;
  std::int64_t rows, columns, ld;
};

Stored stored_a(const ColumnMajorProduct& p) {
  return p.transpose_a ? Stored{"A", p.K, p.M, p.lda} : Stored{"A", p.M, p.K, p.lda};
}
Stored stored_b(const ColumnMajorProduct& p) {
  return p.transpose_b ? Stored{"B", p.N, p.K, p.ldb} : Stored{"B", p.K, p.N, p.ldb};
}
Stored stored_c(const ColumnMajorProduct& p) { return {"C", p.M, p.N, p.ldc}; }

void check(const Stored& x) {
  require(x.ld >= x.rows, "product: ld of ", x.name, " is ", x.ld, ", but ", x.name, " is stored as ", x.rows, " x ",
          x.columns, ", column-major: expected at least ", x.rows);
}

std::int64_t extent(const Stored& x) { return (x.columns - 1) * x.ld + x.rows; }

}  // namespace

ProductExtents extents(const ColumnMajorProduct& p) {
  require(p.M > 0 && p.N > 0 && p.K > 0, "product: M, N, K = ", p.M, ", ", p.N, ", ", p.K, ", expected all positive");
  for (const Stored& x : {stored_a(p), stored_b(p), stored_c(p)}) check(x);
  return {extent(stored_a(p)), extent(stored_b(p)), extent(stored_c(p))};
}

void multiply_on_host(const ColumnMajorProduct& p) {
  extents(p);
  const auto a = [&](std::int64_t r, std::int64_t k) { return p.transpose_a ? p.A[k + r * p.lda] : p.A[r + k * p.lda]; };
  const auto b = [&](std::int64_t k, std::int64_t c) { return p.transpose_b ? p.B[c + k * p.ldb] : p.B[k + c * p.ldb]; };
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const bool bias_gradient = p.epilogue == Epilogue::bias_gradient;
  for (std::int64_t c = 0; c < p.N; ++c) {
    for (std::int64_t r = 0; r < p.M; ++r) p.C[r + c * p.ldc] = kNan;
    if (bias_gradient) p.bias_gradient[c] = kNan;
  }
  for (std::int64_t c = 0; c < p.N; ++c) {
    for (std::int64_t r = 0; r < p.M; ++r) {
      float sum = 0;
      for (std::int64_t k = 0; k < p.K; ++k) sum += a(r, k) * b(k, c);
      if (p.epilogue == Epilogue::bias || p.epilogue == Epilogue::relu_bias) sum += p.bias[r];
      if (p.epilogue == Epilogue::relu_bias && sum < 0) sum = 0;  // a NaN stays one
      p.C[r + c * p.ldc] = sum;
    }
    if (bias_gradient) {
      float sum = 0;
      for (std::int64_t k = 0; k < p.K; ++k) sum += b(k, c);
      p.bias_gradient[c] = sum;
    }
  }
}

}  // namespace handgrad::cuda
