#pragma once

#include <string>
#include <vector>

#include "core/backends.h"
#include "core/instruction_set.h"

/// The backends that tests run on.
namespace handgrad {

/// The names of the backends of this build that compute by themselves and that this processor can run, one for each
/// instruction set where a backend has several: reference, eigen, simd:baseline, simd:avx2 ...
inline std::vector<std::string> computing_backends() {
  std::vector<std::string> names;
  for (const BackendInfo& info : list_backends()) {
    if (!info.available || info.name == "checked" || info.name == "unreadable") continue;
    if (info.name != "simd") {
      names.push_back(info.name);
      continue;
    }
    for (const InstructionSet set : available_instruction_sets()) names.push_back("simd:" + std::string(to_string(set)));
  }
  return names;
}

/// Those, and the ones that wrap others: `checked` and `unreadable`.
inline std::vector<std::string> every_backend() {
  std::vector<std::string> names = computing_backends();
  names.insert(names.end(), {"checked", "unreadable"});
  return names;
}

}  // namespace handgrad
