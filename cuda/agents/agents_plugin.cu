// What libhandgrad_cuda.so gives away besides the backend: see rl/many_agents_plugin.h.

#include "../../rl/many_agents_plugin.h"
#include "../cuda_device.h"
#include "batched_agents.h"
#include "fused_agents.h"

namespace handgrad::cuda {
namespace {

void require_shared_memory() {
  constexpr int kNeeded = FusedLayout<DeviceCartPole, 2>::kSharedBytes;
  int found = 0;
  check(cudaDeviceGetAttribute(&found, cudaDevAttrMaxSharedMemoryPerBlockOptin, 0), "cudaDeviceGetAttribute");
  require(found >= kNeeded, "cuda:fused needs a GPU with ", kNeeded,
          " bytes of shared memory for a block (compute capability 8.0 or later), this one has ", found,
          ". The backend cuda trains many agents on any.");
}

std::unique_ptr<ManyAgents> make_agents(const ManyAgentsSpec& spec, const std::string& variant) {
  if (variant == "fused") {
    auto device = std::make_unique<CudaDevice>();
    require_shared_memory();
    return make_fused_agents(spec, std::move(device));
  }
  require(variant.empty(), "many agents at once have no variant '", variant,
          "' of the cuda backend: write cuda or cuda:fused");
  return std::make_unique<BatchedAgents<CudaDevice>>(spec, std::make_unique<CudaDevice>());
}

}  // namespace
}  // namespace handgrad::cuda

extern "C" const handgrad::CudaAgentsPlugin handgrad_cuda_agents{handgrad::cuda::make_agents};
