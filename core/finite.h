#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace handgrad {

// Whether numbers are finite, neither infinite nor NaN, told by their bits: exponent bits that are all ones are neither. So it
// does not matter how a source is compiled (std::isfinite is always true under -ffast-math), nor that denormals are flushed.

/// A word whose highest bit is set unless x is finite; may be ORed with others. The largest exponent plus one reaches it.
inline std::uint32_t non_finite_bits(float x) { return (std::bit_cast<std::uint32_t>(x) & 0x7fffffffU) + 0x00800000U; }
inline std::uint64_t non_finite_bits(double x) {
  return (std::bit_cast<std::uint64_t>(x) & 0x7fffffffffffffffU) + 0x0010000000000000U;
}

template <class T>
bool is_finite(T x) {
  return static_cast<std::make_signed_t<decltype(non_finite_bits(x))>>(non_finite_bits(x)) >= 0;
}

/// The place of the first element that is not finite; x.size() if all are.
template <class T>
std::size_t first_non_finite(std::span<const T> x) {
  std::size_t i = 0;
  while (i < x.size() && is_finite(x[i])) ++i;
  return i;
}

/// Of many elements looks at all, without a branch in between: a fraction of a nanosecond each. Of few there is no time to lose
/// with the beginning of such a loop.
template <class T>
bool all_finite(std::span<const T> x) {
  constexpr std::size_t kFew = 8;
  if (x.size() <= kFew) return first_non_finite(x) == x.size();
  decltype(non_finite_bits(T())) bits = 0;
  for (const T value : x) bits |= non_finite_bits(value);
  return static_cast<std::make_signed_t<decltype(bits)>>(bits) >= 0;
}

/// As it is shown to people: a NaN without the sign that it may carry.
template <class T>
T shown(T x) {
  return std::isnan(x) ? std::abs(x) : x;
}

}  // namespace handgrad
