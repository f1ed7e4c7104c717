#include "app/machine.h"

#include <algorithm>
#include <fstream>
#include <thread>

#include "build_info.h"

namespace handgrad::app {

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const auto colon = line.find(':');
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(std::min(colon + 2, line.size()));
  }
  return "unknown";
}

unsigned processor_count() { return std::max(1U, std::thread::hardware_concurrency()); }

std::vector<std::string> instruction_sets() {
  std::vector<std::string> names;
#if defined(__x86_64__)
  // The built-in takes literals only.
  if (__builtin_cpu_supports("sse2")) names.emplace_back("sse2");
  if (__builtin_cpu_supports("sse4.2")) names.emplace_back("sse4.2");
  if (__builtin_cpu_supports("avx")) names.emplace_back("avx");
  if (__builtin_cpu_supports("avx2")) names.emplace_back("avx2");
  if (__builtin_cpu_supports("fma")) names.emplace_back("fma");
  if (__builtin_cpu_supports("avx512f")) names.emplace_back("avx512f");
  if (__builtin_cpu_supports("avx512vl")) names.emplace_back("avx512vl");
  if (__builtin_cpu_supports("avx512bw")) names.emplace_back("avx512bw");
  if (__builtin_cpu_supports("avx512dq")) names.emplace_back("avx512dq");
#elif defined(__aarch64__)
  names.emplace_back("neon");
#endif
  return names;
}

BuildInfo build_info() {
  return {build_info::kCompiler, build_info::kBuildType, build_info::kFlags, build_info::kKernelFlags, build_info::kCommit};
}

}  // namespace handgrad::app
