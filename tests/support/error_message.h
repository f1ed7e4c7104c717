#pragma once

#include <string>
#include <string_view>

#include "core/error.h"

namespace handgrad {

/// The message of the Error that `action` throws, or a sentence that no check is happy with if it throws none.
template <class Action>
std::string error_message(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "(nothing was thrown)";
}

inline bool contains(std::string_view whole, std::string_view part) { return whole.find(part) != std::string_view::npos; }

}  // namespace handgrad
