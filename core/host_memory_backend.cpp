#include <algorithm>
#include <cstring>
#include <new>

#include "error.h"
#include "host_memory_backend.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {
// A cache line, and the widest vector register there is (AVX-512).
constexpr std::align_val_t kAlignment{64};
}  // namespace

void* HostMemoryBackend::allocate(std::size_t bytes) {
  void* memory = ::operator new(std::max<std::size_t>(bytes, 1), kAlignment, std::nothrow);
  require(memory != nullptr, "out of memory: ", bytes, " bytes wanted. Use a smaller network, batch or replay capacity.");
  std::memset(memory, 0, bytes);
  return memory;
}

void HostMemoryBackend::deallocate(void* memory) noexcept { ::operator delete(memory, kAlignment); }

void HostMemoryBackend::upload(void* to, const void* from_host, std::size_t bytes) {
  if (bytes != 0) std::memcpy(to, from_host, bytes);
}

void HostMemoryBackend::download(void* to_host, const void* from, std::size_t bytes) {
  if (bytes != 0) std::memcpy(to_host, from, bytes);
}

void HostMemoryBackend::fill(Vector x, Real value) { std::ranges::fill(x, value); }

}  // namespace handgrad::inline HANDGRAD_PRECISION
