#pragma once

#include <immintrin.h>

// Sixteen floats, 32 registers, masks. See vector_baseline.h for what each function means.

namespace handgrad::simd {
namespace {

using V = __m512;
constexpr long kLanes = 16;

/// Accumulators of a product's tile: 8 x 3 of 32 registers, which leaves three for B and one for A.
constexpr int kTileVectors = 3;
template <int NV>
constexpr int kTileRows = 8;

constexpr long kSparseVectors = 4;

inline __mmask16 first_lanes(long n) { return static_cast<__mmask16>((1U << n) - 1U); }

inline V zero() { return _mm512_setzero_ps(); }
inline V all(float x) { return _mm512_set1_ps(x); }
inline V load(const float* p) { return _mm512_loadu_ps(p); }
inline void store(float* p, V x) { _mm512_storeu_ps(p, x); }
inline V load_part(const float* p, long n) { return _mm512_maskz_loadu_ps(first_lanes(n), p); }
inline void store_part(float* p, V x, long n) { _mm512_mask_storeu_ps(p, first_lanes(n), x); }
inline V multiply_add(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
inline V square_root(V x) { return _mm512_sqrt_ps(x); }
inline V larger(V a, V b) { return _mm512_max_ps(a, b); }
inline V smaller(V a, V b) { return _mm512_min_ps(a, b); }
inline V where_positive(V y, V x) { return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(y, zero(), _CMP_NLE_UQ), x); }
inline V magnitude(V x) { return _mm512_abs_ps(x); }
inline V with_sign_of(V x, V sign) {
  const __m512i bit = _mm512_set1_epi32(static_cast<int>(0x80000000U));
  return _mm512_castsi512_ps(_mm512_or_si512(_mm512_castps_si512(x), _mm512_and_si512(bit, _mm512_castps_si512(sign))));
}
inline V where_less(V a, V b, V x, V y) { return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), y, x); }
inline V times_power_of_two(V x, V n) { return _mm512_scalef_ps(x, n); }
inline unsigned nonzero_of_8(const float* p) {
  return _mm256_cmp_ps_mask(_mm256_loadu_ps(p), _mm256_setzero_ps(), _CMP_NEQ_UQ);
}
inline float sum(V x) { return _mm512_reduce_add_ps(x); }

/// Pairs of rows become one, four times: lane i of the result is the sum of row i.
inline V sums(const V (&x)[kLanes]) {
  V a[8], b[4];
  for (int i = 0; i < 8; ++i) {
    // Rows i and i + 8 interleaved: even lanes belong to the one, odd lanes to the other.
    a[i] = _mm512_unpacklo_ps(x[i], x[i + 8]) + _mm512_unpackhi_ps(x[i], x[i + 8]);
  }
  for (int i = 0; i < 4; ++i) {
    const __m512d lower = _mm512_castps_pd(a[i]), upper = _mm512_castps_pd(a[i + 4]);
    b[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(lower, upper)) + _mm512_castpd_ps(_mm512_unpackhi_pd(lower, upper));
  }
  // Each 128-bit part of b[i] holds rows i, i + 8, i + 4, i + 12.
  const V c0 = _mm512_shuffle_f32x4(b[0], b[1], 0x88) + _mm512_shuffle_f32x4(b[0], b[1], 0xdd);
  const V c1 = _mm512_shuffle_f32x4(b[2], b[3], 0x88) + _mm512_shuffle_f32x4(b[2], b[3], 0xdd);
  const V d = _mm512_shuffle_f32x4(c0, c1, 0x88) + _mm512_shuffle_f32x4(c0, c1, 0xdd);
  // d holds rows 0 8 4 12, 1 9 5 13, 2 10 6 14, 3 11 7 15.
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15);
  return _mm512_permutexvar_ps(order, d);
}

/// Rows become columns.
inline void transpose(V (&x)[kLanes]) {
  V a[16];
  for (int i = 0; i < 16; i += 4) {  // within groups of four rows: 4 x 4 blocks
    const __m512d p0 = _mm512_castps_pd(_mm512_unpacklo_ps(x[i], x[i + 1])),
                  p1 = _mm512_castps_pd(_mm512_unpackhi_ps(x[i], x[i + 1]));
    const __m512d p2 = _mm512_castps_pd(_mm512_unpacklo_ps(x[i + 2], x[i + 3])),
                  p3 = _mm512_castps_pd(_mm512_unpackhi_ps(x[i + 2], x[i + 3]));
    a[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(p0, p2));
    a[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(p0, p2));
    a[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(p1, p3));
    a[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(p1, p3));
  }
  for (int i = 0; i < 4; ++i) {  // then the blocks themselves: block row r, block column c
    const V p0 = _mm512_shuffle_f32x4(a[i], a[i + 4], 0x88), p1 = _mm512_shuffle_f32x4(a[i + 8], a[i + 12], 0x88);
    const V p2 = _mm512_shuffle_f32x4(a[i], a[i + 4], 0xdd), p3 = _mm512_shuffle_f32x4(a[i + 8], a[i + 12], 0xdd);
    x[i] = _mm512_shuffle_f32x4(p0, p1, 0x88);
    x[i + 8] = _mm512_shuffle_f32x4(p0, p1, 0xdd);
    x[i + 4] = _mm512_shuffle_f32x4(p2, p3, 0x88);
    x[i + 12] = _mm512_shuffle_f32x4(p2, p3, 0xdd);
  }
}

}  // namespace
}  // namespace handgrad::simd
