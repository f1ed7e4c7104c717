#include <algorithm>

#include "app/plots/panels.h"
#include "app/plots/picture_files.h"

namespace handgrad::app {

namespace {

constexpr std::size_t kLeastWidth = 20;

}  // namespace

std::string to_text(const Picture& picture, std::size_t width) {
  plots::check(picture);
  std::string result;
  for (const Panel& panel : picture.panels) {
    if (!result.empty()) result += "\n";
    result += std::visit([&](const auto& p) { return plots::text_form(p, std::max(width, kLeastWidth)); }, panel);
  }
  return result;
}

}  // namespace handgrad::app
