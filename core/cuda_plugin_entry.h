#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backend.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// What libhandgrad_cuda.so exports under the name kCudaPluginEntry. For the two sides of that border alone.
struct CudaPlugin {
  const char* build;  ///< kCudaPluginBuild: classes of another build may be laid out in another way
  /// The names of the GPUs there are. Throws Error with the driver's words.
  std::vector<std::string> (*devices)();
  std::unique_ptr<Backend> (*make_backend)(const std::string& variant);
};

inline constexpr const char* kCudaPluginEntry = "handgrad_cuda_plugin";
inline constexpr const char* kCudaPluginBuild = "handgrad " HANDGRAD_VERSION;

}  // namespace handgrad::inline HANDGRAD_PRECISION
