#pragma once

#include <string>
#include <vector>

namespace handgrad::app::plots {

/// A field of characters to draw on: rows from the top, columns from the left. What lies outside is not drawn.
class TextCanvas {
 public:
  TextCanvas(std::size_t columns, std::size_t rows) : rows_(rows, std::vector<std::string>(columns, " ")) {}

  /// One character, which may take several bytes.
  void put(std::size_t column, std::size_t row, const std::string& character);
  /// A text from there to the right.
  void write(std::size_t column, std::size_t row, const std::string& words);

  std::size_t columns() const { return rows_.empty() ? 0 : rows_.front().size(); }
  std::size_t rows() const { return rows_.size(); }
  /// Each row ends in a newline, without blanks before it.
  std::string to_string() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// The characters of UTF-8 text.
std::vector<std::string> characters(const std::string& text);
/// So many characters at most, the last one "…" if there were more.
std::string fitted(const std::string& text, std::size_t width);
/// In the middle, at the right, or at the left of so many columns.
std::string centred(const std::string& text, std::size_t width);
std::string right_aligned(const std::string& text, std::size_t width);
std::string left_aligned(const std::string& text, std::size_t width);
/// Lines of at most so many characters, broken between words.
std::vector<std::string> text_lines(const std::string& text, std::size_t width);
/// The title of a panel above it; nothing if there is none.
std::string title_lines(const std::string& title, std::size_t width);
/// Entries of a legend one after the other, in lines that fit.
std::string legend_lines(const std::vector<std::string>& entries, std::size_t width);

}  // namespace handgrad::app::plots
