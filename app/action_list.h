#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "envs/space.h"

namespace handgrad::app {

/// Whole numbers with commas, blanks and line ends between them. All are checked before the first is taken: throws UsageError,
/// naming `origin` and the place in the list, for what is no number or no action of the space.
std::vector<std::int64_t> parse_action_list(std::string_view words, const Discrete& space, const std::string& origin);

/// As --actions takes them: "0,1,1,0", or "@FILE" for those in a file.
std::vector<std::int64_t> read_action_list(const std::string& argument, const Discrete& space);

}  // namespace handgrad::app
