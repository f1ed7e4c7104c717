#pragma once

#include <cublasLt.h>
#include <cuda_runtime_api.h>

#include <array>
#include <compare>
#include <map>
#include <memory>

#include "column_major_product.h"

namespace handgrad::cuda {

/// Products by cuBLASLt, on one stream of the current device.
///
/// In float (FP32, sums too); with `tf32` factors are rounded to TF32's 10 bits of mantissa first, for the tensor cores. How a
/// product is computed is chosen the first time one of its shape, layout, epilogue and alignment comes, and kept: after that a
/// call asks for nothing and allocates nothing. Choosing is done by the host alone, so that a product may come for the first
/// time while its stream is captured. The same product gives the same bits: algorithms are left out that add parts of sums up
/// in the output, where others do so too.
///
/// Not thread-safe. Every call that fails throws Error with the call, its place and the library's words.
class CublasLtProducts {
 public:
  explicit CublasLtProducts(cudaStream_t stream, bool tf32 = false);
  ~CublasLtProducts();
  CublasLtProducts(const CublasLtProducts&) = delete;
  CublasLtProducts& operator=(const CublasLtProducts&) = delete;

  /// Enqueues a product. Throws Error if the library has nothing for it.
  void multiply(const ColumnMajorProduct& product);

  /// Whether the library has this epilogue for products of floats on this device; found out by asking, when constructed, for
  /// products of several shapes. What it has not has to be done by a kernel of our own, after a product without.
  bool multiplies(ColumnMajorProduct::Epilogue epilogue) const { return known_[static_cast<std::size_t>(epilogue)]; }

 private:
  struct Plan;

  /// All that the choice of an algorithm depends on. Alignments are of the operands at hand: what lies inside a flat array of
  /// parameters begins at any multiple of 4 bytes.
  struct Key {
    bool transpose_a, transpose_b;
    std::int64_t M, N, K, lda, ldb, ldc;
    ColumnMajorProduct::Epilogue epilogue;
    std::uint32_t align_a, align_b, align_c;
    auto operator<=>(const Key&) const = default;
  };
  static Key key(const ColumnMajorProduct& product);

  /// Null if the library has none.
  std::unique_ptr<Plan> make_plan(const Key& key) const;
  bool knows(ColumnMajorProduct::Epilogue epilogue) const;

  static constexpr std::size_t kWorkspaceBytes = 32 << 20;  // what NVIDIA recommends for its largest GPUs

  cudaStream_t stream_;
  bool tf32_;
  cublasLtHandle_t handle_ = nullptr;
  void* workspace_ = nullptr;
  std::array<bool, 4> known_{};
  std::map<Key, std::unique_ptr<Plan>> plans_;
};

}  // namespace handgrad::cuda
