#include "app/bench/bandwidth.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

#include "core/error.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace handgrad::app {

namespace {

// Sums an array of a multiple of 256 bytes. Four accumulators keep two loads a cycle going; adding takes no longer than
// loading.

#if defined(__x86_64__)

[[gnu::target("avx512f"), gnu::noinline]] float sum_avx512(const float* x, std::size_t floats) {
  __m512 a = _mm512_setzero_ps(), b = a, c = a, d = a;
  for (std::size_t i = 0; i < floats; i += 64) {
    a += _mm512_load_ps(x + i);
    b += _mm512_load_ps(x + i + 16);
    c += _mm512_load_ps(x + i + 32);
    d += _mm512_load_ps(x + i + 48);
  }
  const __m512 sum = a + b + c + d;
  return sum[0] + sum[15];
}

[[gnu::target("avx2"), gnu::noinline]] float sum_avx2(const float* x, std::size_t floats) {
  __m256 a = _mm256_setzero_ps(), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
  for (std::size_t i = 0; i < floats; i += 64) {
    a += _mm256_load_ps(x + i);
    b += _mm256_load_ps(x + i + 8);
    c += _mm256_load_ps(x + i + 16);
    d += _mm256_load_ps(x + i + 24);
    e += _mm256_load_ps(x + i + 32);
    f += _mm256_load_ps(x + i + 40);
    g += _mm256_load_ps(x + i + 48);
    h += _mm256_load_ps(x + i + 56);
  }
  const __m256 sum = a + b + c + d + e + f + g + h;
  return sum[0] + sum[7];
}

#endif

using Float4 = float __attribute__((vector_size(16), may_alias));

[[gnu::noinline]] float sum_baseline(const float* x, std::size_t floats) {
  const auto* v = reinterpret_cast<const Float4*>(x);
  Float4 a = {}, b = {}, c = {}, d = {}, e = {}, f = {}, g = {}, h = {};
  for (std::size_t i = 0; i < floats / 4; i += 8) {
    a += v[i];
    b += v[i + 1];
    c += v[i + 2];
    d += v[i + 3];
    e += v[i + 4];
    f += v[i + 5];
    g += v[i + 6];
    h += v[i + 7];
  }
  const Float4 sum = a + b + c + d + e + f + g + h;
  return sum[0] + sum[3];
}

using Sum = float (*)(const float* x, std::size_t floats);

Sum sum_of(InstructionSet set) {
  switch (set) {
#if defined(__x86_64__)
    case InstructionSet::avx2: return sum_avx2;
    case InstructionSet::avx512: return sum_avx512;
#endif
    default: return sum_baseline;  // NEON's registers are four floats wide too
  }
}

struct alignas(64) Line {
  float values[16];
};

/// The best of some 20 ms, in GB/s.
double measure(Sum sum, std::size_t bytes) {
  using Clock = std::chrono::steady_clock;
  const std::vector<Line> array(bytes / 256 * 4);
  const std::size_t floats = array.size() * 16;
  const int passes = static_cast<int>(std::max<std::size_t>(1, (std::size_t{4} << 20) / bytes));
  volatile float result = sum(array.front().values, floats);
  double best = 0, spent = 0;
  while (spent < 20e-3) {
    const auto start = Clock::now();
    for (int pass = 0; pass < passes; ++pass) result = sum(array.front().values, floats);
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    spent += seconds;
    best = std::max(best, static_cast<double>(floats * sizeof(float)) * passes / seconds / 1e9);
  }
  static_cast<void>(result);
  return best;
}

std::size_t size_or(int name, std::size_t otherwise) {
  const long size = sysconf(name);
  return size > 0 ? static_cast<std::size_t>(size) : otherwise;
}

}  // namespace

std::vector<MemoryLevel> measure_memory(InstructionSet set) {
#if defined(_SC_LEVEL1_DCACHE_SIZE)
  const std::size_t l1 = size_or(_SC_LEVEL1_DCACHE_SIZE, 32 << 10), l2 = size_or(_SC_LEVEL2_CACHE_SIZE, 1 << 20);
#else
  const std::size_t l1 = 32 << 10, l2 = 1 << 20;
#endif
  const Sum sum = sum_of(set);
  return {{"L1", l1, measure(sum, l1 / 2)},
          {"L2", l2, measure(sum, l2 / 2)},
          {"beyond", std::numeric_limits<std::size_t>::max(), measure(sum, 4 * l2)}};
}

const MemoryLevel& level_for(const std::vector<MemoryLevel>& levels, double bytes) {
  const auto fits = [&](const MemoryLevel& level) { return bytes <= static_cast<double>(level.bytes); };
  const auto level = std::find_if(levels.begin(), levels.end(), fits);
  require(level != levels.end(), "no level of memory holds ", bytes, " bytes");
  return *level;
}

}  // namespace handgrad::app
