#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "error.h"

namespace handgrad {

/// NumPy's SeedSequence (O'Neill's seed_seq_fe): spreads entropy over as many words as a generator asks for.
///
/// SeedSequence(n) is numpy.random.SeedSequence(n); with a spawn key it is SeedSequence(n, spawn_key=key), an independent
/// stream of the same seed.
class SeedSequence {
 public:
  explicit SeedSequence(std::uint64_t entropy, std::span<const std::uint32_t> spawn_key = {});
  /// Entropy of any length in 32-bit words, least significant first. NumPy splits an integer without leading zeros: the
  /// caller drops zero words at the high end ({5}, not {5, 0}), which would give another stream once there are more than 4.
  explicit SeedSequence(std::span<const std::uint32_t> entropy_words, std::span<const std::uint32_t> spawn_key = {});

  std::vector<std::uint32_t> generate_state32(std::size_t words) const;
  std::vector<std::uint64_t> generate_state64(std::size_t words) const;

 private:
  void mix(std::span<const std::uint32_t> entropy_words, std::span<const std::uint32_t> spawn_key);
  std::array<std::uint32_t, 4> pool_{};
};

/// numpy.random.Generator(PCG64): the same seed gives the same numbers as numpy.random.default_rng(seed).
///
/// PCG XSL-RR 128/64 (O'Neill 2014): state · a + c on 128 bits, output by xor of the halves and a rotation. A Generator is a
/// value: copying it copies the stream. Not thread-safe; separate generators are independent.
class Generator {
 public:
  /// Everything a stream consists of: for writing it down and going on later.
  struct State {
    std::uint64_t state_high, state_low, increment_high, increment_low;
    bool has_half;       ///< whether the high half of a 64-bit draw is still to be given out by next_uint32
    std::uint32_t half;  ///< that half
    bool operator==(const State&) const = default;
  };

  explicit Generator(std::uint64_t seed) : Generator(SeedSequence(seed)) {}
  explicit Generator(const SeedSequence& seeds);
  /// Stream `purpose` of a run: SeedSequence(seed, spawn_key=(purpose,)).
  static Generator stream(std::uint64_t seed, std::uint32_t purpose);

  std::uint64_t next_uint64();
  /// Low half of a 64-bit draw first, the high half next time.
  std::uint32_t next_uint32();
  /// [0, 1), 53 bits: one 64-bit draw.
  double random();
  /// low + (high - low) · random(), both operations rounded. Throws Error unless 0 <= high - low < infinity.
  double uniform(double low, double high);
  /// Uniform integer in [low, high), by Lemire's multiplication with rejection (2019); consumes nothing if high == low + 1.
  /// Throws Error unless low < high.
  std::int64_t integers(std::int64_t low, std::int64_t high);
  /// numpy's choice over indices with probabilities: sums are normalised by their last entry; one random().
  /// Throws Error unless there are some, none is negative and they sum to 1 (within 1.5e-8).
  std::size_t choice(std::span<const double> probabilities);
  /// Gymnasium's categorical_sample: first index whose running sum exceeds random(), 0 if none does.
  /// Throws Error if there are no probabilities; their values are the caller's affair.
  std::size_t categorical(std::span<const double> probabilities);
  /// Standard normal by Box and Muller (1958): two random() a call, the second variate is dropped so that a stream has no
  /// hidden half. Not NumPy's ziggurat: its values differ.
  double normal();

  State state() const;
  /// Throws Error if the increment is even: no stream of PCG64 has one.
  static Generator from_state(const State& state);

 private:
  __extension__ typedef unsigned __int128 uint128;
  /// O'Neill's multiplier, high and low half.
  static constexpr uint128 kMultiplier = (uint128{0x2360ED051FC65DA4u} << 64) | 0x4385DF649FCCF645u;

  Generator() = default;
  std::uint64_t bounded32(std::uint32_t count);  // uniform in [0, count)
  std::uint64_t bounded64(std::uint64_t count);

  uint128 state_ = 0;
  uint128 increment_ = 0;
  bool has_half_ = false;
  std::uint32_t half_ = 0;
};

/// The purposes of the streams of a run with one seed. A number is never given to a second purpose.
/// (Environment i is not among them: it is seeded with seed + i, as Gymnasium does.)
enum StreamPurpose : std::uint32_t {
  kInitialisation = 1,
  kExploration = 2,
  kReplaySampling = 3,
  kEvaluation = 4,
  kFinalEvaluation = 5,
  kRandomAgent = 6,
  kBootstrap = 7,  // resampling of results, not a run's
  kTableChoice = 8,
};

// The hot draws, here so that they are inlined.

inline std::uint64_t Generator::next_uint64() {
  // Step first, output from the new state: xor of the halves, rotated right by the top six bits.
  state_ = state_ * kMultiplier + increment_;
  const auto high = static_cast<std::uint64_t>(state_ >> 64);
  const auto low = static_cast<std::uint64_t>(state_);
  return std::rotr(high ^ low, static_cast<int>(high >> 58));
}

inline std::uint32_t Generator::next_uint32() {
  // Trap: the buffered half outlives any number of 64-bit draws in between, and an unseeded reset of an environment.
  if (has_half_) {
    has_half_ = false;
    return half_;
  }
  const std::uint64_t both = next_uint64();
  has_half_ = true;
  half_ = static_cast<std::uint32_t>(both >> 32);
  return static_cast<std::uint32_t>(both);
}

inline double Generator::random() { return static_cast<double>(next_uint64() >> 11) * 0x1p-53; }

inline double Generator::uniform(double low, double high) {
  const double range = high - low;
  require(range >= 0.0 && std::isfinite(range), "uniform(", low, ", ", high, "): expected low <= high, both finite");
  // Trap: the product is rounded before the sum. A fused multiply-add (-ffp-contract=fast) gives other last bits.
  return low + range * random();
}

inline std::uint64_t Generator::bounded32(std::uint32_t count) {
  // The high half of draw · count is the result; draws that would favour some results have a small low half.
  std::uint64_t product = std::uint64_t{next_uint32()} * count;
  if (static_cast<std::uint32_t>(product) < count) [[unlikely]] {
    const std::uint32_t threshold = (0u - count) % count;  // 2^32 mod count
    while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{next_uint32()} * count;
  }
  return product >> 32;
}

inline std::int64_t Generator::integers(std::int64_t low, std::int64_t high) {
  require(low < high, "integers(", low, ", ", high, "): expected low < high");
  // Unsigned arithmetic: high - low may exceed the largest signed integer.
  const std::uint64_t count = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
  constexpr std::uint64_t k2To32 = std::uint64_t{1} << 32;
  std::uint64_t offset = 0;
  if (count < k2To32) {
    if (count > 1) offset = bounded32(static_cast<std::uint32_t>(count));
  } else if (count == k2To32) {
    offset = next_uint32();
  } else {
    offset = bounded64(count);
  }
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

}  // namespace handgrad
