#pragma once

#include <immintrin.h>

// Eight floats, 16 registers. See vector_baseline.h for what each function means.

namespace handgrad::simd {
namespace {

using V = __m256;
constexpr long kLanes = 8;

/// Accumulators of a product's tile: 4 x 3 of 16 registers, which leaves three for B and one for A. Narrower tiles are taller.
constexpr int kTileVectors = 3;
template <int NV>
constexpr int kTileRows = NV == 3   ? 4
                          : NV == 2 ? 6
                                    : 8;

constexpr long kSparseVectors = 8;

inline __m256i first_lanes(long n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

inline V zero() { return _mm256_setzero_ps(); }
inline V all(float x) { return _mm256_set1_ps(x); }
inline V load(const float* p) { return _mm256_loadu_ps(p); }
inline void store(float* p, V x) { _mm256_storeu_ps(p, x); }
inline V load_part(const float* p, long n) { return _mm256_maskload_ps(p, first_lanes(n)); }
inline void store_part(float* p, V x, long n) { _mm256_maskstore_ps(p, first_lanes(n), x); }
inline V multiply_add(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
inline V square_root(V x) { return _mm256_sqrt_ps(x); }
inline V larger(V a, V b) { return _mm256_max_ps(a, b); }
inline V smaller(V a, V b) { return _mm256_min_ps(a, b); }
inline V where_positive(V y, V x) { return _mm256_and_ps(_mm256_cmp_ps(y, zero(), _CMP_NLE_UQ), x); }
inline V magnitude(V x) { return _mm256_andnot_ps(all(-0.0F), x); }
inline V with_sign_of(V x, V sign) { return _mm256_or_ps(x, _mm256_and_ps(all(-0.0F), sign)); }
inline V where_less(V a, V b, V x, V y) { return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_LT_OQ)); }
inline V times_power_of_two(V x, V n) {
  const __m256i exponent = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
  return x * _mm256_castsi256_ps(exponent);
}
inline unsigned nonzero_of_8(const float* p) {
  return static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(load(p), zero(), _CMP_NEQ_UQ)));
}
inline float sum(V x) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

/// Pairs of rows become one, three times: lane i of the result is the sum of row i.
inline V sums(const V (&x)[kLanes]) {
  const V a = _mm256_hadd_ps(_mm256_hadd_ps(x[0], x[1]), _mm256_hadd_ps(x[2], x[3]));
  const V b = _mm256_hadd_ps(_mm256_hadd_ps(x[4], x[5]), _mm256_hadd_ps(x[6], x[7]));
  return _mm256_permute2f128_ps(a, b, 0x20) + _mm256_permute2f128_ps(a, b, 0x31);
}

/// Rows become columns.
inline void transpose(V (&x)[kLanes]) {
  V a[8];
  for (int i = 0; i < 8; i += 4) {  // within groups of four rows: 4 x 4 blocks
    const V p0 = _mm256_unpacklo_ps(x[i], x[i + 1]), p1 = _mm256_unpackhi_ps(x[i], x[i + 1]);
    const V p2 = _mm256_unpacklo_ps(x[i + 2], x[i + 3]), p3 = _mm256_unpackhi_ps(x[i + 2], x[i + 3]);
    a[i] = _mm256_shuffle_ps(p0, p2, 0x44);
    a[i + 1] = _mm256_shuffle_ps(p0, p2, 0xee);
    a[i + 2] = _mm256_shuffle_ps(p1, p3, 0x44);
    a[i + 3] = _mm256_shuffle_ps(p1, p3, 0xee);
  }
  for (int i = 0; i < 4; ++i) {  // then the blocks themselves
    x[i] = _mm256_permute2f128_ps(a[i], a[i + 4], 0x20);
    x[i + 4] = _mm256_permute2f128_ps(a[i], a[i + 4], 0x31);
  }
}

}  // namespace
}  // namespace handgrad::simd
