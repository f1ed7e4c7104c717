#include "cublaslt_products.h"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "cublas_error.h"

namespace handgrad::cuda {
namespace {

using Epilogue = ColumnMajorProduct::Epilogue;

cublasLtEpilogue_t cublas_epilogue(Epilogue epilogue) {
  switch (epilogue) {
    case Epilogue::bias: return CUBLASLT_EPILOGUE_BIAS;
    case Epilogue::relu_bias: return CUBLASLT_EPILOGUE_RELU_BIAS;
    case Epilogue::bias_gradient: return CUBLASLT_EPILOGUE_BGRADB;  // sums of B's elements over K, for each column of C
    case Epilogue::none: break;
  }
  return CUBLASLT_EPILOGUE_DEFAULT;
}

/// What the epilogue reads or writes besides: cuBLASLt calls both its bias.
const void* bias_of(const ColumnMajorProduct& product) {
  return product.epilogue == Epilogue::bias_gradient ? product.bias_gradient : product.bias;
}

/// The largest power of two, up to 16 bytes, that the address is a multiple of. Nothing loads more than that at once.
std::uint32_t alignment(const void* address) {
  return 1U << std::min(4, std::countr_zero(reinterpret_cast<std::uintptr_t>(address)));
}

class Layout {
 public:
  Layout(std::int64_t rows, std::int64_t columns, std::int64_t leading_dimension) {
    check(cublasLtMatrixLayoutCreate(&layout_, CUDA_R_32F, static_cast<std::uint64_t>(rows),
                                     static_cast<std::uint64_t>(columns), leading_dimension),
          "cublasLtMatrixLayoutCreate");
  }
  ~Layout() { cublasLtMatrixLayoutDestroy(layout_); }
  Layout(const Layout&) = delete;
  Layout& operator=(const Layout&) = delete;
  cublasLtMatrixLayout_t get() const { return layout_; }

 private:
  cublasLtMatrixLayout_t layout_ = nullptr;
};

class Operation {
 public:
  explicit Operation(bool tf32) {
    check(cublasLtMatmulDescCreate(&operation_, tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F, CUDA_R_32F),
          "cublasLtMatmulDescCreate");
  }
  ~Operation() { cublasLtMatmulDescDestroy(operation_); }
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  template <class T>
  void set(cublasLtMatmulDescAttributes_t attribute, const T& value) {
    check(cublasLtMatmulDescSetAttribute(operation_, attribute, &value, sizeof value), "cublasLtMatmulDescSetAttribute");
  }
  cublasLtMatmulDesc_t get() const { return operation_; }

 private:
  cublasLtMatmulDesc_t operation_ = nullptr;
};

class Preference {
 public:
  Preference() { check(cublasLtMatmulPreferenceCreate(&preference_), "cublasLtMatmulPreferenceCreate"); }
  ~Preference() { cublasLtMatmulPreferenceDestroy(preference_); }
  Preference(const Preference&) = delete;
  Preference& operator=(const Preference&) = delete;
  template <class T>
  void set(cublasLtMatmulPreferenceAttributes_t attribute, const T& value) {
    check(cublasLtMatmulPreferenceSetAttribute(preference_, attribute, &value, sizeof value),
          "cublasLtMatmulPreferenceSetAttribute");
  }
  cublasLtMatmulPreference_t get() const { return preference_; }

 private:
  cublasLtMatmulPreference_t preference_ = nullptr;
};

}  // namespace

struct CublasLtProducts::Plan {
  Operation operation;
  Layout A, B, C;  // as they lie in memory, before op
  cublasLtMatmulAlgo_t algorithm{};

  Plan(const Key& key, bool tf32)
      : operation(tf32),
        A(key.transpose_a ? key.K : key.M, key.transpose_a ? key.M : key.K, key.lda),
        B(key.transpose_b ? key.N : key.K, key.transpose_b ? key.K : key.N, key.ldb),
        C(key.M, key.N, key.ldc) {
    operation.set(CUBLASLT_MATMUL_DESC_TRANSA, key.transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N);
    operation.set(CUBLASLT_MATMUL_DESC_TRANSB, key.transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N);
    operation.set(CUBLASLT_MATMUL_DESC_EPILOGUE, cublas_epilogue(key.epilogue));
  }
};

CublasLtProducts::CublasLtProducts(cudaStream_t stream, bool tf32) : stream_(stream), tf32_(tf32) {
  check(cublasLtCreate(&handle_), "cublasLtCreate");
  check(cudaMalloc(&workspace_, kWorkspaceBytes), "cudaMalloc");
  for (const Epilogue epilogue : {Epilogue::none, Epilogue::bias, Epilogue::relu_bias, Epilogue::bias_gradient}) {
    known_[static_cast<std::size_t>(epilogue)] = knows(epilogue);
  }
}

CublasLtProducts::~CublasLtProducts() {
  cudaFree(workspace_);
  cublasLtDestroy(handle_);
}

CublasLtProducts::Key CublasLtProducts::key(const ColumnMajorProduct& p) {
  // The bias is told of as part of C: the library has no word for its alignment.
  const std::uint32_t align_c =
      p.epilogue == Epilogue::none ? alignment(p.C) : std::min(alignment(p.C), alignment(bias_of(p)));
  return {p.transpose_a,  p.transpose_b,  p.M,    p.N, p.K, p.lda, p.ldb, p.ldc, p.epilogue,
          alignment(p.A), alignment(p.B), align_c};
}

std::unique_ptr<CublasLtProducts::Plan> CublasLtProducts::make_plan(const Key& key) const {
  auto plan = std::make_unique<Plan>(key, tf32_);
  Preference preference;
  preference.set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, kWorkspaceBytes);
  // Sums in parts are added up from the workspace, in order; in place they would be in the order in which they are ready.
  preference.set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                 std::uint32_t{CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE} | std::uint32_t{CUBLASLT_REDUCTION_SCHEME_OUTPUT_TYPE});
  preference.set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, key.align_a);
  preference.set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, key.align_b);
  preference.set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, key.align_c);
  preference.set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, key.align_c);
  cublasLtMatmulHeuristicResult_t best{};
  int found = 0;
  const cublasStatus_t status =
      cublasLtMatmulAlgoGetHeuristic(handle_, plan->operation.get(), plan->A.get(), plan->B.get(), plan->C.get(),
                                     plan->C.get(), preference.get(), 1, &best, &found);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) return nullptr;
  check(status, "cublasLtMatmulAlgoGetHeuristic");
  if (found == 0 || best.state != CUBLAS_STATUS_SUCCESS) return nullptr;
  plan->algorithm = best.algo;
  return plan;
}

/// In each of the forms in which a linear layer has it: a layer of ordinary size and alignment, and odd ones.
bool CublasLtProducts::knows(Epilogue epilogue) const {
  const bool gradient = epilogue == Epilogue::bias_gradient;
  for (const auto& [M, N, K] :
       {std::array<std::int64_t, 3>{128, 128, 128}, {4, 128, 128}, {128, 2, 64}, {31, 33, 257}, {1, 1, 1}}) {
    for (const std::uint32_t align : {4U, 16U}) {
      const Key key = gradient ? Key{false, true, M, N, K, M, N, M, epilogue, align, align, align}
                               : Key{true, false, M, N, K, K, K, M, epilogue, align, align, align};
      if (make_plan(key) == nullptr) return false;
    }
  }
  return true;
}

void CublasLtProducts::multiply(const ColumnMajorProduct& p) {
  const Key key = CublasLtProducts::key(p);
  auto found = plans_.find(key);
  if (found == plans_.end()) {
    std::unique_ptr<Plan> plan = make_plan(key);
    require(plan != nullptr, "cuBLAS has no product of floats for M ", p.M, ", N ", p.N, ", K ", p.K, " and epilogue ",
            static_cast<int>(p.epilogue), " on this GPU. Use kernels of our own for it, or another backend.");
    found = plans_.emplace(key, std::move(plan)).first;
  }
  Plan& plan = *found->second;
  if (p.epilogue != Epilogue::none) plan.operation.set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias_of(p));
  const float one = 1, zero = 0;
  check(cublasLtMatmul(handle_, plan.operation.get(), &one, p.A, plan.A.get(), p.B, plan.B.get(), &zero, p.C, plan.C.get(),
                       p.C, plan.C.get(), &plan.algorithm, workspace_, kWorkspaceBytes, stream_),
        "cublasLtMatmul");
}

}  // namespace handgrad::cuda
