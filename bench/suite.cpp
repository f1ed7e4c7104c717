#include "suite.h"

#include "core/instruction_set.h"

namespace handgrad {

std::vector<std::string> fast_backends() {
  std::vector<std::string> names;
  for (const BackendInfo& info : list_backends()) {
    if (!info.available || (info.name != "eigen" && info.name != "simd")) continue;
    names.push_back(info.name);
    if (info.name != "simd") continue;
    for (const InstructionSet set : available_instruction_sets()) {
      if (set != best_instruction_set()) names.push_back("simd:" + std::string(to_string(set)));
    }
  }
  return names;
}

std::vector<std::string> backends_for(double flops) {
  constexpr double kSmall = 200'000;  // the reference makes one or two a nanosecond
  std::vector<std::string> names = fast_backends();
  if (flops <= kSmall) names.insert(names.begin(), "reference");
  return names;
}

Buffer<Real> random_buffer(Backend& backend, std::int64_t size, double low, double high) {
  Generator random(static_cast<std::uint64_t>(size));
  std::vector<Real> host(static_cast<std::size_t>(size));
  for (Real& x : host) x = static_cast<Real>(random.uniform(low, high));
  Buffer<Real> buffer(backend, size);
  buffer.upload(host);
  return buffer;
}

Buffer<std::int32_t> random_indices(Backend& backend, std::int64_t size, std::int64_t limit) {
  Generator random(static_cast<std::uint64_t>(size));
  std::vector<std::int32_t> host(static_cast<std::size_t>(size));
  for (std::int32_t& x : host) x = static_cast<std::int32_t>(random.integers(0, limit));
  Buffer<std::int32_t> buffer(backend, size);
  buffer.upload(host);
  return buffer;
}

int run_registered(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace handgrad
