#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

#include "tests/support/sanitizer.h"

#if defined(__linux__) && !defined(HANDGRAD_ADDRESS_SANITIZER)
#define HANDGRAD_COUNTS_ALLOCATIONS 1

namespace handgrad::test {

/// How often this process has taken memory, whatever the way: nn/allocation_test.cpp counts.
long allocations_so_far();
/// How many bytes they were together; what was given back counts too.
std::size_t bytes_so_far();

}  // namespace handgrad::test

#endif

namespace handgrad::test {

inline std::atomic<long> bytes_in_use{0}, most_bytes_in_use{0};

/// Said by whoever takes memory, or gives it back (then less than 0): operator new of nn/allocation_test.cpp, or the address
/// sanitizer (fuzz/contract.cpp).
inline void count_bytes(long bytes) {
  const long now = bytes_in_use += bytes;
  long most = most_bytes_in_use;
  while (now > most && !most_bytes_in_use.compare_exchange_weak(most, now)) {
  }
}

/// The most memory that was in use at one time since this was made, above what was in use then; 0 in a program where nobody
/// counts. One at a time.
class MemoryPeak {
 public:
  MemoryPeak() : before_(bytes_in_use) { most_bytes_in_use = before_; }
  std::size_t bytes() const { return static_cast<std::size_t>(std::max(0L, most_bytes_in_use - before_)); }

 private:
  long before_;
};

}  // namespace handgrad::test
