#pragma once

#include <cstddef>
#include <string_view>

namespace handgrad {

/// The bytes of the UTF-8 sequence that `text` begins with; 0 if it is malformed or `text` is empty (Unicode standard, table
/// 3-7: no overlong forms, no surrogates).
std::size_t utf8_length(std::string_view text);

/// Whether all of `text` is well-formed UTF-8.
bool is_utf8(std::string_view text);

}  // namespace handgrad
