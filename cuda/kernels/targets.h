#pragma once

#include "../../core/backend.h"
#include "packs.h"

// What is done to each row by itself: the best action, targets. Many agents are more rows.

namespace handgrad::cuda {

struct Largest {
  std::int32_t column;
  float value;
};

/// The lowest column among those with the largest value of row [A]. A NaN is not larger than anything, and nothing is larger
/// than it.
HANDGRAD_DEVICE Largest largest_of(const float* row, std::int64_t A) {
  constexpr int kAtOnce = 4;
  Largest largest{0, row[0]};
  const auto columns = static_cast<std::int32_t>(A);
  HANDGRAD_ROLLED for (std::int32_t begin = 1; begin < columns; begin += kAtOnce) {
    float candidates[kAtOnce];
    for (int j = 0; j < kAtOnce; ++j) {
      candidates[j] = row[begin + j < columns ? begin + j : columns - 1];  // the last once more: it is not larger than itself
    }
    for (int j = 0; j < kAtOnce; ++j) {
      if (candidates[j] > largest.value) largest = {begin + j, candidates[j]};
    }
  }
  return largest;
}

/// y_i = reward_i + discount_i · next_target[i, a*_i], a* being the argmax of next_online, or of next_target if there is no
/// other.
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
    const std::int64_t n = thread.number();
    if (n >= rows) return;
    const float r = reward[n], factor = discount[n];
    const float* values = next_target + n * A;
    float value;
    if (next_online == nullptr) {
      value = largest_of(values, A).value;
    } else {
      value = values[largest_of(next_online + n * A, A).column];
    }
    y[n] = multiply_add(factor, value, r);
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
    const std::int64_t n = thread.number();
    if (n < rows) out[n] = largest_of(Q + n * A, A).column;
  }

  friend bool operator==(const Argmax&, const Argmax&) = default;
};

/// next_online may be empty.
inline TdTarget make_td_target(ConstMatrix next_target, ConstMatrix next_online, ConstVector reward, ConstVector discount,
                               Vector y) {
  return {next_target.data, next_online.data, reward.data(), discount.data(), y.data(), next_target.rows, next_target.cols};
}

inline Argmax make_argmax(ConstMatrix Q, Indices out) { return {Q.data, out.data(), Q.rows, Q.cols}; }

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
    HANDGRAD_ROLLED for (std::int64_t i = thread.number(); i < rows * A; i += thread.numbers()) {
      const std::int64_t n = row_of(i, A);
      const float put = value[n], kept = base[i];
      T[i] = action[n] == i - n * A ? put : kept;
    }
  }

  friend bool operator==(const PutSelected&, const PutSelected&) = default;
};

inline PutSelected make_put_selected(ConstMatrix base, ConstIndices action, ConstVector value, Matrix T) {
  require_countable(T.size());
  return {base.data, action.data(), value.data(), T.data, T.rows, T.cols};
}

}  // namespace handgrad::cuda
