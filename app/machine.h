#pragma once

#include <string>
#include <vector>

namespace handgrad::app {

/// The processor's name as the system has it; "unknown" where it does not tell.
std::string cpu_model();

/// How many processors this program may use at a time.
unsigned processor_count();

/// Those of sse2 … avx512f that this processor has and the compiler knows of, oldest first.
std::vector<std::string> instruction_sets();

/// An instruction set that this program has kernels for, or would have on another processor family.
struct KernelSet {
  std::string name;   ///< as in simd:NAME
  bool available;     ///< this processor can run it
  bool chosen;        ///< the one that the simd backend takes of its own accord
  std::string about;  ///< what it is good for, or why it is not available
};
std::vector<KernelSet> kernel_sets();

/// From what and how this program was built.
struct BuildInfo {
  std::string compiler, build_type, flags;
  std::string kernel_flags;  ///< of the eigen backend
  std::string commit;        ///< "" if it was not built from a git repository
};
BuildInfo build_info();

}  // namespace handgrad::app
