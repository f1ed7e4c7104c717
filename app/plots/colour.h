#pragma once

#include <string>
#include <vector>

namespace handgrad::app::plots {

/// sRGB, each 0 to 1.
struct Colour {
  double red, green, blue;
};

/// From six hex digits: colour("0072B2").
Colour colour(const char* hex);
/// "#0072B2".
std::string hex(const Colour& colour);
/// `top` at this opacity over white.
Colour over_white(const Colour& top, double opacity);
/// Black or white, whichever is easier to read on this background.
Colour readable_on(const Colour& background);

/// Colours for quantities. Steps of equal size look equally large to every kind of colour vision, and darkness alone tells
/// them too, so that a grey print is as good: a path through anchors in the OKLab space (Ottosson, 2020), whose lightness is
/// even and grows one way.
enum class Scale {
  blues,  ///< white to dark blue
  warm,   ///< dark blue over grey to yellow, as cividis does (Nuñez, Anderton and Renslow, 2018)
};
/// Of a fraction of the scale; outside [0, 1] the colour of the nearer end.
Colour scale_colour(Scale scale, double fraction);
/// The scale as gnuplot's `set palette` takes it.
std::string palette(Scale scale);

}  // namespace handgrad::app::plots
