#include "tests/cuda/emulation/emulated_device.h"

#include <cxxabi.h>

#include <cstdlib>
#include <cstring>

#include "core/error.h"
#include "tests/cuda/emulation/host_products.h"

namespace handgrad::cuda {
namespace {

constexpr std::int64_t kMostBlocks = (std::int64_t{1} << 31) - 1;  // of the first dimension of a grid
constexpr std::int64_t kMostAgents = 65535;                        // of its second
constexpr std::size_t kMostShared = 227 * 1024;                    // what a block can get of an H100

}  // namespace

std::string EmulatedDevice::name_of(const std::type_info& type) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                         &std::free);
  return status == 0 ? name.get() : type.name();
}

void* EmulatedDevice::allocate(std::size_t bytes) {
  require(bytes <= options_.memory_bytes - bytes_, "out of device memory: ", bytes, " bytes wanted, ",
          options_.memory_bytes - bytes_, " of ", options_.memory_bytes, " left");
  auto memory = std::make_unique<FencedMemory>(bytes, 256);
  std::byte* begin = memory->begin();
  memory_.emplace(begin, std::move(memory));
  bytes_ += bytes;
  return begin;
}

void EmulatedDevice::deallocate(void* p) {
  if (p == nullptr) return;
  const auto found = memory_.find(static_cast<const std::byte*>(p));
  require(found != memory_.end(), "deallocate(", p, "): no memory of the device begins there");
  bytes_ -= found->second->bytes();
  memory_.erase(found);
}

void EmulatedDevice::run_all(const Launch& launch, int most_threads) {
  const auto& [kernel, arguments, run, grid] = launch;
  require(grid.blocks >= 1 && grid.blocks <= kMostBlocks, "kernel ", kernel, ": launched with ", grid.blocks,
          " blocks, expected 1 to ", kMostBlocks);
  require(grid.agents >= 1 && grid.agents <= kMostAgents, "kernel ", kernel, ": launched with ", grid.agents,
          " agents, expected 1 to ", kMostAgents);
  require(grid.threads >= 1 && grid.threads <= most_threads, "kernel ", kernel, ": launched with blocks of ", grid.threads,
          " threads, expected 1 to ", most_threads, ", its kThreads");
  require(grid.shared_bytes <= kMostShared, "kernel ", kernel, ": launched with ", grid.shared_bytes,
          " bytes of shared memory, expected at most ", kMostShared);
  ++launches_;
  runner_.begin(launch);
  for (const std::int64_t i : runner_.in_order(grid.blocks * grid.agents)) runner_.run(i % grid.blocks, i / grid.blocks);
  check_fences(text("kernel ", kernel));
}

void EmulatedDevice::multiply(const ColumnMajorProduct& product) {
  if (recording_ != nullptr) {
    recording_->enqueued.push_back([this, product] { multiply(product); });
    return;
  }
  using Epilogue = ColumnMajorProduct::Epilogue;
  require(multiplies(product.epilogue), "product: this device does not multiply with epilogue ",
          static_cast<int>(product.epilogue));
  const auto check = [&](const float* p, std::int64_t elements, const char* what) {
    check_range(p, static_cast<std::size_t>(elements) * sizeof(float), what);
  };
  const ProductExtents extent = extents(product);
  check(product.A, extent.a, "product: A");
  check(product.B, extent.b, "product: B");
  check(product.C, extent.c, "product: C");
  const bool has_bias = product.epilogue == Epilogue::bias || product.epilogue == Epilogue::relu_bias;
  if (has_bias) check(product.bias, product.M, "product: bias");
  if (product.epilogue == Epilogue::bias_gradient) check(product.bias_gradient, product.N, "product: bias_gradient");
  multiply_on_host(product);
}

void EmulatedDevice::copy_in(void* to, const void* host, std::size_t bytes) {
  check_range(to, bytes, "copy_in: the destination");
  if (bytes > 0) std::memcpy(to, host, bytes);
}

void EmulatedDevice::copy_out(void* host, const void* from, std::size_t bytes) {
  check_range(from, bytes, "copy_out: the source");
  if (bytes > 0) std::memcpy(host, from, bytes);
}

void EmulatedDevice::check_range(const void* p, std::size_t bytes, const char* what) const {
  if (bytes == 0) return;
  const auto* begin = static_cast<const std::byte*>(p);
  auto memory = memory_.upper_bound(begin);
  require(memory != memory_.begin(), what, ", ", bytes, " bytes at ", p, ", is no memory of the device");
  --memory;
  const auto offset = static_cast<std::size_t>(begin - memory->first);
  const std::size_t allocated = memory->second->bytes();
  require(offset < allocated, what, ", ", bytes, " bytes at ", p, ", is no memory of the device");
  require(bytes <= allocated - offset, what, ", ", bytes, " bytes from byte ", offset, " of an allocation on, ends ",
          bytes - (allocated - offset), " bytes after the allocation's ", allocated);
}

void EmulatedDevice::check_fences(const std::string& who) {
  const auto check = [&](FencedMemory& memory, const char* what) {
    const std::string damage = memory.damage();
    if (damage.empty()) return;
    memory.mend();
    fail(who, " ", damage, " of ", what, " of ", memory.bytes(), " bytes");
  };
  for (const auto& [begin, memory] : memory_) check(*memory, "an allocation");
  for (const auto& memory : pinned_) check(*memory, "pinned memory");
}

}  // namespace handgrad::cuda
