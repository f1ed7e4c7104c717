#pragma once

#include <string>

namespace handgrad::cuda {

/// How a GpuBackend does things. A user writes them after "cuda:", joined by "+", as in "cuda:stream+cublas".
struct GpuOptions {
  enum class Products {
    chosen,  ///< whatever was measured to be quicker for the shape
    own,     ///< own kernels, up to batches of 1,024 and 512 features
    cublas,  ///< cuBLASLt, always
  };

  bool graphs = true;  ///< "stream": launch every kernel by itself instead of whole steps
  Products products = Products::chosen;
  bool tf32 = false;  ///< "tf32": products with 10 bits of mantissa instead of 23, on tensor cores (cuBLASLt alone)
};

/// Of "", or words as above. Throws Error naming a word that is not known.
GpuOptions parse_gpu_options(const std::string& words);

}  // namespace handgrad::cuda
