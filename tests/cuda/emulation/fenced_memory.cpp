#include "tests/cuda/emulation/fenced_memory.h"

#include <algorithm>
#include <cstring>

#include "tests/support/sanitizer.h"

#if defined(HANDGRAD_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#endif

namespace handgrad::cuda {
namespace {

constexpr std::byte kFence{0xFF};  // all bits set: NaN in every type of floating-point numbers, -1 in every type of integers

/// Compares each byte with the next, which the C library does many at a time.
[[maybe_unused]] bool is_fence(const std::byte* p, std::size_t bytes) {
  return bytes == 0 || (*p == kFence && std::memcmp(p, p + 1, bytes - 1) == 0);
}

}  // namespace

FencedMemory::FencedMemory(std::size_t bytes, std::size_t alignment)
    : bytes_(bytes), after_((alignment - bytes % alignment) % alignment), memory_(kBefore + bytes + after_) {
  mend();
#if defined(HANDGRAD_ADDRESS_SANITIZER)
  ASAN_POISON_MEMORY_REGION(memory_.begin(), kBefore);
  ASAN_POISON_MEMORY_REGION(begin() + bytes_, after_);
#endif
}

FencedMemory::~FencedMemory() {
#if defined(HANDGRAD_ADDRESS_SANITIZER)
  ASAN_UNPOISON_MEMORY_REGION(memory_.begin(), kBefore + bytes_ + after_);
#endif
}

void FencedMemory::mend() {
  std::fill_n(memory_.begin(), kBefore, kFence);
  std::fill_n(begin() + bytes_, after_, kFence);
}

std::string FencedMemory::damage() const {
#if !defined(HANDGRAD_ADDRESS_SANITIZER)  // which has ended the program where it was done
  const auto written = [](std::byte b) { return b != kFence; };
  const std::byte *before = memory_.begin(), *middle = begin(), *after = middle + bytes_;
  if (!is_fence(before, kBefore)) {
    return text("wrote ", middle - std::find_if(before, middle, written), " bytes before the beginning");
  }
  if (!is_fence(after, after_)) {
    return text("wrote byte ", std::find_if(after, after + after_, written) - after + 1, " after the end");
  }
#endif
  return "";
}

}  // namespace handgrad::cuda
