#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace handgrad::app {

/// Pixels, nothing else: 0xRRGGBB, row by row from the top left.
struct Image {
  int width = 0, height = 0;
  std::vector<std::uint32_t> pixels = {};  ///< [height, width]

  std::uint32_t at(int x, int y) const {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
  }
  std::uint32_t& at(int x, int y) {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
  }
  bool operator==(const Image&) const = default;
};

/// The image on width x height pixels, each the mean of what it covers. Throws Error unless both are at least 1.
Image resized(const Image& image, int width, int height);

/// Images in rows of `columns`, white between and around them: several moments on one page. Every image gets as much room as
/// the largest. Throws Error if there are none or columns < 1.
Image contact_sheet(const std::vector<Image>& images, int columns, int gap = 8);

}  // namespace handgrad::app
