#pragma once

#include <cstddef>

#include "../../core/backend.h"
#include "packs.h"

// Moving rows and small pieces of memory about.

namespace handgrad::cuda {

/// Row i of out is source[rows_i]. Each agent has a source of N rows and gathers B.
struct GatherRows {
  static constexpr int kThreads = kElementThreads;
  const float* source;       ///< [agents, N, I]
  const std::int32_t* rows;  ///< [agents, B]
  float* out;                ///< [agents, B, I]
  std::int64_t N, B, I;      ///< B · I < 2³²

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
    const std::int64_t packs = row_of(I, Width);  // in a row
    HANDGRAD_ROLLED for (std::int64_t k = thread.number(); k < B * packs; k += thread.numbers()) {
      const std::int64_t n = row_of(k, packs), column = (k - n * packs) * Width;
      store<Width>(agents_out + n * I + column, load<Width>(agents_source + agents_rows[n] * I + column));
    }
  }

  friend bool operator==(const GatherRows&, const GatherRows&) = default;
};

/// Of the rows of source and out the first rows / agents are agent 0's, and so on.
inline GatherRows make_gather_rows(ConstMatrix source, ConstIndices rows, Matrix out, std::int64_t agents = 1) {
  require_countable(out.size() / agents);
  return {source.data, rows.data(), out.data, source.rows / agents, out.rows / agents, out.cols};
}

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

/// Copies bytes begin to end in pieces of N, thread `turn` the first piece. Each has four under way: the memory may be the host's,
/// a microsecond away.
template <int N, class Thread>
HANDGRAD_DEVICE void copy_pieces(Thread& thread, int turn, std::byte* to, const std::byte* from, std::int64_t begin,
                                 std::int64_t end) {
  constexpr int kAtOnce = 4;
  const std::int64_t stride = std::int64_t{N} * thread.threads();
  HANDGRAD_ROLLED for (std::int64_t first = begin + N * turn; first < end; first += kAtOnce * stride) {
    Bytes<N> pieces[kAtOnce];
    for (int j = 0; j < kAtOnce; ++j) {
      const std::int64_t i = first + j * stride;
      pieces[j] = *reinterpret_cast<const Bytes<N>*>(from + (i < end ? i : first));
    }
    for (int j = 0; j < kAtOnce; ++j) {
      const std::int64_t i = first + j * stride;
      if (i < end) *reinterpret_cast<Bytes<N>*>(to + i) = pieces[j];
    }
  }
}

/// Carries out a delivery with one block, in pieces of 16 bytes, 4 or 1: the largest that both addresses allow, and the end in
/// smaller ones, by other threads, at the same time. What the ends are is known before the first branch, so that the whole
/// delivery is read in one trip.
template <class Thread>
HANDGRAD_DEVICE void carry_out(Thread& thread, const std::byte* envelope, const Delivery& delivery) {
  std::byte* to = delivery.to;
  const std::byte* from = envelope + delivery.offset;
  const std::int64_t bytes = delivery.bytes;
  const std::uintptr_t addresses = reinterpret_cast<std::uintptr_t>(to) | reinterpret_cast<std::uintptr_t>(from);
  const std::int64_t end_of_sixteens = addresses % 16 == 0 ? bytes - bytes % 16 : 0;
  const std::int64_t end_of_fours = addresses % 4 == 0 ? bytes - bytes % 4 : 0;
  const int first = thread.index(), last = thread.threads() - 1 - first;
  copy_pieces<16>(thread, first, to, from, 0, end_of_sixteens);
  copy_pieces<4>(thread, last, to, from, end_of_sixteens, end_of_fours);
  copy_pieces<1>(thread, first, to, from, end_of_fours, bytes);
}

/// Carries out the deliveries that an envelope begins with [count]; their destinations are disjoint. An envelope is memory that
/// the device reads: the host's, pinned. It is aligned to 16 bytes.
struct Deliver {
  static constexpr int kThreads = 128;
  const std::byte* envelope;
  std::int64_t count;

  template <class Thread>
  HANDGRAD_DEVICE void operator()(Thread& thread) const {
    HANDGRAD_ROLLED for (std::int64_t k = thread.block(); k < count; k += thread.blocks()) {
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
