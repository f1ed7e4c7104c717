#include "numpy_trigonometry.h"

#include <cmath>

namespace handgrad {
namespace {

/// x = q π/2 + r, |r| <= π/4.
struct Reduced {
  int quadrant;
  float r;
};

/// Cody and Waite's reduction (1980): π/2 in three pieces, whose products with a small integer are subtracted exactly.
Reduced reduce(float x) {
  constexpr float kRound = 0x1.8p+23f;  // adding it leaves no room for a fraction: rounds to the nearest integer
  const float q = (x * 0x1.45f306p-1f + kRound) - kRound;
  float r = std::fma(q, -0x1.921fb0p+0f, x);
  r = std::fma(q, -0x1.5110b4p-22f, r);
  r = std::fma(q, -0x1.846988p-48f, r);
  return {static_cast<int>(q), r};
}

float cosine_near_zero(float r) {
  const float r2 = r * r;
  float c = std::fma(0x1.98e616p-16f, r2, -0x1.6c06dcp-10f);
  c = std::fma(c, r2, 0x1.55553cp-5f);
  c = std::fma(c, r2, -0.5f);
  return std::fma(c, r2, 1.0f);
}

float sine_near_zero(float r) {
  const float r2 = r * r;
  float s = std::fma(0x1.7d3bbcp-19f, r2, -0x1.a06bbap-13f);
  s = std::fma(s, r2, 0x1.11119ap-7f);
  s = std::fma(s, r2, -0x1.555556p-3f);
  s = std::fma(s, r2, 0.0f);
  return std::fma(s, r, r);
}

/// The sine, `shift` quarter turns on.
float sine(float x, int shift) {
  const Reduced reduced = reduce(x);
  const int k = reduced.quadrant + shift;
  const float value = (k & 1) != 0 ? cosine_near_zero(reduced.r) : sine_near_zero(reduced.r);
  return (k & 2) != 0 ? -value : value;
}

}  // namespace

float numpy_cos(float x) { return sine(x, 1); }
float numpy_sin(float x) { return sine(x, 0); }

}  // namespace handgrad
