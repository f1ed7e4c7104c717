#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "app/watch/image.h"

namespace handgrad::app {

/// How often each colour occurs in one or more images.
class ColourCount {
 public:
  void add(const Image& image);
  /// From the most frequent colour down, among equals from the darkest up.
  std::vector<std::pair<std::uint32_t, std::uint64_t>> sorted() const;

 private:
  std::unordered_map<std::uint32_t, std::uint64_t> counts_;
};

/// A few colours in place of many: every colour that was counted has one in the palette. No dithering: flat stays flat.
///
/// Up to `size` colours are kept as they are. Of more, boxes in colour space are cut in two, always the one with the largest
/// squared error, at its mean along the axis of the largest variance (after Heckbert 1982 and Wu 1991). A box whose most
/// frequent colour makes up at least half of it takes that colour: what a drawing is filled with stays exact, and the shades
/// of its smooth edges share the rest.
class Palette {
 public:
  /// Throws Error unless there are colours and 1 <= size <= 256.
  Palette(const ColourCount& count, std::size_t size);

  const std::vector<std::uint32_t>& colours() const { return colours_; }
  /// Throws Error for a colour that was not counted.
  std::uint8_t index(std::uint32_t colour) const;

 private:
  std::vector<std::uint32_t> colours_;
  std::unordered_map<std::uint32_t, std::uint8_t> index_;
};

}  // namespace handgrad::app
