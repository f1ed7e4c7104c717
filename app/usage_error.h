#pragma once

#include "core/error.h"

namespace handgrad::app {

/// What the user asked for makes no sense: exit code 2. Every other Error is work that failed: exit code 1.
class UsageError : public Error {
 public:
  using Error::Error;
};

template <class... Parts>
[[noreturn]] void wrong_use(const Parts&... parts) {
  throw UsageError(text(parts...));
}

}  // namespace handgrad::app
