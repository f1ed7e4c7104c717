#pragma once

#include "../../core/backend.h"
#include "packs.h"
#include "sums.h"

// Norms, and clipping by them. Squares are added in double, so that they neither overflow nor vanish in float.
//
//   up to kNormInOneBlock elements   one block an agent and one kernel: L2Norm, ClipByNorm. A thread keeps its elements in
//                                    registers while the block adds the squares
//   more                             SquareSums leaves norm_blocks(P) partial sums an agent, in double; L2NormOfSums or
//                                    ClipByNormOfSums adds them, the latter in each of its blocks anew, and that in the same order
//
// Who adds what depends on P alone, never on alignment or on how many agents there are. An agent's array begins P elements after
// the one before.

namespace handgrad::cuda {

/// What one block can hold: 1,024 threads with 20 elements each.
inline constexpr int kNormEach = 8;
inline constexpr std::int64_t kNormInOneBlock = 1024 * kNormEach;

/// The elements index, index + threads, index + 2 threads ... of an array: 0 where it has ended.
template <int N, class Thread>
HANDGRAD_DEVICE void load_elements(Thread& thread, const float* x, std::int64_t P, float (&elements)[N]) {
  for (int j = 0; j < N; ++j) {
    const int i = thread.index() + j * thread.threads();
    elements[j] = i < P ? x[i] : 0;
  }
}

/// Σ x² of a block's elements; four sums, because one waits for the other longer than for its turn.
template <int N, class Thread>
HANDGRAD_DEVICE double block_sum_of_squares(Thread& thread, const float (&elements)[N]) {
  static_assert(N % 4 == 0);
  double sums[4] = {};
  for (int j = 0; j < N; ++j)
    sums[j % 4] = std::fma(static_cast<double>(elements[j]), static_cast<double>(elements[j]), sums[j % 4]);
  return block_sum(thread, (sums[0] + sums[1]) + (sums[2] + sums[3]));
}

/// What clipping multiplies with: min(1, max_norm / (norm + 1e-6)), as PyTorch does. 1 if that is NaN.
HANDGRAD_DEVICE float clip_factor(float norm, float max_norm) {
  const float factor = max_norm / (norm + 1e-6F);
  return factor < 1 ? factor : 1;
}

/// norm = |x|₂.
struct L2Norm {
  static constexpr int kThreads = 1024;
  const float* x;  ///< [agents, P]
  std::int64_t P;  ///< up to kNormInOneBlock
  float* norm;     ///< [agents]

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    float elements[kNormEach];
    load_elements(thread, x + thread.agent() * P, P, elements);
    const double sum = block_sum_of_squares(thread, elements);
    if (thread.index() == 0) norm[thread.agent()] = static_cast<float>(std::sqrt(sum));
  }

  friend bool operator==(const L2Norm&, const L2Norm&) = default;
};

/// norm = |g|₂ (before), g *= min(1, max_norm / (norm + 1e-6)).
struct ClipByNorm {
  static constexpr int kThreads = 1024;
  float* g;        ///< [agents, P]
  std::int64_t P;  ///< up to kNormInOneBlock
  float max_norm;
  float* norm;  ///< [agents]

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    float* agents_g = g + thread.agent() * P;
    float elements[kNormEach];
    load_elements(thread, agents_g, P, elements);
    const auto before = static_cast<float>(std::sqrt(block_sum_of_squares(thread, elements)));
    const float factor = clip_factor(before, max_norm);
    for (int j = 0; j < kNormEach; ++j) {
      const int i = thread.index() + j * thread.threads();
      if (i < P) agents_g[i] = elements[j] * factor;
    }
    if (thread.index() == 0) norm[thread.agent()] = before;
  }

  friend bool operator==(const ClipByNorm&, const ClipByNorm&) = default;
};

inline constexpr std::int64_t kMostNormBlocks = 256;

/// How many blocks share the squares of an agent, and how many doubles of workspace an agent needs if there are several.
inline std::int64_t norm_blocks(std::int64_t P) {
  return P <= kNormInOneBlock ? 1 : std::min(kMostNormBlocks, blocks_for(P, 2048));
}

/// The grid of L2Norm and ClipByNorm: about eight elements a thread.
inline Grid norm_grid(std::int64_t P, std::int64_t agents = 1) {
  const std::int64_t warps = blocks_for(blocks_for(P, 8), kWarp);
  const auto threads = static_cast<int>(std::clamp<std::int64_t>(warps * kWarp, kWarp, 1024));
  return {1, threads, block_sum_bytes<double>(threads), agents};
}

/// partials = Σ x² of each block's elements.
struct SquareSums {
  static constexpr int kThreads = 256;
  const float* x;  ///< [agents, P]
  std::int64_t P;
  double* partials;  ///< [agents, blocks]

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    constexpr int kAtOnce = 8;
    const float* agents_x = x + thread.agent() * P;
    double sum = 0;
    HANDGRAD_ROLLED for (std::int64_t begin = thread.number(); begin < P; begin += kAtOnce * thread.numbers()) {
      float elements[kAtOnce];
      for (int j = 0; j < kAtOnce; ++j) {
        const std::int64_t i = begin + j * thread.numbers();
        elements[j] = i < P ? agents_x[i] : 0;
      }
      for (const float element : elements) sum = std::fma(static_cast<double>(element), static_cast<double>(element), sum);
    }
    sum = block_sum(thread, sum);
    if (thread.index() == 0) partials[thread.agent() * thread.blocks() + thread.block()] = sum;
  }

  friend bool operator==(const SquareSums&, const SquareSums&) = default;
};

inline Grid square_sums_grid(std::int64_t P, std::int64_t agents = 1) {
  return {norm_blocks(P), SquareSums::kThreads, block_sum_bytes<double>(SquareSums::kThreads), agents};
}

/// The norm, from an agent's partial sums [count], for every thread of a block with at least `count` threads.
template <class Thread>
HANDGRAD_DEVICE float norm_of_sums(Thread& thread, const double* partials, std::int64_t count) {
  return static_cast<float>(std::sqrt(block_sum(thread, thread.index() < count ? partials[thread.index()] : 0.0)));
}

/// norm = |x|₂ of what SquareSums has left.
struct L2NormOfSums {
  static constexpr int kThreads = 256;
  const double* partials;  ///< [agents, count]
  std::int64_t count;      ///< norm_blocks(P)
  float* norm;             ///< [agents]

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    const float value = norm_of_sums(thread, partials + thread.agent() * count, count);
    if (thread.index() == 0) norm[thread.agent()] = value;
  }

  friend bool operator==(const L2NormOfSums&, const L2NormOfSums&) = default;
};

inline Grid norm_of_sums_grid(std::int64_t agents = 1) {
  return {1, L2NormOfSums::kThreads, block_sum_bytes<double>(L2NormOfSums::kThreads), agents};
}

/// ClipByNorm from what SquareSums has left of g.
struct ClipByNormOfSums {
  static constexpr int kThreads = 256;
  static constexpr int kEach = 8;
  float* g;  ///< [agents, P]
  std::int64_t P;
  float max_norm;
  const double* partials;  ///< [agents, count]
  std::int64_t count;      ///< norm_blocks(P)
  float* norm;             ///< [agents]

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    float* agents_g = g + thread.agent() * P + thread.block() * kEach * thread.threads();
    const std::int64_t left = P - thread.block() * kEach * thread.threads();
    float elements[kEach];
    load_elements(thread, agents_g, left, elements);  // under way while the sums are added
    const float before = norm_of_sums(thread, partials + thread.agent() * count, count);
    const float factor = clip_factor(before, max_norm);
    for (int j = 0; j < kEach; ++j) {
      const int i = thread.index() + j * thread.threads();
      if (i < left) agents_g[i] = elements[j] * factor;
    }
    if (thread.number() == 0) norm[thread.agent()] = before;
  }

  friend bool operator==(const ClipByNormOfSums&, const ClipByNormOfSums&) = default;
};

inline Grid clip_by_norm_of_sums_grid(std::int64_t P, std::int64_t agents = 1) {
  constexpr int kThreads = ClipByNormOfSums::kThreads;
  return {blocks_for(P, ClipByNormOfSums::kEach * kThreads), kThreads, block_sum_bytes<double>(kThreads), agents};
}

}  // namespace handgrad::cuda
