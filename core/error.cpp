#include "error.h"

#include "utf8.h"

namespace handgrad {
namespace {

constexpr std::size_t kAtTheBeginning = 1000, kAtTheEnd = 500;  // bytes
constexpr std::string_view kGap = " ... ";

std::string hexadecimal(unsigned char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

/// Whether the UTF-8 character is one of those that terminals obey: U+0000 to U+001F, U+007F, U+0080 to U+009F.
bool is_control(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  return character.size() == 1 ? byte(0) < 0x20 || byte(0) == 0x7F : byte(0) == 0xC2 && byte(1) < 0xA0;
}

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    if (character == "\n" || character == "\r" || character == "\t") {
      result += ' ';
    } else if (length == 0 || is_control(character)) {
      for (const char c : character) result += hexadecimal(static_cast<unsigned char>(c));
    } else {
      result += character;
    }
    text.remove_prefix(character.size());
  }
  return result;
}

}  // namespace

std::string one_line(std::string_view words) {
  const std::string line = printable(words);
  // What has been cut is not cut again: an Error is often made of another one's message.
  if (line.size() <= kAtTheBeginning + kGap.size() + kAtTheEnd) return line;
  const auto is_inside_a_character = [&](std::size_t i) { return (static_cast<unsigned char>(line[i]) & 0xC0) == 0x80; };
  std::size_t cut = kAtTheBeginning, from = line.size() - kAtTheEnd;
  while (is_inside_a_character(cut)) --cut;
  while (is_inside_a_character(from)) ++from;
  return line.substr(0, cut).append(kGap) + line.substr(from);
}

}  // namespace handgrad
