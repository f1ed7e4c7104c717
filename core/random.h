#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace handgrad {

/// NumPy's SeedSequence (O'Neill's seed_seq_fe): spreads entropy over as many words as a generator asks for.
///
/// SeedSequence(n) is numpy.random.SeedSequence(n); with a spawn key it is SeedSequence(n, spawn_key=key), an independent
/// stream of the same seed.
class SeedSequence {
 public:
  explicit SeedSequence(std::uint64_t entropy, std::span<const std::uint32_t> spawn_key = {});
  /// Entropy of any length, 32-bit words, least significant first (leading zero words are the caller's to drop).
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
/// value: copying it copies the stream.
class Generator {
 public:
  /// Everything a stream consists of: for writing it down and going on later.
  struct State {
    std::uint64_t state_high, state_low, increment_high, increment_low;
    bool has_half;        ///< whether the high half of a 64-bit draw is still to be given out by next_uint32
    std::uint32_t half;
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
  /// low + (high - low) · random(), both operations rounded.
  double uniform(double low, double high);
  /// Uniform integer in [low, high), by Lemire's multiplication with rejection (2019); consumes nothing if high == low + 1.
  /// Throws Error unless low < high.
  std::int64_t integers(std::int64_t low, std::int64_t high);
  /// numpy's choice over indices with probabilities: sums are normalised by their last entry; one random().
  std::size_t choice(std::span<const double> probabilities);
  /// Gymnasium's categorical_sample: first index whose running sum exceeds random(), 0 if none does.
  std::size_t categorical(std::span<const double> probabilities);
  /// Standard normal by Box and Muller (1958): two random() a call, the second variate is dropped so that a stream has no
  /// hidden half. Not NumPy's ziggurat: its values differ.
  double normal();

  State state() const;
  static Generator from_state(const State& state);

 private:
  Generator() = default;
  using uint128 = unsigned __int128;
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
};

}  // namespace handgrad
