#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace handgrad {

/// Vector instructions that code of this library exists for. One program holds all that its processor family may have, and
/// chooses at run time.
///   baseline  four floats at a time, no fused multiply-add: what every processor of the family has (SSE2 on x86-64)
///   avx2      eight floats, fused multiply-add (x86-64 since 2013)
///   avx512    sixteen floats, fused multiply-add, masks (AVX-512 F, VL, DQ and BW)
///   neon      four floats, fused multiply-add (64-bit ARM)
enum class InstructionSet { baseline, avx2, avx512, neon };

std::string_view to_string(InstructionSet set);

/// Those that this processor, its operating system and this build have, the widest last. Never empty.
std::vector<InstructionSet> available_instruction_sets();

/// The one that is fastest here: the widest, but for processors that make two steps of each AVX-512 instruction (AMD's Zen 4),
/// where AVX2 is.
InstructionSet best_instruction_set();

/// Throws Error for a name that is none, and for one that this processor or build does not have; says which there are.
InstructionSet parse_instruction_set(const std::string& name);

}  // namespace handgrad
