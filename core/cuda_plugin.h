#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backend.h"

namespace handgrad::inline HANDGRAD_PRECISION {

// The GPU's backend lives in a library of its own, libhandgrad_cuda.so, which is loaded when somebody asks for it: handgrad
// starts where there is neither a driver nor CUDA's libraries. It is looked for in this order: the file that the environment
// variable HANDGRAD_CUDA_PLUGIN names; ../lib/handgrad/ beside the program's folder, and the program's folder; wherever the
// system looks for libraries.

/// What stands between here and a GPU: the driver, then the library, then a device. A step is looked at if those before it
/// are there.
struct CudaStatus {
  struct Step {
    bool works = false;
    std::string about;  ///< what it is, or what is wrong and what to do
  };
  Step driver, library, device;

  bool works() const { return device.works; }
  /// One line: the device, or the first thing that is missing.
  std::string about() const { return !driver.works ? driver.about : !library.works ? library.about : device.about; }
};

CudaStatus cuda_status();

/// The backend on the first GPU. `variant` is what follows "cuda:" in its name: a list of words, see make_backend.
/// Throws Error naming what is missing, and the alternatives.
std::unique_ptr<Backend> make_cuda_backend(const std::string& variant);

/// What the library exports under the name `entry` (see cuda_plugin_entry.h). Throws Error as make_cuda_backend does.
void* cuda_plugin_entry(const char* entry);

}  // namespace handgrad::inline HANDGRAD_PRECISION
