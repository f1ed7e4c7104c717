#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "core/backends.h"
#include "core/buffer.h"
#include "core/random.h"
#include "core/step_scope.h"

/// What all suites share: on what they run, and how one operation is measured.
namespace handgrad {

/// The backends that compute for speed: eigen, simd, and simd:NAME for the instruction sets that simd does not choose here.
std::vector<std::string> fast_backends();

/// Those, and reference before them if an operation of so many floating-point operations is a matter of microseconds for it.
std::vector<std::string> backends_for(double flops);

/// Backend memory filled from U(low, high), the same numbers each time.
Buffer<Real> random_buffer(Backend& backend, std::int64_t size, double low = -1, double high = 1);

/// Backend memory filled with whole numbers below `limit`, the same each time.
Buffer<std::int32_t> random_indices(Backend& backend, std::int64_t size, std::int64_t limit);

/// Runs `operation` over and over, denormals flushed as in a train step, and reports its rate of floating-point operations if
/// it has any to speak of.
template <class Operation>
void measure(benchmark::State& state, Backend& backend, double flops, const Operation& operation) {
  const StepScope scope(backend);
  for (auto _ : state) {
    operation();
    benchmark::ClobberMemory();
  }
  if (flops > 0) {
    state.counters["FLOP/s"] = benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
  }
}

/// What every suite's main function ends with: options, and what was registered. Returns the exit code.
int run_registered(int argc, char** argv);

}  // namespace handgrad
