#pragma once

#include <arm_neon.h>

// Four floats, 32 registers, fused multiply-add. See vector_baseline.h for what each function means.

namespace handgrad::simd {
namespace {

using V = float32x4_t;
constexpr long kLanes = 4;

/// Accumulators of a product's tile: 8 x 3 of 32 registers.
constexpr int kTileVectors = 3;
template <int NV>
constexpr int kTileRows = 8;

constexpr long kSparseVectors = 8;

inline V zero() { return vdupq_n_f32(0.0F); }
inline V all(float x) { return vdupq_n_f32(x); }
inline V load(const float* p) { return vld1q_f32(p); }
inline void store(float* p, V x) { vst1q_f32(p, x); }
inline V load_part(const float* p, long n) {
  V x = zero();
  for (long i = 0; i < n; ++i) x[i] = p[i];
  return x;
}
inline void store_part(float* p, V x, long n) {
  for (long i = 0; i < n; ++i) p[i] = x[i];
}
inline V multiply_add(V a, V b, V c) { return vfmaq_f32(c, a, b); }
inline V square_root(V x) { return vsqrtq_f32(x); }
inline V larger(V a, V b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
inline V smaller(V a, V b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
inline V where_positive(V y, V x) { return vbslq_f32(vcleq_f32(y, zero()), zero(), x); }
inline V magnitude(V x) { return vabsq_f32(x); }
inline V with_sign_of(V x, V sign) { return vbslq_f32(vdupq_n_u32(0x80000000U), sign, x); }
inline V where_less(V a, V b, V x, V y) { return vbslq_f32(vcltq_f32(a, b), x, y); }
inline V times_power_of_two(V x, V n) {
  return x * vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127)), 23));
}
inline unsigned nonzero_of_8(const float* p) {
  const uint32x4_t low = {1, 2, 4, 8}, high = {16, 32, 64, 128};
  const uint32x4_t zeros =
      vaddq_u32(vandq_u32(vceqq_f32(load(p), zero()), low), vandq_u32(vceqq_f32(load(p + 4), zero()), high));
  return 255U - vaddvq_u32(zeros);
}
inline float sum(V x) { return vaddvq_f32(x); }

/// Lane i of the result is the sum of row i.
inline V sums(const V (&x)[kLanes]) { return vpaddq_f32(vpaddq_f32(x[0], x[1]), vpaddq_f32(x[2], x[3])); }

/// Rows become columns.
inline void transpose(V (&x)[kLanes]) {
  const float32x4x2_t p = vtrnq_f32(x[0], x[1]), q = vtrnq_f32(x[2], x[3]);
  x[0] = vcombine_f32(vget_low_f32(p.val[0]), vget_low_f32(q.val[0]));
  x[1] = vcombine_f32(vget_low_f32(p.val[1]), vget_low_f32(q.val[1]));
  x[2] = vcombine_f32(vget_high_f32(p.val[0]), vget_high_f32(q.val[0]));
  x[3] = vcombine_f32(vget_high_f32(p.val[1]), vget_high_f32(q.val[1]));
}

}  // namespace
}  // namespace handgrad::simd
