#include "backends.h"

#include "checked_backend.h"
#include "cuda_plugin.h"
#include "error.h"
#include "instruction_set.h"
#include "reference_backend.h"
#if !defined(HANDGRAD_DOUBLE)
#include "simd_backend.h"
#endif
#include "suggest.h"
#include "unreadable_backend.h"
#if defined(HANDGRAD_HAS_EIGEN)
#include "eigen_backend.h"
#endif

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

#if defined(HANDGRAD_HAS_EIGEN)
constexpr bool kHasEigen = true;
std::unique_ptr<Backend> make_eigen() { return std::make_unique<EigenBackend>(); }
#else
constexpr bool kHasEigen = false;
std::unique_ptr<Backend> make_eigen() {
  fail("the eigen backend is not part of this build. Build with -DHANDGRAD_EIGEN=ON, or choose reference.");
}
#endif

#if defined(HANDGRAD_DOUBLE)
constexpr bool kHasSimd = false;
std::unique_ptr<Backend> make_simd(InstructionSet) {
  fail("the simd backend computes in float, and this build in double: choose eigen or reference");
}
#else
constexpr bool kHasSimd = true;
std::unique_ptr<Backend> make_simd(InstructionSet set) { return std::make_unique<SimdBackend>(set); }
#endif

const std::string kSimd = "simd", kCuda = "cuda", kChecked = "checked";

std::string simd_description() {
  if (!kHasSimd) return "float only, and this build computes in double";
  std::string sets;
  for (const InstructionSet set : available_instruction_sets())
    sets += (sets.empty() ? "" : ", ") + std::string(to_string(set));
  return "kernels of our own for small networks; uses " + std::string(to_string(best_instruction_set())) +
         ", simd:NAME forces one of " + sets;
}

}  // namespace

std::unique_ptr<Backend> make_backend(const std::string& name) {
  if (name == "reference") return std::make_unique<ReferenceBackend>();
  if (name == "eigen") return make_eigen();
  if (name == kSimd) return make_simd(best_instruction_set());
  if (name.starts_with(kSimd + ":")) return make_simd(parse_instruction_set(name.substr(kSimd.size() + 1)));
  if (name == kCuda) return make_cuda_backend("");
  if (name.starts_with(kCuda + ":")) return make_cuda_backend(name.substr(kCuda.size() + 1));
  if (name == "unreadable") return std::make_unique<UnreadableBackend>();
  if (name == kChecked) return make_backend(kChecked + ":" + default_backend());
  if (name.starts_with(kChecked + ":")) {
    require(!name.starts_with(kChecked + ":" + kChecked), "backend '", name, "': a checked backend cannot be checked again");
    return std::make_unique<CheckedBackend>(std::make_unique<ReferenceBackend>(),
                                            make_backend(name.substr(kChecked.size() + 1)));
  }
  fail("no backend '", name, "': expected reference, eigen, simd, simd:NAME, cuda, cuda:WORDS, checked, checked:NAME or ",
       "unreadable.", did_you_mean(name, backend_names()));
}

std::vector<std::string> backend_names() { return {"reference", "eigen", kSimd, kCuda, kChecked, "unreadable"}; }

std::vector<BackendInfo> list_backends() {
  return {
      {"reference", true, "the loops a textbook would print; the oracle for the others"},
      {"eigen", kHasEigen, kHasEigen ? "Eigen, single-threaded" : "not part of this build (-DHANDGRAD_EIGEN=OFF)"},
      {kSimd, kHasSimd, simd_description()},
      {kCuda, cuda_status().works(), cuda_status().about()},
      {"checked", true, "runs reference and " + default_backend() + " side by side and compares every result"},
      {"unreadable", true, "reference behind pointers that only a backend can follow (for tests)"},
  };
}

std::vector<std::string> computing_backends() {
  std::vector<std::string> names = {"reference"};
  if (kHasEigen) names.emplace_back("eigen");
  if (kHasSimd) {
    for (const InstructionSet set : available_instruction_sets()) names.push_back(kSimd + ":" + std::string(to_string(set)));
  }
  if (cuda_status().works()) names.push_back(kCuda);
  return names;
}

std::string default_backend() { return kHasSimd ? kSimd : kHasEigen ? "eigen" : "reference"; }

}  // namespace handgrad::inline HANDGRAD_PRECISION
