#pragma once

#include <cstdint>

// Sines and cosines in float for the fast worlds: no branches, no tables, no calls, so that a loop over an array becomes vector
// instructions; no fused multiply-add, so that every instruction set gives the same bits. Compiled once an instruction set,
// hence the unnamed namespace.

namespace handgrad {
namespace {

struct FastAngle {
  float cosine, sine;
};

constexpr std::uint32_t bits(float x) { return __builtin_bit_cast(std::uint32_t, x); }
constexpr float from_bits(std::uint32_t x) { return __builtin_bit_cast(float, x); }

/// For |x| <= π/4 and a little more. Polynomials that make the largest error smallest, found by Remez's algorithm (1934) on
/// [0, π/4]: relative to the sine 3.8e-9, of the cosine 1e-10, both below what rounding to float costs. The first terms are
/// Taylor's and not moved: sin x = x + x³ S(x²), cos x = 1 - x²/2 + x⁴ C(x²).
constexpr FastAngle fast_small_angle(float x) {
  const float x2 = x * x;
  const float s = -0x1.555546p-3f + x2 * (0x1.11073ap-7f + x2 * -0x1.994386p-13f);
  const float c = 0x1.55554ap-5f + x2 * (-0x1.6c0c8ap-10f + x2 * 0x1.9a020cp-16f);
  return {(1.0f - 0.5f * x2) + (x2 * x2) * c, x + (x * x2) * s};
}

/// For |x| up to a few thousand: x = q π/2 + r with |r| <= π/4, by Cody and Waite's reduction (1980): π/2 in three pieces, the
/// first two so short that their products with q are exact.
constexpr FastAngle fast_angle(float x) {
  constexpr float kRound = 0x1.8p+23f;  // adding it leaves no room for a fraction: rounds to the nearest integer
  const float q = (x * 0x1.45f306p-1f + kRound) - kRound;
  const float r = ((x - q * 0x1.92p+0f) - q * 0x1.fb4p-12f) - q * 0x1.4442d2p-24f;
  const FastAngle small = fast_small_angle(r);
  // By quadrant: (c, s), (-s, c), (-c, -s), (s, -c).
  // Trap: with `odd ? s : c` compilers compute only the one that is asked for, behind a branch, and the loop stays scalar.
  const auto quadrant = static_cast<std::uint32_t>(static_cast<std::int32_t>(q));
  const std::uint32_t odd = 0u - (quadrant & 1u);  // all bits or none
  const std::uint32_t c = bits(small.cosine), s = bits(small.sine);
  const std::uint32_t cosine = (s & odd) | (c & ~odd), sine = (c & odd) | (s & ~odd);
  const std::uint32_t minus_cosine = ((quadrant + 1u) & 2u) << 30, minus_sine = (quadrant & 2u) << 30;  // the sign's bit
  return {from_bits(cosine ^ minus_cosine), from_bits(sine ^ minus_sine)};
}

}  // namespace
}  // namespace handgrad
