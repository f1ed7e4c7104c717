#pragma once

#include <cstdint>

#include "../execution.h"

namespace handgrad::cuda {

/// Four words of 32 bits: a counter of Philox4x32, or what it becomes.
struct Words4 {
  std::uint32_t word[4];
};

/// High half of a · b.
HANDGRAD_DEVICE std::uint32_t multiply_high(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::uint32_t>((std::uint64_t{a} * b) >> 32);
}

/// Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, section 3.3): four random words out of a counter and a key, without a
/// state. Thread, step and purpose go into the counter, the seed is the key: whoever asks, in whatever order, gets the same.
HANDGRAD_DEVICE Words4 philox(Words4 counter, std::uint64_t key) {
  constexpr std::uint32_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9,
                          kWeyl1 = 0xBB67AE85;  // golden ratio and sqrt(3) - 1, added to the key each round
  auto key0 = static_cast<std::uint32_t>(key), key1 = static_cast<std::uint32_t>(key >> 32);
  std::uint32_t c0 = counter.word[0], c1 = counter.word[1], c2 = counter.word[2], c3 = counter.word[3];
  for (int round = 0; round < 10; ++round) {
    const std::uint32_t high0 = multiply_high(kMultiplier0, c0), low0 = kMultiplier0 * c0;
    const std::uint32_t high1 = multiply_high(kMultiplier1, c2), low1 = kMultiplier1 * c2;
    c0 = high1 ^ c1 ^ key0;
    c1 = low1;
    c2 = high0 ^ c3 ^ key1;
    c3 = low0;
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  return {{c0, c1, c2, c3}};
}

/// What an agent draws random numbers for. Never two purposes with one number.
enum class DrawPurpose : std::uint32_t { exploration = 1, replay = 2, start = 3 };

/// Draw number `count` for that purpose; `which` tells apart those who draw at the same time.
HANDGRAD_DEVICE Words4 draw(std::uint64_t seed, DrawPurpose purpose, std::uint32_t count, std::uint32_t which) {
  return philox({{count, which, static_cast<std::uint32_t>(purpose), 0}}, seed);
}

/// [0, 1), 24 bits: every value is a float.
HANDGRAD_DEVICE float unit_interval(std::uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24f; }

/// [0, count), for count >= 1. A number's probability is off by at most one part in 2^32 / count: nothing is drawn again.
HANDGRAD_DEVICE std::uint32_t below(std::uint32_t count, std::uint32_t word) { return multiply_high(word, count); }

}  // namespace handgrad::cuda
