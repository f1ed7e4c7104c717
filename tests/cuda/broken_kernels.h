#pragma once

#include <cstdint>

#include "cuda/execution.h"

/// Kernels of the kinds that there are in cuda/kernels, each as it should be (Mistake::none) and with one mistake.
namespace handgrad::cuda {

enum class Mistake {
  none,
  no_barrier,              ///< between writing shared memory and reading what others wrote
  no_barrier_after,        ///< between reading shared memory and writing it for the next turn
  no_warp_barrier,         ///< the same between the lanes of a warp
  barrier_in_branch,       ///< which not all threads take
  too_far,                 ///< a bound that is one too large
  too_little_shared,       ///< a launch with less shared memory than the kernel uses
  not_all_written,         ///< shared memory is read where no thread wrote
  lanes_left_out,          ///< an exchange in a branch that not all lanes of a warp take
  no_stride,               ///< a loop over the elements of a grid that goes on by a block
  once,                    ///< a branch where there should be a loop
  order_of_blocks,         ///< blocks add to one sum, in the order in which they come
  share_by_blocks,         ///< how a sum is cut depends on how many blocks there are
  wrong_stride_of_agents,  ///< agent k's array is looked for where it does not begin
  in_place,                ///< neighbours are read while others overwrite them
};

/// x *= factor.
struct BrokenScale {
  static constexpr int kThreads = 64;
  Mistake mistake;
  float* x;
  std::int64_t size;
  float factor;
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    const std::int64_t end = mistake == Mistake::too_far ? size + 1 : size;
    const std::int64_t stride = mistake == Mistake::no_stride ? thread.threads() : thread.numbers();
    for (std::int64_t i = thread.number(); i < end; i += stride) {
      x[i] *= factor;
      if (mistake == Mistake::once) break;
    }
  }
  friend bool operator==(const BrokenScale&, const BrokenScale&) = default;
};

/// y_i = x_i + x_i+1, the last with itself; y may be x, if all is read before anything is written.
struct BrokenNeighbours {
  static constexpr int kThreads = 256;
  Mistake mistake;
  float* x;
  std::int64_t size;  ///< up to 256
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    const std::int64_t i = thread.index(), last = mistake == Mistake::too_far ? size : size - 1;
    float sum = 0;
    if (i < size) sum = x[i] + x[i < last ? i + 1 : last];
    if (mistake == Mistake::barrier_in_branch) {
      if (i < size) thread.sync();
    } else if (mistake != Mistake::in_place) {
      thread.sync();
    }
    if (i < size) x[i] = sum;
  }
  friend bool operator==(const BrokenNeighbours&, const BrokenNeighbours&) = default;
};

/// For every thread, Σ x of its agent, by a tree in shared memory, and then Σ x², by another over the same memory.
struct BrokenTreeSum {
  static constexpr int kThreads = 256;
  Mistake mistake;
  const float* x;  ///< [agents, size]
  std::int64_t size;
  float* out;  ///< [agents, threads, 2]
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    const std::int64_t stride = mistake == Mistake::wrong_stride_of_agents ? size - 1 : size;
    const float* mine = x + thread.agent() * stride;
    float sum = 0, squares = 0;
    for (std::int64_t i = thread.index(); i < size; i += thread.threads()) {
      sum += mine[i];
      squares += mine[i] * mine[i];
    }
    float* sums = out + (thread.agent() * thread.threads() + thread.index()) * 2;
    sums[0] = tree(thread, sum);
    if (mistake != Mistake::no_barrier_after) thread.sync();
    sums[1] = tree(thread, squares);
  }

  template <class Thread>
  HANDGRAD_DEVICE float tree(Thread& thread, float mine) const {
    float* sums = thread.template shared<float>();
    if (mistake != Mistake::not_all_written || thread.index() < size) sums[thread.index()] = mine;
    for (int half = thread.threads() / 2; half > 0; half /= 2) {
      if (mistake == Mistake::barrier_in_branch) {
        if (thread.index() < half) thread.sync();
      } else if (mistake != Mistake::no_barrier) {
        thread.sync();
      }
      if (thread.index() < half) sums[thread.index()] += sums[thread.index() + half];
    }
    thread.sync();
    return sums[0];
  }
  friend bool operator==(const BrokenTreeSum&, const BrokenTreeSum&) = default;
};

/// out = Σ x, by exchanges between the lanes of one warp.
struct BrokenWarpSum {
  static constexpr int kThreads = 32;
  Mistake mistake;
  const float* x;
  std::int64_t size;  ///< up to 32
  float* out;
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    float sum = thread.lane() < size ? x[thread.lane()] : 0.0F;
    if (mistake != Mistake::lanes_left_out || thread.lane() < size) {
      for (int distance = kWarp / 2; distance > 0; distance /= 2) sum += thread.shuffle_down(sum, distance);
    }
    if (thread.lane() == 0) *out = sum;
  }
  friend bool operator==(const BrokenWarpSum&, const BrokenWarpSum&) = default;
};

/// out[warp] = x of the warp in reverse, handed on through shared memory without the rest of the block.
struct BrokenWarpReverse {
  static constexpr int kThreads = 256;
  Mistake mistake;
  float* x;
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    float* shared = thread.template shared<float>() + thread.warp() * kWarp;
    shared[thread.lane()] = x[thread.number()];
    if (mistake != Mistake::no_warp_barrier) thread.sync_warp();
    x[thread.number()] = shared[kWarp - 1 - thread.lane()];
  }
  friend bool operator==(const BrokenWarpReverse&, const BrokenWarpReverse&) = default;
};

/// C [M,N] = A [M,K] · B [K,N], row-major, by tiles of 8 x 8 that a block loads into shared memory. A block has 64 threads.
struct BrokenTiles {
  static constexpr int kThreads = 64;
  static constexpr int kTile = 8;
  Mistake mistake;
  const float *A, *B;
  float* C;
  std::int64_t M, N, K;
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    float* a = thread.template shared<float>();
    float* b = a + kTile * kTile;
    const int r = thread.index() / kTile, c = thread.index() % kTile;
    const std::int64_t columns = blocks_for(N, kTile);
    const std::int64_t row = thread.block() / columns * kTile + r, column = thread.block() % columns * kTile + c;
    const std::int64_t end = mistake == Mistake::too_far ? K + 1 : K;
    float sum = 0;
    for (std::int64_t k = 0; k < K; k += kTile) {
      const bool in_a = row < M && k + c < end, in_b = k + r < end && column < N;
      if (in_a || mistake != Mistake::not_all_written) a[thread.index()] = in_a ? A[row * K + k + c] : 0;
      if (in_b || mistake != Mistake::not_all_written) b[thread.index()] = in_b ? B[(k + r) * N + column] : 0;
      if (mistake != Mistake::no_barrier) thread.sync();
      for (int kk = 0; kk < kTile; ++kk) sum += a[r * kTile + kk] * b[kk * kTile + c];
      if (mistake != Mistake::no_barrier_after) thread.sync();
    }
    if (row < M && column < N) C[row * N + column] = sum;
  }
  friend bool operator==(const BrokenTiles&, const BrokenTiles&) = default;
};

/// out = Σ x over many blocks, 10 elements a partial sum; the second half of it adds the partial sums with one thread.
struct BrokenPartialSums {
  static constexpr int kThreads = 1;
  static constexpr std::int64_t kEach = 10;
  Mistake mistake;
  const float* x;
  std::int64_t size;
  float* partials;  ///< [blocks_for(size, kEach)], zeros
  float* out;       ///< zero
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    const std::int64_t each = mistake == Mistake::share_by_blocks ? blocks_for(size, thread.blocks()) : kEach;
    for (std::int64_t part = thread.block(); part * each < size; part += thread.blocks()) {
      float sum = 0;
      for (std::int64_t i = part * each; i < size && i < (part + 1) * each; ++i) sum += x[i];
      if (mistake == Mistake::order_of_blocks) {
        *out += sum;
      } else {
        partials[part] = sum;
      }
    }
  }
  friend bool operator==(const BrokenPartialSums&, const BrokenPartialSums&) = default;
};

struct AddPartialSums {
  static constexpr int kThreads = 1;
  const float* partials;
  std::int64_t count;
  float* out;
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread&) const {
    for (std::int64_t i = 0; i < count; ++i) *out += partials[i];
  }
  friend bool operator==(const AddPartialSums&, const AddPartialSums&) = default;
};

}  // namespace handgrad::cuda
