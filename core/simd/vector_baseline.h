#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// A vector register and what can be done with it. Each instruction set has a header like this one, with the same names; what
// is built on them (products.h and the rest) is written once.
//
// This one is four floats by compiler extension, so that it is there on every processor: SSE2 on x86-64. No fused
// multiply-add.

namespace handgrad::simd {
namespace {

/// A register full of floats; + - * / work on it lane by lane.
using V = float __attribute__((vector_size(16)));
using Bits = int __attribute__((vector_size(16)));
constexpr long kLanes = 4;

/// A tile of a matrix product has kTileRows<NV> rows and NV <= kTileVectors vectors of columns. All its sums have to stay in
/// registers, of which there are 16.
constexpr int kTileVectors = 2;
template <int NV>
constexpr int kTileRows = NV == 2 ? 4 : 8;

/// A row of a product whose left factor has zeros (sparse_products.h): that many sums, and a register for A.
constexpr long kSparseVectors = 8;

inline V all(float x) { return V{x, x, x, x}; }
inline V zero() { return all(0.0F); }
/// From anywhere, aligned or not.
inline V load(const float* p) {
  V x;
  __builtin_memcpy(&x, p, sizeof x);
  return x;
}
inline void store(float* p, V x) { __builtin_memcpy(p, &x, sizeof x); }
/// The first n < kLanes lanes, the others zero. Never touches memory behind them.
inline V load_part(const float* p, long n) {
  V x = zero();
  for (long i = 0; i < n; ++i) x[i] = p[i];
  return x;
}
inline void store_part(float* p, V x, long n) {
  for (long i = 0; i < n; ++i) p[i] = x[i];
}
/// a b + c, rounded once where the machine can.
inline V multiply_add(V a, V b, V c) { return a * b + c; }
inline V square_root(V x) {
#if defined(__SSE2__)
  return _mm_sqrt_ps(x);
#else
  return V{__builtin_sqrtf(x[0]), __builtin_sqrtf(x[1]), __builtin_sqrtf(x[2]), __builtin_sqrtf(x[3])};
#endif
}
/// Trap: where one of them is NaN the result is b.
inline V larger(V a, V b) { return a > b ? a : b; }
inline V smaller(V a, V b) { return a < b ? a : b; }
/// x where y > 0 or y is NaN, else 0.
inline V where_positive(V y, V x) { return y <= zero() ? zero() : x; }
inline V magnitude(V x) { return reinterpret_cast<V>(reinterpret_cast<Bits>(x) & 0x7fffffff); }
/// x >= 0 with the sign of `sign`.
inline V with_sign_of(V x, V sign) {
  return reinterpret_cast<V>(reinterpret_cast<Bits>(x) | (reinterpret_cast<Bits>(sign) & ~0x7fffffff));
}
/// x where a < b, else y.
inline V where_less(V a, V b, V x, V y) { return a < b ? x : y; }
/// x 2^n for whole n in [-126, 127].
inline V times_power_of_two(V x, V n) {
  const Bits exponent = (__builtin_convertvector(n, Bits) + 127) << 23;
  return x * reinterpret_cast<V>(exponent);
}
/// Bit i is set where p[i] is not zero, NaN included.
inline unsigned nonzero_of_8(const float* p) {
  unsigned bits = 0;
  for (unsigned i = 0; i < 8; ++i) bits |= (p[i] != 0.0F ? 1U : 0U) << i;
  return bits;
}
/// Of all lanes.
inline float sum(V x) { return (x[0] + x[2]) + (x[1] + x[3]); }
/// Lane i is the sum of x[i].
inline V sums(const V (&x)[kLanes]) { return V{sum(x[0]), sum(x[1]), sum(x[2]), sum(x[3])}; }
/// Rows become columns.
inline void transpose(V (&x)[kLanes]) {
  const V a = x[0], b = x[1], c = x[2], d = x[3];
  for (int i = 0; i < 4; ++i) x[i] = V{a[i], b[i], c[i], d[i]};
}

}  // namespace
}  // namespace handgrad::simd
