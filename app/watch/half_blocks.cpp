#include "app/watch/half_blocks.h"

#include <array>
#include <cstdlib>
#include <string_view>

namespace handgrad::app {

namespace {

constexpr std::array<int, 6> kCube = {0, 95, 135, 175, 215, 255};

int part(std::uint32_t colour, int shift) { return static_cast<int>(colour >> shift & 0xFF); }

int distance(std::uint32_t colour, int red, int green, int blue) {
  const int r = part(colour, 16) - red, g = part(colour, 8) - green, b = part(colour, 0) - blue;
  return r * r + g * g + b * b;
}

std::size_t nearest_in_cube(int value) {
  std::size_t best = 0;
  for (std::size_t k = 1; k < kCube.size(); ++k) {
    if (std::abs(kCube[k] - value) < std::abs(kCube[best] - value)) best = k;
  }
  return best;
}

// "38;2;226;241;250": the colour of letters (38) or of what is behind them (48).
std::string colour_code(int what, std::uint32_t colour, ColourDepth depth) {
  const std::string begin = std::to_string(what);
  if (depth == ColourDepth::colours_256) return begin + ";5;" + std::to_string(nearest_of_256(colour));
  return begin + ";2;" + std::to_string(part(colour, 16)) + ";" + std::to_string(part(colour, 8)) + ";" +
         std::to_string(part(colour, 0));
}

}  // namespace

ColourDepth terminal_colours() {
  const char* name = std::getenv("COLORTERM");
  const std::string_view depth = name == nullptr ? "" : name;
  return depth == "truecolor" || depth == "24bit" ? ColourDepth::true_colour : ColourDepth::colours_256;
}

int nearest_of_256(std::uint32_t colour) {
  const std::size_t r = nearest_in_cube(part(colour, 16)), g = nearest_in_cube(part(colour, 8)),
                    b = nearest_in_cube(part(colour, 0));
  int best = static_cast<int>(16 + 36 * r + 6 * g + b);
  int least = distance(colour, kCube[r], kCube[g], kCube[b]);
  for (int k = 0; k < 24; ++k) {
    const int grey = 8 + 10 * k;
    if (const int far = distance(colour, grey, grey, grey); far < least) {
      least = far;
      best = 232 + k;
    }
  }
  return best;
}

std::vector<std::string> half_blocks(const Image& image, ColourDepth depth) {
  std::vector<std::string> lines;
  for (int y = 0; y < image.height; y += 2) {
    std::string line, upper, lower;
    for (int x = 0; x < image.width; ++x) {
      const std::string front = colour_code(38, image.at(x, y), depth);
      const std::string back = colour_code(48, y + 1 < image.height ? image.at(x, y + 1) : 0, depth);
      std::string codes;
      if (front != upper) codes = front;
      if (back != lower) codes += (codes.empty() ? "" : ";") + back;
      if (!codes.empty()) line += "\x1b[" + codes + "m";
      line += "▀";
      upper = front;
      lower = back;
    }
    lines.push_back(line + "\x1b[0m");
  }
  return lines;
}

}  // namespace handgrad::app
