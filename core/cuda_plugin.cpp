#include "cuda_plugin.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <type_traits>

#include "cuda_plugin_entry.h"
#include "error.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "libhandgrad_cuda.so";
constexpr const char* kVariable = "HANDGRAD_CUDA_PLUGIN";

/// A library of the system's, opened for good. Libraries that have talked to a driver do not like to be closed.
struct Library {
  void* handle = nullptr;
  std::string error;
};

Library open(const std::string& file) {
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  const char* error = handle == nullptr ? dlerror() : nullptr;
  return {handle, error == nullptr ? "" : error};
}

Library open_plugin() {
  if (const char* named = std::getenv(kVariable)) return open(named);
  std::error_code ignored;
  const fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const fs::path& place : {folder / "../lib/handgrad" / kFile, folder / kFile}) {
    if (fs::exists(place, ignored)) return open(place.string());
  }
  return open(kFile);
}

CudaStatus::Step look_for_driver() {
  const Library driver = open("libcuda.so.1");
  if (driver.handle == nullptr) return {false, "no NVIDIA driver is installed (libcuda.so.1 cannot be loaded)"};
  int version = 0;
  const auto get_version = reinterpret_cast<int (*)(int*)>(dlsym(driver.handle, "cuDriverGetVersion"));
  if (get_version == nullptr || get_version(&version) != 0 || version == 0) {
    return {false, "the NVIDIA driver does not say what it is (cuDriverGetVersion)"};
  }
  return {true, text("NVIDIA driver for CUDA ", version / 1000, ".", version % 1000 / 10)};
}

/// The library of the GPU, looked for once a process.
struct Plugin {
  const CudaPlugin* entry = nullptr;
  void* handle = nullptr;
  std::string about;
};

Plugin load_plugin() {
  const Library library = open_plugin();
  if (library.handle == nullptr) {
    return {nullptr, nullptr,
            text("the library of the cuda backend cannot be loaded (", library.error, "): build handgrad with CUDA's toolkit ",
                 "(-DHANDGRAD_CUDA=ON), or say in ", kVariable, " where ", kFile, " is")};
  }
  const auto* entry = static_cast<const CudaPlugin*>(dlsym(library.handle, kCudaPluginEntry));
  if (entry == nullptr) return {nullptr, nullptr, text("the file that was found as ", kFile, " is something else")};
  if (std::string(entry->build) != kCudaPluginBuild) {
    return {nullptr, nullptr, text(kFile, " was built for ", entry->build, ", and this is ", kCudaPluginBuild)};
  }
  return {entry, library.handle, kFile};
}

const Plugin& plugin() {
  static const Plugin loaded = load_plugin();
  return loaded;
}

CudaStatus::Step look_for_device() {
  try {
    const std::vector<std::string> names = plugin().entry->devices();
    if (names.empty()) return {false, "the driver sees no GPU"};
    return {true, names.front() + (names.size() > 1 ? text(", the first of ", names.size()) : "")};
  } catch (const std::exception& error) {
    return {false, error.what()};
  }
}

CudaStatus look() {
  CudaStatus status;
  if constexpr (std::is_same_v<Real, double>) {
    status.driver.about = status.library.about = status.device.about = "it computes in float, and this build in double";
  } else {
    status.driver = look_for_driver();
    status.library = {plugin().entry != nullptr, plugin().about};
    status.device = status.driver.works && status.library.works ? look_for_device()
                                                                : CudaStatus::Step{false, "not looked for without those two"};
  }
  return status;
}

void require_cuda() {
  const CudaStatus status = cuda_status();
  require(status.works(), "the cuda backend does not work here: ", status.about(),
          ". Choose simd, eigen or reference instead; `handgrad doctor` says what there is.");
}

}  // namespace

CudaStatus cuda_status() {
  static const CudaStatus seen = look();
  return seen;
}

std::unique_ptr<Backend> make_cuda_backend(const std::string& variant) {
  require_cuda();
  return plugin().entry->make_backend(variant);
}

void* cuda_plugin_entry(const char* entry) {
  require_cuda();
  void* found = dlsym(plugin().handle, entry);
  require(found != nullptr, kFile, " has no ", entry, ": it is of another version");
  return found;
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
