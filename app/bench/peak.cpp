#include "app/bench/peak.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "core/error.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace handgrad::app {

namespace {

// A core with two multiply-add units of latency four needs eight independent chains to keep both busy; twelve leave room, and
// with the two constants still fit the sixteen registers of AVX2. Each chain is a variable of its own: an array might be
// kept in memory. x = x·m + c tends to c/(1 - m): neither overflow nor denormals.
// Trap: a compiler keeps but one of chains that begin alike, and none that begin where they stay. So each begins with numbers
// that it is not shown.
constexpr float kFactor = 0.5F, kSummand = 0.75F;

#if defined(__x86_64__)

[[gnu::target("avx512f"), gnu::noinline]] float chains_avx512(std::int64_t rounds, const float* begin) {
  const __m512 m = _mm512_set1_ps(kFactor), c = _mm512_set1_ps(kSummand);
  __m512 x0 = _mm512_loadu_ps(begin), x1 = _mm512_loadu_ps(begin + 16), x2 = _mm512_loadu_ps(begin + 32),
         x3 = _mm512_loadu_ps(begin + 48), x4 = _mm512_loadu_ps(begin + 64), x5 = _mm512_loadu_ps(begin + 80),
         x6 = _mm512_loadu_ps(begin + 96), x7 = _mm512_loadu_ps(begin + 112), x8 = _mm512_loadu_ps(begin + 128),
         x9 = _mm512_loadu_ps(begin + 144), x10 = _mm512_loadu_ps(begin + 160), x11 = _mm512_loadu_ps(begin + 176);
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

[[gnu::target("avx2,fma"), gnu::noinline]] float chains_avx2(std::int64_t rounds, const float* begin) {
  const __m256 m = _mm256_set1_ps(kFactor), c = _mm256_set1_ps(kSummand);
  __m256 x0 = _mm256_loadu_ps(begin), x1 = _mm256_loadu_ps(begin + 8), x2 = _mm256_loadu_ps(begin + 16),
         x3 = _mm256_loadu_ps(begin + 24), x4 = _mm256_loadu_ps(begin + 32), x5 = _mm256_loadu_ps(begin + 40),
         x6 = _mm256_loadu_ps(begin + 48), x7 = _mm256_loadu_ps(begin + 56), x8 = _mm256_loadu_ps(begin + 64),
         x9 = _mm256_loadu_ps(begin + 72), x10 = _mm256_loadu_ps(begin + 80), x11 = _mm256_loadu_ps(begin + 88);
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

#elif defined(__aarch64__)

// Large cores have four units of latency four: sixteen chains, of 32 registers.
[[gnu::noinline]] float chains_neon(std::int64_t rounds, const float* begin) {
  const float32x4_t m = vdupq_n_f32(kFactor), c = vdupq_n_f32(kSummand);
  float32x4_t x0 = vld1q_f32(begin), x1 = vld1q_f32(begin + 4), x2 = vld1q_f32(begin + 8), x3 = vld1q_f32(begin + 12),
              x4 = vld1q_f32(begin + 16), x5 = vld1q_f32(begin + 20), x6 = vld1q_f32(begin + 24), x7 = vld1q_f32(begin + 28),
              x8 = vld1q_f32(begin + 32), x9 = vld1q_f32(begin + 36), x10 = vld1q_f32(begin + 40), x11 = vld1q_f32(begin + 44),
              x12 = vld1q_f32(begin + 48), x13 = vld1q_f32(begin + 52), x14 = vld1q_f32(begin + 56),
              x15 = vld1q_f32(begin + 60);
  for (std::int64_t i = 0; i < rounds; ++i) {
    x0 = vfmaq_f32(c, x0, m);
    x1 = vfmaq_f32(c, x1, m);
    x2 = vfmaq_f32(c, x2, m);
    x3 = vfmaq_f32(c, x3, m);
    x4 = vfmaq_f32(c, x4, m);
    x5 = vfmaq_f32(c, x5, m);
    x6 = vfmaq_f32(c, x6, m);
    x7 = vfmaq_f32(c, x7, m);
    x8 = vfmaq_f32(c, x8, m);
    x9 = vfmaq_f32(c, x9, m);
    x10 = vfmaq_f32(c, x10, m);
    x11 = vfmaq_f32(c, x11, m);
    x12 = vfmaq_f32(c, x12, m);
    x13 = vfmaq_f32(c, x13, m);
    x14 = vfmaq_f32(c, x14, m);
    x15 = vfmaq_f32(c, x15, m);
  }
  const float32x4_t sum = x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11 + x12 + x13 + x14 + x15;
  return sum[0] + sum[3];
}

#endif

// Four floats at a time, which every 64-bit processor has: a multiplication and an addition, two instructions, each of
// latency three or four.
using Float4 = float __attribute__((vector_size(16)));

Float4 load4(const float* p) { return Float4{p[0], p[1], p[2], p[3]}; }

[[gnu::noinline]] float chains_baseline(std::int64_t rounds, const float* begin) {
  const Float4 m = {kFactor, kFactor, kFactor, kFactor}, c = {kSummand, kSummand, kSummand, kSummand};
  Float4 x0 = load4(begin), x1 = load4(begin + 4), x2 = load4(begin + 8), x3 = load4(begin + 12), x4 = load4(begin + 16),
         x5 = load4(begin + 20), x6 = load4(begin + 24), x7 = load4(begin + 28), x8 = load4(begin + 32),
         x9 = load4(begin + 36), x10 = load4(begin + 40), x11 = load4(begin + 44);
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
  int chains, lanes;
  float (*run)(std::int64_t rounds, const float* begin);
};

Kernel kernel_of(InstructionSet set) {
  switch (set) {
    case InstructionSet::baseline: return {12, 4, chains_baseline};
#if defined(__x86_64__)
    case InstructionSet::avx2: return {12, 8, chains_avx2};
    case InstructionSet::avx512: return {12, 16, chains_avx512};
#elif defined(__aarch64__)
    case InstructionSet::neon: return {16, 4, chains_neon};
#endif
    default: fail("there is no peak to measure: this build has no code for ", to_string(set));
  }
}

}  // namespace

double measure_peak_gflops(InstructionSet set) {
  using Clock = std::chrono::steady_clock;
  constexpr std::int64_t kRounds = 50'000;  // a fraction of a millisecond: short enough to slip between interruptions
  constexpr double kSeconds = 20e-3;
  std::array<float, 192> begin{};  // 12 vectors of 16
  for (std::size_t i = 0; i < begin.size(); ++i) begin[i] = static_cast<float>(i);
  float* volatile hidden = begin.data();  // what is read from a volatile could be any address, with anything there

  const Kernel kernel = kernel_of(set);
  const double operations = 2.0 * kernel.lanes * kernel.chains * static_cast<double>(kRounds);
  volatile float result = kernel.run(kRounds, hidden);  // warm up; volatile keeps the work from being thought away
  double best = 0, spent = 0;
  while (spent < kSeconds) {
    const auto start = Clock::now();
    result = kernel.run(kRounds, hidden);
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    spent += seconds;
    best = std::max(best, operations / seconds / 1e9);  // a peak is what is possible when nobody disturbs
  }
  static_cast<void>(result);
  return best;
}

void Peaks::round() {
  if (peaks_.empty()) {
    for (const InstructionSet set : available_instruction_sets()) peaks_.push_back({set, 0});
  }
  for (Peak& peak : peaks_) peak.gflops = std::max(peak.gflops, measure_peak_gflops(peak.set));
}

const Peaks::Peak& Peaks::best() const {
  require(!peaks_.empty(), "no peak has been measured: run a round first");
  return *std::ranges::max_element(peaks_, {}, &Peak::gflops);
}

}  // namespace handgrad::app
