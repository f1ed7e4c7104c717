#include "gpu_options.h"

#include <sstream>

#include "../core/error.h"

namespace handgrad::cuda {

GpuOptions parse_gpu_options(const std::string& words) {
  GpuOptions options;
  std::istringstream in(words);
  for (std::string word; std::getline(in, word, '+');) {
    if (word == "stream") {
      options.graphs = false;
    } else if (word == "own") {
      options.products = GpuOptions::Products::own;
    } else if (word == "cublas") {
      options.products = GpuOptions::Products::cublas;
    } else if (word == "tf32") {
      options.tf32 = true;
    } else {
      fail("the cuda backend knows no '", word, "': expected cuda, or cuda: and words joined by +, out of stream, own, cublas ",
           "and tf32");
    }
  }
  require(!options.tf32 || options.products != GpuOptions::Products::own, "tf32 is for cuBLASLt: own kernels do without");
  return options;
}

}  // namespace handgrad::cuda
