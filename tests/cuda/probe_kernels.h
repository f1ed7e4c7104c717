#pragma once

#include <cstdint>

#include "cuda/execution.h"

/// Kernels that show what a device does with its threads: emulation_test.cpp launches them.
namespace handgrad::cuda::probes {

/// What every thread says of itself.
struct WhoAmI {
  static constexpr int kThreads = 256;
  std::int64_t* out;  // [agents, blocks, threads, 10]
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    std::int64_t* row = out + ((thread.agent() * thread.blocks() + thread.block()) * thread.threads() + thread.index()) * 10;
    const std::int64_t values[] = {thread.index(),  thread.threads(), thread.block(),   thread.blocks(), thread.agent(),
                                   thread.agents(), thread.number(),  thread.numbers(), thread.lane(),   thread.warp()};
    for (int i = 0; i < 10; ++i) row[i] += values[i];
  }
  friend bool operator==(const WhoAmI&, const WhoAmI&) = default;
};

/// Writes down when each thread of a block came, before a barrier and after it: order[k] is the k-th of 2 · threads.
struct WhenDoICome {
  static constexpr int kThreads = 1024;
  std::int32_t* order;  // [blocks, 1 + 2 · threads]; the first is a counter
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    std::int32_t* mine = order + thread.block() * (1 + 2 * thread.threads());
    mine[1 + mine[0]++] = thread.index();
    thread.sync();
    mine[1 + mine[0]++] = thread.index();
  }
  friend bool operator==(const WhenDoICome&, const WhenDoICome&) = default;
};

/// Reverses each block's part of x through shared memory, `times` times.
struct Reverse {
  static constexpr int kThreads = 1024;
  float* x;
  int times;
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    float* shared = thread.template shared<float>();
    float mine = x[thread.number()];
    for (int i = 0; i < times; ++i) {
      shared[thread.index()] = mine;
      thread.sync();
      mine = shared[thread.threads() - 1 - thread.index()];
      thread.sync();
    }
    x[thread.number()] = mine;
  }
  friend bool operator==(const Reverse&, const Reverse&) = default;
};

enum class Exchange { down, exclusive, from };

/// Each lane's value of another lane.
template <class T>
struct Shuffle {
  static constexpr int kThreads = 256;
  Exchange exchange;
  int argument;
  T* x;
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    T mine = x[thread.number()];
    if (exchange == Exchange::down) mine = thread.shuffle_down(mine, argument);
    if (exchange == Exchange::exclusive) mine = thread.shuffle_xor(mine, argument);
    if (exchange == Exchange::from) mine = thread.shuffle(mine, argument);
    x[thread.number()] = mine;
  }
  friend bool operator==(const Shuffle&, const Shuffle&) = default;
};

/// The sum of a warp in every one of its lanes, by exchanges that follow each other directly.
struct WarpSum {
  static constexpr int kThreads = 1024;
  float* x;
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    float sum = x[thread.number()];
    for (int mask = kWarp / 2; mask > 0; mask /= 2) sum += thread.shuffle_xor(sum, mask);
    x[thread.number()] = sum;
  }
  friend bool operator==(const WarpSum&, const WarpSum&) = default;
};

/// Hands values on within a warp through shared memory: lane i writes, lane i + 1 reads.
struct HandOn {
  static constexpr int kThreads = 256;
  float* x;
  bool waits;
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    float* shared = thread.template shared<float>();
    shared[thread.index()] = x[thread.number()];
    if (waits) thread.sync_warp();
    x[thread.number()] = shared[thread.warp() * kWarp + (thread.lane() + 1) % kWarp];
  }
  friend bool operator==(const HandOn&, const HandOn&) = default;
};

struct ReadShared {
  static constexpr int kThreads = 64;
  float* out;
  std::int64_t byte;
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    float* shared = thread.template shared<float>(static_cast<std::size_t>(byte));
    out[thread.number()] = shared[0];
    shared[0] = 1;
  }
  friend bool operator==(const ReadShared&, const ReadShared&) = default;
};

enum class Mistake { sync_or_end, sync_or_warp, two_exchanges, lane_ends, argument, writes_after, writes_before };

struct Mistaken {
  static constexpr int kThreads = 128;
  Mistake mistake;
  float* x;
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    const bool last = thread.index() == thread.threads() - 1;
    switch (mistake) {
      case Mistake::sync_or_end:
        if (!last) thread.sync();
        break;
      case Mistake::sync_or_warp:
        if (last) {
          thread.sync();
        } else {
          thread.sync_warp();
        }
        break;
      case Mistake::two_exchanges:
        if (last) {
          thread.shuffle_down(1.0F, 1);
        } else {
          thread.shuffle_xor(1.0F, 1);
        }
        break;
      case Mistake::lane_ends:
        if (!last) thread.shuffle_down(1.0F, 1);
        break;
      case Mistake::argument: thread.shuffle(1.0F, kWarp); break;
      case Mistake::writes_after:
        if (last) thread.template shared<float>()[thread.threads()] = 1;
        break;
      case Mistake::writes_before:
        if (last) x[-3] = 1;
        break;
    }
  }
  friend bool operator==(const Mistaken&, const Mistaken&) = default;
};

struct Multiply {
  static constexpr int kThreads = 32;
  float* x;
  float factor;
  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    x[thread.number()] *= factor;
    thread.sync();
    x[thread.number()] *= 1;
  }
  friend bool operator==(const Multiply&, const Multiply&) = default;
};

}  // namespace handgrad::cuda::probes
