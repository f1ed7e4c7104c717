#pragma once

#include <string>
#include <vector>

#include "app/watch/controls.h"
#include "app/watch/half_blocks.h"
#include "app/watch/moment.h"

namespace handgrad::app {

/// How large a terminal is, in characters.
struct ScreenSize {
  int columns, rows;
};

/// A moment as the lines of a terminal's screen, no more than fit: the picture as large as there is room for, and beside it how
/// the episode stands, the agent's Q-values and what the keys do. A narrow terminal has one line for that, at the bottom.
/// Without a picture (this build cannot draw, or nothing can draw this world) its text takes the place.
std::vector<std::string> compose_screen(const Moment& moment, const Controls& controls, ScreenSize size, ColourDepth depth);

/// What stands in the picture's place: the environment's own text, or the observation. A line each.
std::vector<std::string> text_picture(const Moment& moment);

}  // namespace handgrad::app
