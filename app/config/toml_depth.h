#pragma once

#include <cstddef>
#include <string_view>

namespace handgrad::app {

/// How many names a key may have, such as three in env.a.b.
constexpr std::size_t kMostKeyParts = 16;

/// The line, counted from 1, of the first key of a TOML text that has more names; 0 if there is none.
///
/// Trap: each name is a table in the table before, and the TOML library takes such a tower apart by recursion: a file with a key of
/// a hundred thousand names would exhaust the stack. It limits the depth of arrays and of tables in braces itself, not of keys.
std::size_t too_deep_line(std::string_view toml);

}  // namespace handgrad::app
