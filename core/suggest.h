#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace handgrad {

/// The candidate closest to `name` by edit distance (Levenshtein, case ignored), or "" if none is close enough to be what
/// was meant (more than a third of the letters differ).
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

/// " Did you mean 'cartpole'?" or "" where nothing is near: made to be appended to an error message.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace handgrad
