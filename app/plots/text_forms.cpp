#include "app/plots/text_forms.h"

#include "app/format.h"

namespace handgrad::app {

std::string to_text(const Picture& picture, std::size_t width) {
  std::string result;
  for (const Panel& panel : picture.panels) {
    if (!result.empty()) result += "\n";
    result += std::visit([&](const auto& p) { return text_of(p, width); }, panel);
  }
  return result;
}

std::string text_title(const std::string& title) { return title.empty() ? "" : title + "\n"; }

std::string arrow_of(char direction) {
  switch (direction) {
    case 'L': return "←";
    case 'R': return "→";
    case 'U': return "↑";
    case 'D': return "↓";
    default: return {direction};
  }
}

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t shown = display_width(text);
  return text + std::string(width > shown ? width - shown : 0, ' ');
}

std::string padded_left(const std::string& text, std::size_t width) {
  const std::size_t shown = display_width(text);
  return std::string(width > shown ? width - shown : 0, ' ') + text;
}

}  // namespace handgrad::app
