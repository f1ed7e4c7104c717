#include "tests/cuda/emulation/fenced_memory.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "tests/support/sanitizer.h"

#if defined(HANDGRAD_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#endif

namespace handgrad::cuda {
namespace {

/// What fences are made of: signalling NaN. Unlike other NaN it does not survive arithmetic, so that x *= 2 leaves a trace.
constexpr auto kFence = std::bit_cast<std::array<std::byte, 4>>(std::uint32_t{0x7FBFFFFF});

std::byte fence_at(const std::byte* p) { return kFence[reinterpret_cast<std::uintptr_t>(p) % kFence.size()]; }

void make_fence(std::byte* p, std::size_t bytes) {
  for (std::byte* end = p + bytes; p != end; ++p) *p = fence_at(p);
}

/// The first byte that was written, or the end.
[[maybe_unused]] const std::byte* first_written(const std::byte* p, std::size_t bytes) {
  const std::byte* end = p + bytes;
  // Most fences are whole, and four bytes are like the four before: the C library compares many at a time.
  const std::byte* beginning = p + std::min(bytes, kFence.size());
  const bool begins = std::all_of(p, beginning, [](const std::byte& b) { return b == fence_at(&b); });
  if (begins && std::memcmp(p, beginning, static_cast<std::size_t>(end - beginning)) == 0) return end;
  while (p != end && *p == fence_at(p)) ++p;
  return p;
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

FencedMemory::~FencedMemory() {  // NOLINT(modernize-use-equals-default): it is none under the address sanitizer
#if defined(HANDGRAD_ADDRESS_SANITIZER)
  ASAN_UNPOISON_MEMORY_REGION(memory_.begin(), kBefore + bytes_ + after_);
#endif
}

void FencedMemory::mend() {
  make_fence(memory_.begin(), kBefore);
  make_fence(begin() + bytes_, after_);
}

std::string FencedMemory::damage() const {
#if !defined(HANDGRAD_ADDRESS_SANITIZER)  // which has ended the program where it was done
  const std::byte *before = memory_.begin(), *after = begin() + bytes_;
  if (const std::byte* p = first_written(before, kBefore); p != before + kBefore) {
    return text("wrote ", before + kBefore - p, " bytes before the beginning");
  }
  if (const std::byte* p = first_written(after, after_); p != after + after_) {
    return text("wrote byte ", p - after + 1, " after the end");
  }
#endif
  return "";
}

}  // namespace handgrad::cuda
