#include "app/plots/colour.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "app/format.h"
#include "core/error.h"

namespace handgrad::app::plots {

namespace {

// sRGB's transfer curve (IEC 61966-2-1), and back.
double to_linear(double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); }
double from_linear(double c) { return c <= 0.0031308 ? 12.92 * c : 1.055 * std::pow(c, 1 / 2.4) - 0.055; }

struct OkLab {
  double L, a, b;
};

OkLab to_oklab(const Colour& colour) {
  const double r = to_linear(colour.red), g = to_linear(colour.green), b = to_linear(colour.blue);
  const double l = std::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const double m = std::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const double s = std::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return {0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s, 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
          0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

Colour from_oklab(const OkLab& lab) {
  const double l = std::pow(lab.L + 0.3963377774 * lab.a + 0.2158037573 * lab.b, 3);
  const double m = std::pow(lab.L - 0.1055613458 * lab.a - 0.0638541728 * lab.b, 3);
  const double s = std::pow(lab.L - 0.0894841775 * lab.a - 1.2914855480 * lab.b, 3);
  const auto channel = [](double linear) { return from_linear(std::clamp(linear, 0.0, 1.0)); };
  return {channel(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
          channel(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
          channel(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)};
}

const std::vector<Colour>& anchors(Scale scale) {
  static const std::vector<Colour> blues = {colour("FFFFFF"), colour("5B9BD5"), colour("08306B")};
  static const std::vector<Colour> warm = {colour("00204D"), colour("7B7B78"), colour("FFEA46")};
  return scale == Scale::blues ? blues : warm;
}

// WCAG 2's relative luminance.
double luminance(const Colour& c) {
  return 0.2126 * to_linear(c.red) + 0.7152 * to_linear(c.green) + 0.0722 * to_linear(c.blue);
}

}  // namespace

Colour colour(const char* hex) {
  const long all = std::strtol(hex, nullptr, 16);
  return {static_cast<double>((all >> 16) & 255) / 255, static_cast<double>((all >> 8) & 255) / 255,
          static_cast<double>(all & 255) / 255};
}

std::string hex(const Colour& colour) {
  std::array<char, 8> digits{};
  const auto byte = [](double channel) { return static_cast<unsigned>(std::lround(std::clamp(channel, 0.0, 1.0) * 255)); };
  std::snprintf(digits.data(), digits.size(), "#%02X%02X%02X", byte(colour.red), byte(colour.green), byte(colour.blue));
  return digits.data();
}

Colour over_white(const Colour& top, double opacity) {
  const auto mix = [opacity](double channel) { return opacity * channel + 1 - opacity; };
  return {mix(top.red), mix(top.green), mix(top.blue)};
}

Colour readable_on(const Colour& background) {
  // Contrast (L1 + 0.05) / (L2 + 0.05) is the same for black and white at luminance 0.179.
  return luminance(background) > 0.179 ? colour("000000") : colour("FFFFFF");
}

Colour scale_colour(Scale scale, double fraction) {
  const auto& points = anchors(scale);
  const OkLab first = to_oklab(points.front()), middle = to_oklab(points[1]), last = to_oklab(points.back());
  const double t = std::clamp(fraction, 0.0, 1.0);
  const double lightness = first.L + t * (last.L - first.L);
  // Lightness runs evenly from end to end; the middle anchor stands where its own lightness falls.
  const double bend = (middle.L - first.L) / (last.L - first.L);
  const double u = t < bend ? t / bend : (t - bend) / (1 - bend);
  const OkLab& from = t < bend ? first : middle;
  const OkLab& to = t < bend ? middle : last;
  return from_oklab({lightness, from.a + u * (to.a - from.a), from.b + u * (to.b - from.b)});
}

std::string palette(Scale scale) {
  constexpr int kSteps = 32;
  std::string result = "set palette defined (";
  for (int i = 0; i <= kSteps; ++i) {
    const double fraction = static_cast<double>(i) / kSteps;
    result += text(i == 0 ? "" : ", ", exact(fraction), " '", hex(scale_colour(scale, fraction)), "'");
  }
  return result + ")\n";
}

}  // namespace handgrad::app::plots
