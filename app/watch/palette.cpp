#include "app/watch/palette.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace handgrad::app {

namespace {

using Counted = std::pair<std::uint32_t, std::uint64_t>;

double channel(std::uint32_t colour, std::size_t c) { return static_cast<double>(colour >> (16 - 8 * c) & 0xFF); }

struct Box {
  std::vector<Counted> colours;
  double weight = 0;
  std::array<double, 3> mean{}, error{};  // error: squared distances from the mean, summed, an entry a channel
  std::size_t widest = 0;                 // the channel with the largest error

  explicit Box(std::vector<Counted> members) : colours(std::move(members)) {
    for (const auto& [colour, count] : colours) {
      weight += static_cast<double>(count);
      for (std::size_t c = 0; c < 3; ++c) mean[c] += static_cast<double>(count) * channel(colour, c);
    }
    for (auto& m : mean) m /= weight;
    for (const auto& [colour, count] : colours) {
      for (std::size_t c = 0; c < 3; ++c) {
        const double distance = channel(colour, c) - mean[c];
        error[c] += static_cast<double>(count) * distance * distance;
      }
    }
    widest = static_cast<std::size_t>(std::max_element(error.begin(), error.end()) - error.begin());
  }

  double total_error() const { return error[0] + error[1] + error[2]; }

  // Its colours are sorted by frequency, so the first is the most frequent one.
  std::uint32_t representative() const {
    if (2 * static_cast<double>(colours.front().second) >= weight) return colours.front().first;
    std::uint32_t colour = 0;
    for (const double m : mean) colour = colour << 8 | static_cast<std::uint32_t>(std::lround(m));
    return colour;
  }
};

// Both halves have members: some are below the mean and some are not, unless all are equal.
std::pair<Box, Box> cut(const Box& box) {
  std::vector<Counted> low, high;
  for (const auto& counted : box.colours) {
    (channel(counted.first, box.widest) < box.mean[box.widest] ? low : high).push_back(counted);
  }
  return {Box(std::move(low)), Box(std::move(high))};
}

}  // namespace

void ColourCount::add(const Image& image) {
  // Runs of one colour are the rule in drawings: one look-up a run.
  for (std::size_t i = 0; i < image.pixels.size();) {
    std::size_t end = i;
    while (end < image.pixels.size() && image.pixels[end] == image.pixels[i]) ++end;
    counts_[image.pixels[i]] += end - i;
    i = end;
  }
}

std::vector<Counted> ColourCount::sorted() const {
  std::vector<Counted> list(counts_.begin(), counts_.end());
  std::sort(list.begin(), list.end(),
            [](const Counted& a, const Counted& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
  return list;
}

Palette::Palette(const ColourCount& count, std::size_t size) {
  auto counted = count.sorted();
  require(!counted.empty() && size >= 1 && size <= 256, "a palette takes at least one colour and 1 to 256 places, found ",
          counted.size(), " and ", size);
  std::vector<Box> boxes;
  if (counted.size() <= size) {
    for (const auto& one : counted) boxes.emplace_back(std::vector<Counted>{one});
  } else {
    boxes.emplace_back(std::move(counted));
    while (boxes.size() < size) {
      const auto worst = std::max_element(boxes.begin(), boxes.end(),
                                          [](const Box& a, const Box& b) { return a.total_error() < b.total_error(); });
      if (worst->colours.size() == 1) break;
      auto [low, high] = cut(*worst);
      *worst = std::move(low);
      boxes.push_back(std::move(high));
    }
  }
  for (std::size_t k = 0; k < boxes.size(); ++k) {
    colours_.push_back(boxes[k].representative());
    for (const auto& member : boxes[k].colours) index_[member.first] = static_cast<std::uint8_t>(k);
  }
}

std::uint8_t Palette::index(std::uint32_t colour) const {
  const auto found = index_.find(colour);
  require(found != index_.end(), "the palette knows nothing of colour ", colour);
  return found->second;
}

}  // namespace handgrad::app
