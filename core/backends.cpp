#include "backends.h"

#include "checked_backend.h"
#include "error.h"
#include "reference_backend.h"
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

const std::string kChecked = "checked";

}  // namespace

std::unique_ptr<Backend> make_backend(const std::string& name) {
  if (name == "reference") return std::make_unique<ReferenceBackend>();
  if (name == "eigen") return make_eigen();
  if (name == "unreadable") return std::make_unique<UnreadableBackend>();
  if (name == kChecked) return make_backend(kChecked + ":" + default_backend());
  if (name.starts_with(kChecked + ":")) {
    return std::make_unique<CheckedBackend>(std::make_unique<ReferenceBackend>(),
                                            make_backend(name.substr(kChecked.size() + 1)));
  }
  std::vector<std::string> names;
  for (const BackendInfo& info : list_backends()) names.push_back(info.name);
  fail("no backend '", name, "': expected reference, eigen, checked, checked:NAME or unreadable.", did_you_mean(name, names));
}

std::vector<BackendInfo> list_backends() {
  return {
      {"reference", true, "the loops a textbook would print; the oracle for the others"},
      {"eigen", kHasEigen, kHasEigen ? "Eigen, single-threaded" : "not part of this build (-DHANDGRAD_EIGEN=OFF)"},
      {"checked", true, "runs reference and " + default_backend() + " side by side and compares every result"},
      {"unreadable", true, "reference behind pointers that only a backend can follow (for tests)"},
  };
}

std::string default_backend() { return kHasEigen ? "eigen" : "reference"; }

}  // namespace handgrad::inline HANDGRAD_PRECISION
