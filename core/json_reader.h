#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "error.h"
#include "utf8.h"

namespace handgrad {

/// Appends `text`, which must be UTF-8, to `out` as a JSON string with its quotation marks.
void append_json_string(std::string& out, std::string_view text);

/// `text` as a JSON string with its quotation marks, cut after 80 bytes: fit for a message of one line, whatever is in it.
std::string json_quoted(std::string_view text);

/// Reads JSON text (RFC 8259) whose shape is known beforehand: the caller asks for what has to come next, and anything else
/// is an Error that says where and what was found. Strict: no duplicate keys, no trailing commas, UTF-8 only. Nesting is as
/// deep as the caller's own calls, so hostile text cannot exhaust the stack; nothing is allocated beyond what was read.
///
///   JsonReader json(text, "model.json");
///   json.object([&](const std::string& key) { counts[key] = json.natural(); });
///   json.end();
///
/// Where more than one thing may come next, next() tells them apart.
class JsonReader {
 public:
  /// `text` must outlive the reader. `where` begins every message.
  JsonReader(std::string_view text, std::string where) : text_(text), where_(std::move(where)) {}

  /// Reads an object; `member(key)` must read the value that belongs to the key. Throws Error for a key seen before.
  template <class Member>
  void object(Member&& member) {
    std::set<std::string> seen;
    expect('{');
    if (accept('}')) return;
    do {
      const std::string key = string();
      if (!seen.insert(key).second) problem("the key " + json_quoted(key) + " appears twice");
      expect(':');
      member(key);
    } while (accept(','));
    expect('}');
  }

  /// Reads an array; `element()` must read one element.
  template <class Element>
  void array(Element&& element) {
    expect('[');
    if (accept(']')) return;
    do {
      element();
    } while (accept(','));
    expect(']');
  }

  /// Reads a string; escapes become UTF-8. Throws Error for malformed UTF-8, raw control characters, lone surrogates.
  std::string string();
  /// Reads a whole number >= 0. Throws Error for signs, fractions, exponents, leading zeros and what exceeds 64 bits.
  std::uint64_t natural();
  /// Reads a whole number that an int64 holds. Throws Error for fractions, exponents and leading zeros.
  std::int64_t integer();
  /// Reads any number, the double that is nearest. Throws Error for one too large for a double.
  double real();
  /// Whether the number that comes next is written as a whole one: without fraction and exponent.
  bool whole_number_next();
  /// Reads true or false.
  bool boolean();
  /// The first character of what comes next, such as { or " or the first digit; '\0' at the end.
  char next();
  /// Throws Error unless only white space is left.
  void end();

  /// How many bytes have been read.
  std::size_t position() const { return at_; }

  /// Throws Error with the place reached and `what` is wrong there.
  [[noreturn]] void problem(const std::string& what) const;

 private:
  void skip_space();
  bool accept(char c);
  void expect(char c);
  std::string found() const;
  std::string_view number_next();
  void append_escape(std::string& out);
  std::uint32_t four_hex_digits();

  std::string_view text_;
  std::string where_;
  std::size_t at_ = 0;
};

}  // namespace handgrad
