#pragma once

#include <string>

#include "core/error.h"

namespace handgrad::test {

/// The message of the Error that `call` throws, or "(no error)".
template <class Call>
std::string error_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "(no error)";
}

}  // namespace handgrad::test
