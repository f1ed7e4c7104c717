// What libhandgrad_cuda.so gives away: see core/cuda_plugin_entry.h.

#include "../core/cuda_plugin_entry.h"
#include "cuda_device.h"
#include "gpu_backend.h"

namespace handgrad::cuda {
namespace {

std::vector<std::string> devices() {
  int count = 0;
  const cudaError_t result = cudaGetDeviceCount(&count);
  if (result == cudaErrorNoDevice) return {};
  check(result, "cudaGetDeviceCount");
  std::vector<std::string> names;
  for (int device = 0; device < count; ++device) {
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, device), "cudaGetDeviceProperties");
    names.push_back(text(properties.name, ", compute capability ", properties.major, ".", properties.minor));
  }
  return names;
}

std::unique_ptr<Backend> make_backend(const std::string& words) {
  const GpuOptions options = parse_gpu_options(words);
  return std::make_unique<GpuBackend<CudaDevice>>(text("cuda", words.empty() ? "" : ":", words), options,
                                                  std::make_unique<CudaDevice>(0, options.tf32));
}

}  // namespace
}  // namespace handgrad::cuda

extern "C" const handgrad::CudaPlugin handgrad_cuda_plugin{handgrad::kCudaPluginBuild, handgrad::cuda::devices,
                                                           handgrad::cuda::make_backend};
