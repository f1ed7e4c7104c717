#pragma once

#include <memory>
#include <string>

#include "many_agents.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// What libhandgrad_cuda.so exports besides the backend, under the name kCudaAgentsEntry: many agents at once on the first GPU.
/// For the two sides of that border alone.
struct CudaAgentsPlugin {
  /// `variant` is what follows "cuda:" in the backend's name. Throws Error as make_many_agents does.
  std::unique_ptr<ManyAgents> (*make)(const ManyAgentsSpec& spec, const std::string& variant);
};

inline constexpr const char* kCudaAgentsEntry = "handgrad_cuda_agents";

}  // namespace handgrad::inline HANDGRAD_PRECISION
