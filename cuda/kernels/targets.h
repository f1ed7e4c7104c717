#pragma once

#include "../../core/backend.h"
#include "packs.h"

// What is done to each row by itself: the best action, targets. Many agents are more rows. Grid: rows_grid(rows), and for
// PutSelected elements_grid(rows · A).

namespace handgrad::cuda {

/// A column of a row of numbers, and what lies there in another row.
struct Selection {
  std::int32_t column;
  float value;
};

/// The lowest column among those with the largest value of row [A], and values[column]. A NaN is not larger than anything, and
/// nothing is larger than it.
HANDGRAD_DEVICE Selection largest_column(const float* row, const float* values, std::int64_t A) {
  constexpr int kAtOnce = 4;
  float largest = row[0];
  Selection best{0, values[0]};
  for (std::int64_t begin = 1; begin < A; begin += kAtOnce) {
    float candidate[kAtOnce] = {}, value[kAtOnce] = {};
    for (int j = 0; j < kAtOnce; ++j) {
      if (begin + j >= A) break;
      candidate[j] = row[begin + j];
      value[j] = values[begin + j];
    }
    for (int j = 0; j < kAtOnce; ++j) {
      if (begin + j < A && candidate[j] > largest) {
        largest = candidate[j];
        best = {static_cast<std::int32_t>(begin + j), value[j]};
      }
    }
  }
  return best;
}

/// y_i = reward_i + discount_i · next_target[i, a*_i], a* being the argmax of next_online, or of next_target if there is no
/// other. The value is looked up while the largest is looked for: loading it afterwards would be another trip to memory.
struct TdTarget {
  static constexpr int kThreads = kElementThreads;
  const float* next_target;  ///< [rows, A]
  const float* next_online;  ///< [rows, A], or null
  const float* reward;       ///< [rows]
  const float* discount;     ///< [rows]
  float* y;                  ///< [rows]
  std::int64_t rows, A;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    for (std::int64_t n = thread.number(); n < rows; n += thread.numbers()) {
      const float r = reward[n], factor = discount[n];
      const float* values = next_target + n * A;
      const Selection best = largest_column(next_online == nullptr ? values : next_online + n * A, values, A);
      y[n] = multiply_add(factor, best.value, r);
    }
  }

  friend bool operator==(const TdTarget&, const TdTarget&) = default;
};

/// out_i = the column of row i's largest value, the lowest among equals.
struct Argmax {
  static constexpr int kThreads = kElementThreads;
  const float* Q;  ///< [rows, A]
  std::int32_t* out;
  std::int64_t rows, A;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    for (std::int64_t n = thread.number(); n < rows; n += thread.numbers()) {
      out[n] = largest_column(Q + n * A, Q + n * A, A).column;
    }
  }

  friend bool operator==(const Argmax&, const Argmax&) = default;
};

/// The grid of TdTarget and Argmax.
inline Grid rows_grid(std::int64_t rows) { return spread_grid(rows); }

/// T = base but for column action_i of row i, which is value_i. Grid: elements_grid(rows · A).
struct PutSelected {
  static constexpr int kThreads = kElementThreads;
  const float* base;           ///< [rows, A]
  const std::int32_t* action;  ///< [rows]
  const float* value;          ///< [rows]
  float* T;                    ///< [rows, A]
  std::int64_t rows, A;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    for (std::int64_t i = thread.number(); i < rows * A; i += thread.numbers()) {
      const std::int64_t n = i / A;
      const float put = value[n], kept = base[i];
      T[i] = action[n] == i - n * A ? put : kept;
    }
  }

  friend bool operator==(const PutSelected&, const PutSelected&) = default;
};

}  // namespace handgrad::cuda
