#pragma once

#include "app/watch/canvas.h"
#include "app/watch/scene.h"

namespace handgrad::app {

// Figures that several worlds share. Each fills a square of one unit around (0, 0): place and magnify it first.

void draw_walker(Canvas& canvas, Direction facing);
void draw_flag(Canvas& canvas, Colour colour);
/// A mat to begin on.
void draw_mat(Canvas& canvas, Colour colour);

}  // namespace handgrad::app
