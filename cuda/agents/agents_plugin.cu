// What libhandgrad_cuda.so gives away besides the backend: see rl/many_agents_plugin.h.

#include "../../rl/many_agents_plugin.h"
#include "../cuda_device.h"
#include "batched_agents.h"
#include "fused_agents.h"

namespace handgrad::cuda {
namespace {

std::unique_ptr<ManyAgents> make_agents(const ManyAgentsSpec& spec, const std::string& variant) {
  if (variant == "fused") return make_fused_agents(spec, std::make_unique<CudaDevice>());
  require(variant.empty(), "many agents at once have no variant '", variant,
          "' of the cuda backend: write cuda or cuda:fused");
  return std::make_unique<BatchedAgents<CudaDevice>>(spec, std::make_unique<CudaDevice>());
}

}  // namespace
}  // namespace handgrad::cuda

extern "C" const handgrad::CudaAgentsPlugin handgrad_cuda_agents{handgrad::cuda::make_agents};
