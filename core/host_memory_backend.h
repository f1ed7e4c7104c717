#pragma once

#include "backend.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// The memory half of the contract for backends that compute on the CPU: host memory, aligned to 64 bytes.
class HostMemoryBackend : public Backend {
 public:
  void* allocate(std::size_t bytes) override;
  void deallocate(void* memory) noexcept override;
  void upload(void* to, const void* from_host, std::size_t bytes) override;
  void download(void* to_host, const void* from, std::size_t bytes) override;
  void fill(Vector x, Real value) override;
  bool reads_at_once() const override { return true; }
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
