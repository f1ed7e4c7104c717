#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "../../core/error.h"
#include "../execution.h"

// How kernels go through flat arrays: an element a thread where there are threads for all of them, else four at once.

/// Stands before a loop that seldom comes to a second round: unrolled, it would begin with a division that counts the rounds.
#if defined(__CUDACC__)
#define HANDGRAD_ROLLED _Pragma("unroll 1")
#else
#define HANDGRAD_ROLLED
#endif

namespace handgrad::cuda {

/// N floats that are side by side in memory and are loaded and stored at once: 1 or 4.
template <int N>
struct alignas(N * sizeof(float)) Pack {
  float at[N];
};

template <int N>
HANDGRAD_DEVICE Pack<N> load(const float* x) {
  return *reinterpret_cast<const Pack<N>*>(x);
}

template <int N>
HANDGRAD_DEVICE void store(float* x, const Pack<N>& pack) {
  *reinterpret_cast<Pack<N>*>(x) = pack;
}

/// Whether x, which may be null, can be loaded four at once.
HANDGRAD_DEVICE bool aligned(const float* x) { return reinterpret_cast<std::uintptr_t>(x) % sizeof(Pack<4>) == 0; }

/// a b + c in one rounding. Written out wherever a product meets a sum: where to fuse is no choice of a compiler's, who might
/// choose otherwise for four elements than for one, or for another GPU.
HANDGRAD_DEVICE float multiply_add(float a, float b, float c) { return std::fma(a, b, c); }

/// Calls kernel.at<N>(i) for elements i to i + N - 1, until all of `size` elements have had their turn: one at a time if there
/// are threads for all of them, else four at a time if kernel.aligns(). What an element becomes must not depend on N.
template <class Thread, class Kernel>
HANDGRAD_DEVICE void for_each_element(Thread& thread, std::int64_t size, const Kernel& kernel) {
  if (size <= thread.numbers()) {
    if (thread.number() < size) kernel.template at<1>(thread.number());
    return;
  }
  // What is left over gets a warp of its own, so that no thread does one after the other.
  const std::int64_t fours = kernel.aligns() ? size / 4 : 0, left_over = 4 * fours, begin = blocks_for(fours, kWarp) * kWarp;
  HANDGRAD_ROLLED for (std::int64_t k = thread.number(); k < begin + size - left_over; k += thread.numbers()) {
    if (k < fours) {
      kernel.template at<4>(4 * k);
    } else if (k >= begin) {
      kernel.template at<1>(left_over + k - begin);
    }
  }
}

/// The row that element i of a matrix with so many columns is in. Trap: 32 bits, since a division of 64 takes three times as
/// long, and until it is done nothing can be loaded; whoever makes a kernel that divides sees to it that they suffice.
HANDGRAD_DEVICE std::int64_t row_of(std::int64_t i, std::int64_t columns) {
  return static_cast<std::uint32_t>(i) / static_cast<std::uint32_t>(columns);
}

inline void require_countable(std::int64_t elements) {
  require(elements < std::int64_t{1} << 32, "a kernel counts up to 2^32 elements of a matrix, got ", elements,
          ": use smaller batches");
}

inline constexpr int kElementThreads = 256;

/// `items` of work an agent, one a thread, over all of a GPU's multiprocessors (about 128) before any has much of it.
inline Grid spread_grid(std::int64_t items, std::int64_t agents = 1) {
  const std::int64_t share = blocks_for(items * agents, 128);  // of a multiprocessor
  const std::int64_t most = std::min<std::int64_t>(kElementThreads, blocks_for(items, kWarp) * kWarp);
  const std::int64_t threads = std::clamp<std::int64_t>(blocks_for(share, kWarp) * kWarp, kWarp, most);
  return {blocks_for(items, threads), static_cast<int>(threads), 0, agents};
}

/// For kernels that are made of for_each_element. Up to 65,536 elements are soonest done one a thread: what takes time are
/// chains of dependent instructions. More are limited by memory.
inline Grid elements_grid(std::int64_t size) {
  constexpr std::int64_t kOneEach = 65536;
  return spread_grid(size <= kOneEach ? size : blocks_for(size / 4, kWarp) * kWarp + size % 4);
}

}  // namespace handgrad::cuda
