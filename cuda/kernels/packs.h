#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "../execution.h"

// How kernels go through flat arrays: an element a thread where there are threads for all of them, else four at once.

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

/// Calls kernel.at<N>(i) for elements i to i + N - 1, until all of `size` elements have had their turn. What an element
/// becomes must not depend on N. Fours only if `by_fours`: every array is aligned.
template <class Thread, class Kernel>
HANDGRAD_DEVICE void for_each_element(Thread& thread, std::int64_t size, bool by_fours, const Kernel& kernel) {
  const std::int64_t numbers = thread.numbers();
  if (!by_fours || size <= numbers) {
    for (std::int64_t i = thread.number(); i < size; i += numbers) kernel.template at<1>(i);
    return;
  }
  // What is left over gets a warp of its own, so that no thread does one after the other.
  const std::int64_t fours = size / 4, left_over = 4 * fours, begin = blocks_for(fours, kWarp) * kWarp;
  for (std::int64_t k = thread.number(); k < begin + size - left_over; k += numbers) {
    if (k < fours) {
      kernel.template at<4>(4 * k);
    } else if (k >= begin) {
      kernel.template at<1>(left_over + k - begin);
    }
  }
}

inline constexpr int kElementThreads = 256;

/// `items` of work, one a thread, over all of a GPU's multiprocessors (about 128) before any has much of it.
inline Grid spread_grid(std::int64_t items, std::int64_t agents = 1) {
  const std::int64_t warps = blocks_for(blocks_for(items, 128), kWarp);
  const std::int64_t threads = std::clamp<std::int64_t>(warps * kWarp, kWarp, kElementThreads);
  return {blocks_for(items, threads), static_cast<int>(threads), 0, agents};
}

/// For kernels that are made of for_each_element. Up to 65,536 elements are soonest done one a thread: what takes time are
/// chains of dependent instructions. More are limited by memory.
inline Grid elements_grid(std::int64_t size) {
  constexpr std::int64_t kOneEach = 65536;
  return spread_grid(size <= kOneEach ? size : blocks_for(size / 4, kWarp) * kWarp + size % 4);
}

}  // namespace handgrad::cuda
