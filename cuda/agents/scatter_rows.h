#pragma once

#include "../kernels/packs.h"

namespace handgrad::cuda {

/// Row rows_i of target is row i of source, unless rows_i is negative: then that row is left out. Each agent has B rows and a
/// target of N rows; the rows of an agent differ.
struct ScatterRows {
  static constexpr int kThreads = kElementThreads;
  const float* source;       ///< [agents, B, I]
  const std::int32_t* rows;  ///< [agents, B]
  float* target;             ///< [agents, N, I]
  std::int64_t agents, N, B, I;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    for (std::int64_t k = thread.number(); k < agents * B * I; k += thread.numbers()) {
      const std::int64_t n = k / I;
      const std::int32_t row = rows[n];
      if (row >= 0) target[(n / B * N + row) * I + k - n * I] = source[k];
    }
  }

  friend bool operator==(const ScatterRows&, const ScatterRows&) = default;
};

inline Grid scatter_grid(std::int64_t agents, std::int64_t B, std::int64_t I) { return spread_grid(agents * B * I); }

}  // namespace handgrad::cuda
