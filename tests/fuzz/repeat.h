#pragma once

#include <algorithm>
#include <string>

namespace handgrad::fuzz {

/// The input with its piece [begin, begin + length) repeated as often as there is room in `most` bytes.
inline std::string with_repeated(const std::string& input, std::size_t begin, std::size_t length, std::size_t most) {
  const std::string piece = input.substr(begin, length);
  std::string result = input.substr(0, begin + length);
  const std::size_t rest = input.size() - result.size();
  while (result.size() + piece.size() + rest <= most) result += piece;
  return result + input.substr(begin + length);
}

}  // namespace handgrad::fuzz
