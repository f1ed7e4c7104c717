#include "app/plots/text_canvas.h"

#include "app/format.h"

namespace handgrad::app::plots {

void TextCanvas::put(std::size_t column, std::size_t row, const std::string& character) {
  if (row < rows() && column < columns()) rows_[row][column] = character;
}

void TextCanvas::write(std::size_t column, std::size_t row, const std::string& words) {
  for (const auto& character : characters(words)) put(column++, row, character);
}

std::string TextCanvas::to_string() const {
  std::string result;
  for (const auto& row : rows_) {
    std::string line;
    for (const auto& character : row) line += character;
    line.erase(line.find_last_not_of(' ') + 1);
    result += line + "\n";
  }
  return result;
}

std::vector<std::string> characters(const std::string& text) {
  std::vector<std::string> result;
  for (const char c : text) {
    const bool goes_on = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    if (goes_on && !result.empty()) {
      result.back() += c;
    } else {
      result.emplace_back(1, static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
    }
  }
  return result;
}

std::string fitted(const std::string& text, std::size_t width) {
  const auto all = characters(text);
  const bool fits = all.size() <= width;
  std::string result;
  for (std::size_t i = 0; i < (fits ? all.size() : width == 0 ? 0 : width - 1); ++i) result += all[i];
  return fits || width == 0 ? result : result + "…";
}

std::string left_aligned(const std::string& text, std::size_t width) {
  const std::size_t taken = display_width(text);
  return taken >= width ? text : text + std::string(width - taken, ' ');
}

std::string right_aligned(const std::string& text, std::size_t width) {
  const std::size_t taken = display_width(text);
  return taken >= width ? text : std::string(width - taken, ' ') + text;
}

std::string centred(const std::string& text, std::size_t width) {
  const std::size_t taken = display_width(text);
  return taken >= width ? text : left_aligned(std::string((width - taken) / 2, ' ') + text, width);
}

std::vector<std::string> text_lines(const std::string& text, std::size_t width) {
  std::vector<std::string> lines = {""};
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = fitted(text.substr(begin, end - begin), width);
    const std::string longer = lines.back().empty() ? word : lines.back() + " " + word;
    if (display_width(longer) <= width) {
      lines.back() = longer;
    } else {
      lines.push_back(word);
    }
    begin = end + 1;
  }
  return lines;
}

std::string title_lines(const std::string& title, std::size_t width) {
  std::string result;
  if (title.empty()) return result;
  for (const auto& line : text_lines(title, width)) result += line + "\n";
  return result;
}

std::string legend_lines(const std::vector<std::string>& entries, std::size_t width) {
  std::string result, line;
  for (const auto& entry : entries) {
    const std::string one = fitted(entry, width);
    if (!line.empty() && display_width(line) + 3 + display_width(one) > width) {
      result += line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : "   ") + one;
  }
  return line.empty() ? result : result + line + "\n";
}

}  // namespace handgrad::app::plots
