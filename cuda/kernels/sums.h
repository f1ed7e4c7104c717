#pragma once

#include "../execution.h"

// Sums in a fixed order: the same launch gives the same bits.

namespace handgrad::cuda {

/// The sum of x over the warp, for every lane the same bits: a tree in which two neighbours 16 apart are added, then 8 ...
template <class Thread, class T>
HANDGRAD_DEVICE T warp_sum(Thread& thread, T x) {
  for (int distance = kWarp / 2; distance > 0; distance /= 2) x += thread.shuffle_xor(x, distance);
  return x;
}

/// Shared memory that block_sum takes in a block of so many threads.
template <class T>
constexpr std::size_t block_sum_bytes(int threads) {
  return static_cast<std::size_t>(threads / kWarp) * sizeof(T);
}

/// The sum of x over the block, for every thread the same bits; `threads` is a multiple of 32. Takes shared memory from byte 0
/// on. Trap: a second call needs a sync() before it, or a fast warp overwrites what a slow one has still to read.
template <class Thread, class T>
HANDGRAD_DEVICE T block_sum(Thread& thread, T x) {
  x = warp_sum(thread, x);
  T* sums = thread.template shared<T>();  // [warps]
  if (thread.lane() == 0) sums[thread.warp()] = x;
  thread.sync();
  return warp_sum(thread, thread.lane() < thread.threads() / kWarp ? sums[thread.lane()] : T(0));
}

}  // namespace handgrad::cuda
