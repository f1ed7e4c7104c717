#pragma once

#include "loops.h"

// The hyperbolic tangent of a register, right to about two units in the last place.

namespace handgrad::simd {
namespace {

/// c[0] + c[1] z + c[2] z² + …
template <int N>
inline V polynomial(const float (&c)[N], V z) {
  V y = all(c[N - 1]);
  for (int i = N - 2; i >= 0; --i) y = multiply_add(y, z, all(c[i]));
  return y;
}

/// Below 0.625 a polynomial, above that 1 - 2 / (exp(2|x|) + 1), where nothing cancels any more: the division of the range is
/// Moshier's (Cephes, 1989). Both polynomials are minimax fits by Lawson's iteration, of relative error below 5e-9:
/// tanh(x) = x + x³ P(x²), and exp(r) = 1 + r + r² Q(r) for |r| <= ln(2) / 2.
inline V tanh_of(V x) {
  constexpr float kP[] = {-0x1.555532p-2F, 0x1.110726p-3F, -0x1.b83c58p-5F, 0x1.522692p-6F, -0x1.75e1a8p-8F};
  constexpr float kQ[] = {0x1.fffffcp-2F, 0x1.555492p-3F, 0x1.5558f2p-5F, 0x1.1239d4p-7F, 0x1.6a244ap-10F};
  const V size = magnitude(x), z = x * x;
  const V near_zero = multiply_add(x * z, polynomial(kP, z), x);

  // exp(t) = 2ⁿ exp(r), t = n ln(2) + r; ln(2) in two pieces (Cody and Waite 1980). Beyond 10 tanh is 1 in float.
  const V t = all(2.0F) * smaller(all(10.0F), size);
  const V round = all(0x1.8p+23F);  // adding it leaves no room for a fraction
  const V n = (t * all(0x1.715476p+0F) + round) - round;
  const V r = multiply_add(n, all(0x1.05c610p-29F), multiply_add(n, all(-0x1.62e430p-1F), t));
  const V e = times_power_of_two(multiply_add(r * r, polynomial(kQ, r), r + all(1.0F)), n);
  const V far = all(1.0F) - all(2.0F) / (e + all(1.0F));
  return where_less(size, all(0.625F), near_zero, with_sign_of(far, x));
}

void tanh_in_place(long n, float* p) {
  for_each_vector(n, [p](long i, auto read, auto write) { write(p + i, tanh_of(read(p + i))); });
}

}  // namespace
}  // namespace handgrad::simd
