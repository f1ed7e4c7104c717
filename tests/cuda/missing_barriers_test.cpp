// Whether the trials of the GPU's backend would notice if one of its kernels did without one of its barriers.

#include <set>

#include "cuda/gpu_backend.h"
#include "tests/cuda/emulation/emulated_device.h"
#include "tests/support/bridged_backend.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/trial.h"

using namespace handgrad;
using namespace handgrad::cuda;

namespace {

using Emulated = GpuBackend<EmulatedDevice>;

std::unique_ptr<Emulated> emulated(const std::optional<LeftOut>& left_out) {
  EmulatedDevice::Options options;
  options.left_out = left_out;
  return std::make_unique<Emulated>("cuda:own", parse_gpu_options("own"), std::make_unique<EmulatedDevice>(options));
}

/// The first failure of forty trials of random shape, some of which are large enough for work to be shared by many blocks.
std::string failure(BridgedBackend& backend, const handgrad::Operation& operation) {
  Draw draw(1, Numbers::ordinary);
  for (int k = 0; k < 40; ++k) {
    if (k % 8 == 7) draw.prefer_extents({257, 300, 290});
    if (std::string failed = operation.draw(draw).failure(backend); !failed.empty()) return failed;
  }
  return "";
}

/// Every barrier that the kernels of an operation come to, over the shapes of its trials.
std::vector<LeftOut> barriers_of(const handgrad::Operation& operation) {
  std::unique_ptr<Emulated> on_device = emulated({});
  EmulatedDevice& device = on_device->device();
  BridgedBackend backend(std::move(on_device));
  CHECK(failure(backend, operation) == "");
  std::vector<LeftOut> barriers;
  for (const auto& [kernel, most] : device.barriers()) {
    for (int which = 0; which < most[0]; ++which) barriers.push_back({kernel, Barrier::sync, which});
    for (int which = 0; which < most[1]; ++which) barriers.push_back({kernel, Barrier::sync_warp, which});
  }
  return barriers;
}

}  // namespace

TEST_CASE("A kernel of the backend that does without one of its barriers fails in the operation that it computes") {
  std::set<std::string> kernels;
  for (const handgrad::Operation& operation : all_operations()) {
    for (const LeftOut& barrier : barriers_of(operation)) {
      INFO(operation.name << ": " << barrier.kernel << " without "
                          << (barrier.barrier == Barrier::sync ? "sync() " : "sync_warp() ") << barrier.which);
      BridgedBackend backend(emulated(barrier));
      CHECK(contains(failure(backend, operation), operation.name));
      kernels.insert(barrier.kernel);
    }
  }
  CHECK(kernels.size() >= 6);
}
