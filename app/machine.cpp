#include "app/machine.h"

#include <algorithm>
#include <fstream>
#include <thread>

#include "build_info.h"
#include "core/error.h"
#include "core/instruction_set.h"

namespace handgrad::app {

namespace {
constexpr std::string_view kAnyFamily = "all", kX86 = "x86-64", kArm = "64-bit ARM";
}

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

std::vector<KernelSet> kernel_sets() {
#if defined(__x86_64__)
  constexpr auto family = kX86;
#elif defined(__aarch64__)
  constexpr auto family = kArm;
#else
  constexpr std::string_view family;
#endif
  const std::vector<InstructionSet> available = available_instruction_sets();
  std::vector<KernelSet> sets;
  for (const auto& [set, for_whom] : {std::pair{InstructionSet::baseline, kAnyFamily},
                                      {InstructionSet::avx2, kX86},
                                      {InstructionSet::avx512, kX86},
                                      {InstructionSet::neon, kArm}}) {
    const std::string name(to_string(set));
    const bool here = std::ranges::count(available, set) != 0, chosen = set == best_instruction_set();
    std::string about = "what simd chooses here";
    if (!chosen) about = "simd:" + name + " forces it; " + std::string(to_string(best_instruction_set())) + " is faster here";
    if (!here) about = "this processor, or its operating system, does not have it";
    if (!here && for_whom != family) about = text("for ", for_whom, " processors");
    sets.push_back({name, here, chosen, about});
  }
  return sets;
}

BuildInfo build_info() {
  return {build_info::kCompiler, build_info::kBuildType, build_info::kFlags, build_info::kKernelFlags, build_info::kCommit};
}

}  // namespace handgrad::app
