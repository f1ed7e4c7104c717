#pragma once

#include <cassert>
#include <cstdint>
#include <span>
#include <type_traits>

#include "real.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// A row-major matrix [rows, cols] that somebody else owns: element (r, c) is data[r * cols + c].
///
/// Views are two words and a pointer; pass them by value. `data` may point into the memory of a GPU: only a Backend may
/// follow it, everybody else copies to the host first (see Buffer).
template <class T>
struct MatrixView {
  T* data = nullptr;
  std::int64_t rows = 0;
  std::int64_t cols = 0;

  constexpr MatrixView() = default;
  constexpr MatrixView(T* data_, std::int64_t rows_, std::int64_t cols_) : data(data_), rows(rows_), cols(cols_) {}

  /// A writable view is readable too.
  template <class U>
  requires(std::is_same_v<const U, T>) constexpr MatrixView(MatrixView<U> other)
      : data(other.data), rows(other.rows), cols(other.cols) {}

  constexpr std::int64_t size() const { return rows * cols; }
  constexpr bool empty() const { return data == nullptr; }

  T& operator()(std::int64_t r, std::int64_t c) const {
    assert(r >= 0 && r < rows && c >= 0 && c < cols);
    return data[r * cols + c];
  }

  /// The first n rows: how a small batch uses work memory made for a large one.
  constexpr MatrixView top(std::int64_t n) const {
    assert(n <= rows);
    return {data, n, cols};
  }
  constexpr std::span<T> flat() const { return {data, static_cast<std::size_t>(size())}; }
  constexpr std::span<T> row(std::int64_t r) const { return {data + r * cols, static_cast<std::size_t>(cols)}; }
};

using Matrix = MatrixView<Real>;
using ConstMatrix = MatrixView<const Real>;
using Vector = std::span<Real>;
using ConstVector = std::span<const Real>;

/// Actions and row numbers.
using Indices = std::span<std::int32_t>;
using ConstIndices = std::span<const std::int32_t>;

}  // namespace handgrad::inline HANDGRAD_PRECISION
