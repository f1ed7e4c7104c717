#pragma once

#include <cstddef>
#include <string>

#include "tests/support/guarded.h"

namespace handgrad::cuda {

/// Memory as the emulated device gives it out, zeroed, and around it memory that nobody may use: 256 bytes before it, behind it
/// what alignment leaves, then a wall. With the address sanitizer all of that is poisoned, and the end is exact. Without, who
/// reads it gets NaN, who writes it is found out afterwards, and the wall ends the program.
class FencedMemory {
 public:
  /// Aligned to `alignment` bytes, a power of two up to 256.
  FencedMemory(std::size_t bytes, std::size_t alignment);
  ~FencedMemory();
  FencedMemory(const FencedMemory&) = delete;
  FencedMemory& operator=(const FencedMemory&) = delete;

  std::byte* begin() const { return memory_.begin() + kBefore; }
  std::size_t bytes() const { return bytes_; }
  /// "", or where it was written although nobody may.
  std::string damage() const;
  /// Makes good what damage() tells of.
  void mend();

 private:
  static constexpr std::size_t kBefore = 256;

  std::size_t bytes_;
  std::size_t after_;  // what alignment leaves before the wall
  MemoryBeforeAWall memory_;
};

}  // namespace handgrad::cuda
