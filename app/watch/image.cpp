#include "app/watch/image.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.h"

namespace handgrad::app {

namespace {

/// How much of source cells first, first + 1, ... one cell of the smaller or larger grid covers.
struct Cover {
  int first;
  std::vector<double> weights;  // sum 1
};

std::vector<Cover> covers(int from, int to) {
  std::vector<Cover> list;
  const double step = static_cast<double>(from) / to;
  for (int i = 0; i < to; ++i) {
    const double begin = i * step, end = (i + 1) * step;
    const int first = std::min(static_cast<int>(begin), from - 1);
    const int last = std::clamp(static_cast<int>(std::ceil(end - 1e-9)) - 1, first, from - 1);
    Cover cover{first, {}};
    for (int k = first; k <= last; ++k) {
      cover.weights.push_back((std::min(end, k + 1.0) - std::max(begin, static_cast<double>(k))) / step);
    }
    list.push_back(std::move(cover));
  }
  return list;
}

constexpr std::array<int, 3> kShifts = {16, 8, 0};

}  // namespace

Image resized(const Image& image, int width, int height) {
  require(width >= 1 && height >= 1, "an image takes at least one pixel, found ", width, " x ", height);
  Image result{width, height, std::vector<std::uint32_t>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height))};
  const auto columns = covers(image.width, width), rows = covers(image.height, height);
  for (int y = 0; y < height; ++y) {
    const Cover& row = rows[static_cast<std::size_t>(y)];
    for (int x = 0; x < width; ++x) {
      const Cover& column = columns[static_cast<std::size_t>(x)];
      std::array<double, 3> sum{};
      for (std::size_t j = 0; j < row.weights.size(); ++j) {
        for (std::size_t i = 0; i < column.weights.size(); ++i) {
          const std::uint32_t pixel = image.at(column.first + static_cast<int>(i), row.first + static_cast<int>(j));
          for (std::size_t c = 0; c < 3; ++c) sum[c] += row.weights[j] * column.weights[i] * (pixel >> kShifts[c] & 0xFF);
        }
      }
      for (std::size_t c = 0; c < 3; ++c) {
        result.at(x, y) |= std::min(static_cast<std::uint32_t>(std::lround(sum[c])), 255u) << kShifts[c];
      }
    }
  }
  return result;
}

Image contact_sheet(const std::vector<Image>& images, int columns, int gap) {
  require(!images.empty() && columns >= 1, "a contact sheet takes at least one image and one column");
  const int count = static_cast<int>(images.size());
  columns = std::min(columns, count);
  const int rows = (count + columns - 1) / columns;
  int width = 0, height = 0;
  for (const auto& image : images) {
    width = std::max(width, image.width);
    height = std::max(height, image.height);
  }
  Image sheet{columns * (width + gap) + gap, rows * (height + gap) + gap, {}};
  sheet.pixels.assign(static_cast<std::size_t>(sheet.width) * static_cast<std::size_t>(sheet.height), 0xFFFFFF);
  for (int k = 0; k < count; ++k) {
    const Image& image = images[static_cast<std::size_t>(k)];
    const int left = gap + k % columns * (width + gap), top = gap + k / columns * (height + gap);
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x) sheet.at(left + x, top + y) = image.at(x, y);
    }
  }
  return sheet;
}

}  // namespace handgrad::app
