#pragma once

#include <string>
#include <vector>

#include "core/backends.h"

namespace handgrad {

/// The names of all backends that there are to test: those that compute by themselves, one an instruction set, and those
/// that wrap others.
inline std::vector<std::string> every_backend() {
  std::vector<std::string> names = computing_backends();
  names.insert(names.end(), {"checked", "unreadable"});
  return names;
}

}  // namespace handgrad
