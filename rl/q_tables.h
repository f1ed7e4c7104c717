#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "../core/random.h"
#include "../core/state.h"

namespace handgrad {

/// A state as tables know it: the rows that are active in it, one by itself (a table) or several (tile coding).
using StateRows = std::span<const std::int32_t>;

/// Action values kept in tables:
///
///   Q(s, a) = Σ w[f, a] over the rows f that are active in s        w [F, A]
///
/// one table, or two for double Q-learning. Where a mask says that an action is not legal in a state, its value counts as -∞ in
/// every choice and maximum. All in double, whatever Real is. Nothing is allocated after construction.
class QTables {
 public:
  /// tables: 1 or 2; legal [F·A], 1 where an action is legal, or empty where all are. Throws Error for sizes below 1, more than
  /// 2^31 entries, and a mask of another size or without any legal action in some row.
  QTables(std::int64_t rows, std::int64_t actions, std::int64_t tables = 1, std::vector<std::uint8_t> legal = {});

  std::int64_t rows() const { return rows_; }
  std::int64_t actions() const { return actions_; }
  std::int64_t tables() const { return static_cast<std::int64_t>(weights_.size()); }
  const std::vector<std::uint8_t>& legal() const { return legal_; }

  std::span<double> weights(std::int64_t table = 0) { return weights_[static_cast<std::size_t>(table)]; }
  std::span<const double> weights(std::int64_t table = 0) const { return weights_[static_cast<std::size_t>(table)]; }

  /// Q(s, ·) [A] of one table, -∞ where not legal. Valid until the next call of values or total, or change of the table.
  const double* values(StateRows state, std::int64_t table = 0);
  /// Q(s, ·) [A], summed over the tables: what actions are chosen by.
  const double* total(StateRows state);

  double value(StateRows state, std::int32_t action, std::int64_t table = 0) const;
  void add(StateRows state, std::int32_t action, double difference, std::int64_t table = 0);

  bool is_legal(StateRows state, std::int64_t action) const { return legal_.empty() || legal_[place(state[0], action)] != 0; }
  std::int64_t legal_count(StateRows state) const;

  /// The tables, `q` or `q_a` and `q_b`. Throws Error for others, and for numbers that are not finite.
  void serialize(StateArchive& state);

 private:
  std::size_t place(std::int32_t row, std::int64_t action) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(actions_) + static_cast<std::size_t>(action);
  }
  void sum_rows(StateRows state, std::int64_t table);  // adds to sums_
  const double* masked_sums(StateRows state);

  std::int64_t rows_, actions_;
  std::vector<std::vector<double>> weights_;  // [tables][F·A]
  std::vector<std::uint8_t> legal_;           // [F·A] or empty
  std::vector<double> sums_;                  // [A]
};

// Both keep the largest value itself, not its place: reading it back would wait for the comparison before.

inline double largest_of(const double* values, std::int64_t n) {
  double largest = values[0];
  for (std::int64_t a = 1; a < n; ++a) largest = values[a] > largest ? values[a] : largest;
  return largest;
}

/// What a table is called where it is written down.
inline const char* table_name(std::int64_t tables, std::int64_t table) {
  if (tables == 1) return "q";
  return table == 0 ? "q_a" : "q_b";
}

/// The best of n actions: the first of them, and how many are as good.
struct BestActions {
  std::int32_t first = 0;
  std::int32_t count = 1;
  double value;
};

inline BestActions best_actions(const double* values, std::int64_t n) {
  BestActions best{0, 1, values[0]};
  for (std::int32_t a = 1; a < n; ++a) {
    const bool better = values[a] > best.value;
    best.count = better ? 1 : best.count + (values[a] == best.value ? 1 : 0);
    best.first = better ? a : best.first;
    best.value = better ? values[a] : best.value;
  }
  return best;
}

/// The lowest index among the largest of n values.
inline std::int32_t argmax(const double* values, std::int64_t n) {
  std::int32_t best = 0;
  double largest = values[0];
  for (std::int32_t a = 1; a < n; ++a) {
    best = values[a] > largest ? a : best;
    largest = values[a] > largest ? values[a] : largest;
  }
  return best;
}

// The hot ones, here so that they are inlined.

inline const double* QTables::values(StateRows state, std::int64_t table) {
  if (state.size() == 1 && legal_.empty()) return weights_[static_cast<std::size_t>(table)].data() + place(state[0], 0);
  std::ranges::fill(sums_, 0.0);
  sum_rows(state, table);
  return masked_sums(state);
}

inline const double* QTables::total(StateRows state) {
  if (tables() == 1) return values(state, 0);
  std::ranges::fill(sums_, 0.0);
  for (std::int64_t table = 0; table < tables(); ++table) sum_rows(state, table);
  return masked_sums(state);
}

inline void QTables::sum_rows(StateRows state, std::int64_t table) {
  for (const std::int32_t row : state) {
    const double* values = weights_[static_cast<std::size_t>(table)].data() + place(row, 0);
    for (std::size_t a = 0; a < sums_.size(); ++a) sums_[a] += values[a];
  }
}

inline const double* QTables::masked_sums(StateRows state) {
  if (!legal_.empty()) {
    for (std::size_t a = 0; a < sums_.size(); ++a) {
      if (!is_legal(state, static_cast<std::int64_t>(a))) sums_[a] = -std::numeric_limits<double>::infinity();
    }
  }
  return sums_.data();
}

inline double QTables::value(StateRows state, std::int32_t action, std::int64_t table) const {
  double sum = 0.0;
  for (const std::int32_t row : state) sum += weights_[static_cast<std::size_t>(table)][place(row, action)];
  return sum;
}

inline void QTables::add(StateRows state, std::int32_t action, double difference, std::int64_t table) {
  for (const std::int32_t row : state) weights_[static_cast<std::size_t>(table)][place(row, action)] += difference;
}

}  // namespace handgrad
