#include "app/bench/peak.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace handgrad::app {

namespace {

// A core with two multiply-add units of latency four needs eight independent chains to keep both busy; twelve leave room, and
// with the two constants still fit the sixteen registers of AVX2. Each chain is a variable of its own: an array might be
// kept in memory. x = x·m + c tends to c/(1 - m) = 1: neither overflow nor denormals.
// Trap: chains that begin alike are alike for ever, and a compiler keeps but one of them.
constexpr int kChains = 12;
constexpr float kFactor = 0.5F, kSummand = 0.5F;

#if defined(__x86_64__)

[[gnu::target("avx512f"), gnu::noinline]] float chains_avx512(std::int64_t rounds) {
  const __m512 m = _mm512_set1_ps(kFactor), c = _mm512_set1_ps(kSummand);
  __m512 x0 = c, x1 = x0 + c, x2 = x1 + c, x3 = x2 + c, x4 = x3 + c, x5 = x4 + c, x6 = x5 + c, x7 = x6 + c, x8 = x7 + c,
         x9 = x8 + c, x10 = x9 + c, x11 = x10 + c;
  for (std::int64_t i = 0; i < rounds; ++i) {
    x0 = _mm512_fmadd_ps(x0, m, c);
    x1 = _mm512_fmadd_ps(x1, m, c);
    x2 = _mm512_fmadd_ps(x2, m, c);
    x3 = _mm512_fmadd_ps(x3, m, c);
    x4 = _mm512_fmadd_ps(x4, m, c);
    x5 = _mm512_fmadd_ps(x5, m, c);
    x6 = _mm512_fmadd_ps(x6, m, c);
    x7 = _mm512_fmadd_ps(x7, m, c);
    x8 = _mm512_fmadd_ps(x8, m, c);
    x9 = _mm512_fmadd_ps(x9, m, c);
    x10 = _mm512_fmadd_ps(x10, m, c);
    x11 = _mm512_fmadd_ps(x11, m, c);
  }
  const __m512 sum = x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11;
  return sum[0] + sum[15];
}

[[gnu::target("avx2,fma"), gnu::noinline]] float chains_avx2(std::int64_t rounds) {
  const __m256 m = _mm256_set1_ps(kFactor), c = _mm256_set1_ps(kSummand);
  __m256 x0 = c, x1 = x0 + c, x2 = x1 + c, x3 = x2 + c, x4 = x3 + c, x5 = x4 + c, x6 = x5 + c, x7 = x6 + c, x8 = x7 + c,
         x9 = x8 + c, x10 = x9 + c, x11 = x10 + c;
  for (std::int64_t i = 0; i < rounds; ++i) {
    x0 = _mm256_fmadd_ps(x0, m, c);
    x1 = _mm256_fmadd_ps(x1, m, c);
    x2 = _mm256_fmadd_ps(x2, m, c);
    x3 = _mm256_fmadd_ps(x3, m, c);
    x4 = _mm256_fmadd_ps(x4, m, c);
    x5 = _mm256_fmadd_ps(x5, m, c);
    x6 = _mm256_fmadd_ps(x6, m, c);
    x7 = _mm256_fmadd_ps(x7, m, c);
    x8 = _mm256_fmadd_ps(x8, m, c);
    x9 = _mm256_fmadd_ps(x9, m, c);
    x10 = _mm256_fmadd_ps(x10, m, c);
    x11 = _mm256_fmadd_ps(x11, m, c);
  }
  const __m256 sum = x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11;
  return sum[0] + sum[7];
}

#endif

// Four floats at a time, which every 64-bit x86 and ARM has; whether product and sum are one instruction is up to the machine
// this is built for.
using Float4 = float __attribute__((vector_size(16)));

[[gnu::noinline]] float chains_baseline(std::int64_t rounds) {
  const Float4 m = {kFactor, kFactor, kFactor, kFactor}, c = {kSummand, kSummand, kSummand, kSummand};
  Float4 x0 = c, x1 = x0 + c, x2 = x1 + c, x3 = x2 + c, x4 = x3 + c, x5 = x4 + c, x6 = x5 + c, x7 = x6 + c, x8 = x7 + c,
         x9 = x8 + c, x10 = x9 + c, x11 = x10 + c;
  for (std::int64_t i = 0; i < rounds; ++i) {
    x0 = x0 * m + c;
    x1 = x1 * m + c;
    x2 = x2 * m + c;
    x3 = x3 * m + c;
    x4 = x4 * m + c;
    x5 = x5 * m + c;
    x6 = x6 * m + c;
    x7 = x7 * m + c;
    x8 = x8 * m + c;
    x9 = x9 * m + c;
    x10 = x10 * m + c;
    x11 = x11 * m + c;
  }
  const Float4 sum = x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11;
  return sum[0] + sum[3];
}

struct Kernel {
  const char* isa;
  int lanes;
  float (*run)(std::int64_t rounds);
};

Kernel widest_kernel() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return {"avx512f", 16, chains_avx512};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {"avx2+fma", 8, chains_avx2};
#endif
  return {"baseline", 4, chains_baseline};
}

}  // namespace

Peak measure_peak() {
  constexpr std::int64_t kRounds = 100'000;  // well below a millisecond: short enough to slip between interruptions
  constexpr int kRepeats = 500;
  const Kernel kernel = widest_kernel();
  Peak peak{kernel.isa, 0};
  volatile float result = kernel.run(kRounds);  // warm up; volatile keeps the work from being thought away
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const auto begin = std::chrono::steady_clock::now();
    result = kernel.run(kRounds);
    const std::chrono::duration<double> span = std::chrono::steady_clock::now() - begin;
    const double operations = 2.0 * kernel.lanes * kChains * static_cast<double>(kRounds);
    // The best, not the median: a peak is what is possible when nobody disturbs.
    peak.gflops = std::max(peak.gflops, operations / span.count() / 1e9);
  }
  static_cast<void>(result);
  return peak;
}

}  // namespace handgrad::app
