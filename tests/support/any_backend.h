#pragma once

#include "tests/support/backends.h"
#include "tests/support/catch.h"

namespace handgrad {

/// Runs the rest of a test once for every backend there is, whose name is part of what a failure says.
inline std::unique_ptr<Backend> any_backend() {
  const std::string name = GENERATE(from_range(every_backend()));
  UNSCOPED_INFO("backend " << name);
  return make_backend(name);
}

}  // namespace handgrad
