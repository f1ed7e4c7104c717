#pragma once

#include <cstddef>

#include "packs.h"

// Moving rows and small pieces of memory about.

namespace handgrad::cuda {

/// Row i of out is source[rows_i]. Each agent has a source of N rows and gathers B.
struct GatherRows {
  static constexpr int kThreads = kElementThreads;
  const float* source;       ///< [agents, N, I]
  const std::int32_t* rows;  ///< [agents, B]
  float* out;                ///< [agents, B, I]
  std::int64_t N, B, I;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    if (I % 4 == 0 && aligned(source) && aligned(out)) {
      gather<4>(thread);
    } else {
      gather<1>(thread);
    }
  }

  template <int Width, class Thread>
  HANDGRAD_DEVICE void gather(Thread& thread) const {
    const float* agents_source = source + thread.agent() * N * I;
    const std::int32_t* agents_rows = rows + thread.agent() * B;
    float* agents_out = out + thread.agent() * B * I;
    const std::int64_t packs = I / Width;  // of a row
    for (std::int64_t k = thread.number(); k < B * packs; k += thread.numbers()) {
      const std::int64_t n = k / packs, column = (k - n * packs) * Width;
      store<Width>(agents_out + n * I + column, load<Width>(agents_source + agents_rows[n] * I + column));
    }
  }

  friend bool operator==(const GatherRows&, const GatherRows&) = default;
};

inline Grid gather_grid(std::int64_t B, std::int64_t I, std::int64_t agents = 1) {
  return spread_grid(I % 4 == 0 ? B * (I / 4) : B * I, agents);
}

/// Memory that is copied to `to`: so many bytes, from `offset` of the envelope on.
struct Delivery {
  std::byte* to;
  std::int64_t offset, bytes;

  friend bool operator==(const Delivery&, const Delivery&) = default;
};

/// N bytes that are copied at once.
template <int N>
struct alignas(N) Bytes {
  std::byte at[N];
};

/// Copies whole pieces of N bytes, and returns how many bytes that was. Each thread has four under way: the memory may be the
/// host's, a microsecond away.
template <int N, class Thread>
HANDGRAD_DEVICE std::int64_t copy_pieces(Thread& thread, std::byte* to, const std::byte* from, std::int64_t bytes) {
  constexpr int kAtOnce = 4;
  const std::int64_t pieces = bytes / N;
  for (std::int64_t begin = thread.index(); begin < pieces; begin += kAtOnce * thread.threads()) {
    Bytes<N> loaded[kAtOnce];
    for (int j = 0; j < kAtOnce; ++j) {
      const std::int64_t i = begin + j * thread.threads();
      if (i < pieces) loaded[j] = reinterpret_cast<const Bytes<N>*>(from)[i];
    }
    for (int j = 0; j < kAtOnce; ++j) {
      const std::int64_t i = begin + j * thread.threads();
      if (i < pieces) reinterpret_cast<Bytes<N>*>(to)[i] = loaded[j];
    }
  }
  return pieces * N;
}

/// Carries out a delivery with one block, in pieces of 16 bytes, 4 or 1: the largest that both addresses allow, and the end with
/// smaller ones.
template <class Thread>
HANDGRAD_DEVICE void carry_out(Thread& thread, const std::byte* envelope, const Delivery& delivery) {
  std::byte* to = delivery.to;
  const std::byte* from = envelope + delivery.offset;
  const std::uintptr_t addresses = reinterpret_cast<std::uintptr_t>(to) | reinterpret_cast<std::uintptr_t>(from);
  std::int64_t done = 0;
  if (addresses % 16 == 0) done = copy_pieces<16>(thread, to, from, delivery.bytes);
  if (addresses % 4 == 0) done += copy_pieces<4>(thread, to + done, from + done, delivery.bytes - done);
  copy_pieces<1>(thread, to + done, from + done, delivery.bytes - done);
}

/// Carries out the deliveries that an envelope begins with [count]; their destinations are disjoint. An envelope is memory that
/// the device reads: the host's, pinned. It is aligned to 16 bytes.
struct Deliver {
  static constexpr int kThreads = 128;
  const std::byte* envelope;
  std::int64_t count;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    for (std::int64_t k = thread.block(); k < count; k += thread.blocks()) {
      carry_out(thread, envelope, reinterpret_cast<const Delivery*>(envelope)[k]);
    }
  }

  friend bool operator==(const Deliver&, const Deliver&) = default;
};

/// A block a delivery.
inline Grid deliver_grid(std::int64_t count) { return {count, Deliver::kThreads, 0, 1}; }

/// The same for a few deliveries, which come as arguments: one trip to the host's memory instead of two.
struct DeliverFew {
  static constexpr int kThreads = Deliver::kThreads;
  static constexpr int kMost = 8;
  const std::byte* envelope;
  Delivery deliveries[kMost];

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    carry_out(thread, envelope, deliveries[thread.block()]);
  }

  friend bool operator==(const DeliverFew&, const DeliverFew&) = default;
};

}  // namespace handgrad::cuda
