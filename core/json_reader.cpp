#include "json_reader.h"

#include <charconv>
#include <limits>

namespace handgrad {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// code is a Unicode scalar value.
void append_utf8(std::string& out, std::uint32_t code) {
  const auto append = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code < 0x80) {
    append(code);
  } else if (code < 0x800) {
    append(0xC0 | (code >> 6));
    append(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    append(0xE0 | (code >> 12));
    append(0x80 | ((code >> 6) & 0x3F));
    append(0x80 | (code & 0x3F));
  } else {
    append(0xF0 | (code >> 18));
    append(0x80 | ((code >> 12) & 0x3F));
    append(0x80 | ((code >> 6) & 0x3F));
    append(0x80 | (code & 0x3F));
  }
}

}  // namespace

std::string JsonReader::string() {
  expect('"');
  std::string out;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') {
      ++at_;
      return out;
    }
    if (c == '\\') {
      append_escape(out);
      continue;
    }
    if (static_cast<unsigned char>(c) < 0x20) problem("a control character in a string must be escaped");
    const std::size_t length = utf8_length(text_.substr(at_));
    if (length == 0) problem("a string is not valid UTF-8");
    out.append(text_, at_, length);
    at_ += length;
  }
  problem("a string has no closing quotation mark");
}

void JsonReader::append_escape(std::string& out) {
  constexpr std::string_view letters = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  ++at_;
  const char letter = at_ < text_.size() ? text_[at_] : '\0';
  if (const std::size_t i = letters.find(letter); i != std::string_view::npos) {
    ++at_;
    out += meanings[i];
    return;
  }
  if (letter != 'u') problem("unknown escape in a string; expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
  ++at_;
  std::uint32_t code = four_hex_digits();
  // Trap: characters beyond U+FFFF come as two escapes, a high and a low surrogate; neither means anything alone.
  if (code >= 0xD800 && code <= 0xDBFF) {
    if (text_.substr(at_, 2) != "\\u") problem("a high surrogate escape must be followed by a low one");
    at_ += 2;
    const std::uint32_t low = four_hex_digits();
    if (low < 0xDC00 || low > 0xDFFF) problem("a high surrogate escape must be followed by a low one");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  } else if (code >= 0xDC00 && code <= 0xDFFF) {
    problem("a low surrogate escape must follow a high one");
  }
  append_utf8(out, code);
}

std::uint32_t JsonReader::four_hex_digits() {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    std::uint32_t digit = 0;
    if (is_digit(c)) {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint32_t>(c - 'a' + 10);
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<std::uint32_t>(c - 'A' + 10);
    } else {
      problem("\\u must be followed by four hexadecimal digits");
    }
    value = value * 16 + digit;
  }
  return value;
}

std::uint64_t JsonReader::natural() {
  skip_space();
  if (at_ >= text_.size() || !is_digit(text_[at_])) problem("expected a whole number >= 0, found " + found());
  const bool leading_zero = text_[at_] == '0';
  std::uint64_t value = 0;
  std::size_t digits = 0;
  for (; at_ < text_.size() && is_digit(text_[at_]); ++at_, ++digits) {
    const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
    if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) problem("a number does not fit 64 bits");
    value = value * 10 + digit;
  }
  if (leading_zero && digits > 1) problem("a number must not begin with 0");
  if (at_ < text_.size() && std::string_view(".eE").find(text_[at_]) != std::string_view::npos) {
    problem("expected a whole number without fraction and exponent");
  }
  return value;
}

/// The text of the number that comes next: -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?
std::string_view JsonReader::number_next() {
  skip_space();
  std::size_t end = at_;
  const auto skip = [&](std::string_view characters) {
    const bool found = end < text_.size() && characters.find(text_[end]) != std::string_view::npos;
    if (found) ++end;
    return found;
  };
  const auto skip_digits = [&] {
    const std::size_t begin = end;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    return end > begin;
  };
  skip("-");
  const std::size_t first = end;
  if (!skip_digits()) problem("expected a number, found " + found());
  if (text_[first] == '0' && end > first + 1) problem("a number must not begin with 0");
  if (skip(".") && !skip_digits()) problem("a number needs digits after its point");
  if (skip("eE")) {
    skip("+-");
    if (!skip_digits()) problem("a number needs digits in its exponent");
  }
  return text_.substr(at_, end - at_);
}

bool JsonReader::whole_number_next() { return number_next().find_first_of(".eE") == std::string_view::npos; }

std::int64_t JsonReader::integer() {
  const std::string_view digits = number_next();
  std::int64_t value = 0;
  const auto [end, reason] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (reason != std::errc()) problem("a number does not fit 64 bits");
  if (end != digits.data() + digits.size()) problem("expected a whole number without fraction and exponent");
  at_ += digits.size();
  return value;
}

double JsonReader::real() {
  const std::string_view digits = number_next();
  double value = 0;
  const std::errc reason = std::from_chars(digits.data(), digits.data() + digits.size(), value).ec;
  if (reason != std::errc()) problem("a number is too large or too small for a double");
  at_ += digits.size();
  return value;
}

bool JsonReader::boolean() {
  skip_space();
  for (const std::string_view word : {"true", "false"}) {
    if (text_.substr(at_, word.size()) != word) continue;
    at_ += word.size();
    return word == "true";
  }
  problem("expected true or false, found " + found());
}

char JsonReader::next() {
  skip_space();
  return at_ < text_.size() ? text_[at_] : '\0';
}

void JsonReader::end() {
  skip_space();
  if (at_ < text_.size()) problem("expected nothing more, found " + found());
}

void JsonReader::skip_space() {
  while (at_ < text_.size() && std::string_view(" \t\n\r").find(text_[at_]) != std::string_view::npos) ++at_;
}

bool JsonReader::accept(char c) {
  skip_space();
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

void JsonReader::expect(char c) {
  if (!accept(c)) problem(text("expected ", c, ", found ", found()));
}

std::string JsonReader::found() const {
  if (at_ >= text_.size()) return "the end";
  const char c = text_[at_];
  if (c > 0x20 && c < 0x7F) return std::string(1, c);
  return text("a byte of value ", static_cast<int>(static_cast<unsigned char>(c)));
}

void JsonReader::problem(const std::string& what) const { fail(where_, ", byte ", at_, ": ", what); }

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string json_quoted(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::string out;
  if (text.size() <= kLongest) {
    append_json_string(out, text);
    return out;
  }
  std::size_t cut = kLongest;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;  // not inside a character
  append_json_string(out, text.substr(0, cut));
  return out + "...";
}

}  // namespace handgrad
