#include "instruction_set.h"

#include <algorithm>
#include <array>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "error.h"
#include "suggest.h"

namespace handgrad {
namespace {

constexpr std::array kAll = {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512, InstructionSet::neon};

bool available(InstructionSet set) {
  switch (set) {
    case InstructionSet::baseline: return true;
#if defined(__x86_64__)
    // These ask the operating system too, which has to save the wider registers.
    case InstructionSet::avx2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case InstructionSet::avx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("fma");
#elif defined(__aarch64__)
    case InstructionSet::neon: return true;
#endif
    default: return false;
  }
}

// Zen 4 (AMD, family 25) makes two steps of each AVX-512 instruction: nothing is gained, and the granularity is coarser.
bool halves_avx512() {
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(0, &a, &b, &c, &d) == 0 || b != signature_AMD_ebx || c != signature_AMD_ecx || d != signature_AMD_edx) {
    return false;
  }
  if (__get_cpuid(1, &a, &b, &c, &d) == 0) return false;
  constexpr unsigned kZen4 = 25;
  const unsigned family = ((a >> 8) & 0xf) + ((a >> 20) & 0xff);
  return family == kZen4;
#else
  return false;
#endif
}

}  // namespace

std::string_view to_string(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx2: return "avx2";
    case InstructionSet::avx512: return "avx512";
    case InstructionSet::neon: return "neon";
    case InstructionSet::baseline: break;
  }
  return "baseline";
}

std::vector<InstructionSet> available_instruction_sets() {
  std::vector<InstructionSet> sets;
  std::ranges::copy_if(kAll, std::back_inserter(sets), available);
  return sets;
}

InstructionSet best_instruction_set() {
  const InstructionSet widest = available_instruction_sets().back();
  return widest == InstructionSet::avx512 && halves_avx512() ? InstructionSet::avx2 : widest;
}

InstructionSet parse_instruction_set(const std::string& name) {
  std::string there;
  std::vector<std::string> names;
  for (const InstructionSet set : kAll) {
    names.emplace_back(to_string(set));
    if (!available(set)) continue;
    there += (there.empty() ? "" : ", ") + names.back();
  }
  for (const InstructionSet set : kAll) {
    if (name != to_string(set)) continue;
    require(available(set), "this processor does not have the instruction set '", name, "': it has ", there);
    return set;
  }
  fail("no instruction set '", name, "': this processor has ", there, ".", did_you_mean(name, names));
}

}  // namespace handgrad
