#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/matrix.h"
#include "core/random.h"

namespace handgrad {

/// Bytes that end where a page begins that can be neither read nor written: whoever goes too far crashes, whatever
/// instruction it is done with and whatever the program was compiled with.
class MemoryBeforeAWall {
 public:
  explicit MemoryBeforeAWall(std::size_t bytes);
  ~MemoryBeforeAWall();
  MemoryBeforeAWall(const MemoryBeforeAWall&) = delete;
  MemoryBeforeAWall& operator=(const MemoryBeforeAWall&) = delete;

  std::byte* begin() const { return wall_ - bytes_; }

 private:
  std::size_t bytes_;
  std::byte* mapping_;
  std::byte* wall_;
};

/// An array that an operation may use, and around it memory that it may not: 64 guards before the array, whose value gives
/// away who reads them; after it either a wall, or guards and then a wall. The address is a multiple of sizeof(T), no more.
template <class T>
class Guarded {
 public:
  Guarded(std::vector<T> initial, Generator& random)
      : initial_(std::move(initial)),
        after_(random.integers(0, 2) == 0 ? 0 : kGuards + static_cast<std::size_t>(random.integers(0, 16))),
        memory_((kGuards + initial_.size() + after_) * sizeof(T)) {
    reset();
  }

  std::span<T> span() { return {begin() + kGuards, initial_.size()}; }
  std::span<const T> span() const { return {begin() + kGuards, initial_.size()}; }
  MatrixView<T> matrix(std::int64_t rows, std::int64_t cols) {
    require(rows * cols == static_cast<std::int64_t>(initial_.size()), "a matrix ", rows, " x ", cols,
            " was expected to have ", initial_.size(), " elements");
    return {span().data(), rows, cols};
  }
  const std::vector<T>& initial() const { return initial_; }

  /// As if new: the values and guards that it began with.
  void reset() {
    std::fill_n(begin(), kGuards, guard());
    std::ranges::copy(initial_, span().begin());
    std::fill_n(begin() + kGuards + initial_.size(), after_, guard());
  }

  /// "", or which guard was written.
  std::string damage() const {
    for (std::size_t i = 0; i < kGuards; ++i) {
      if (!is_guard(begin()[i])) return text("element ", kGuards - i, " before the first was written");
    }
    for (std::size_t i = 0; i < after_; ++i) {
      if (!is_guard(begin()[kGuards + initial_.size() + i])) return text("element ", i + 1, " after the last was written");
    }
    return "";
  }

 private:
  static constexpr std::size_t kGuards = 64;

  T* begin() const { return reinterpret_cast<T*>(memory_.begin()); }
  /// All bits set: a NaN, which spoils every result it gets into, and -1, which is nobody's row or column.
  static T guard() {
    T value;
    std::memset(&value, 0xFF, sizeof value);
    return value;
  }
  static bool is_guard(const T& value) {
    const T expected = guard();
    return std::memcmp(&value, &expected, sizeof value) == 0;
  }

  std::vector<T> initial_;
  std::size_t after_;
  MemoryBeforeAWall memory_;
};

}  // namespace handgrad
