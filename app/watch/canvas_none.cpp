// Takes the place of canvas_cairo.cpp where there is no cairo to build with.

#include "app/watch/canvas.h"
#include "core/error.h"

namespace handgrad::app {

struct Canvas::Surface {};

bool can_draw() { return false; }
std::string drawing_library() {
  return "missing: this program was built without cairo; install it (Debian: libcairo2-dev), remove the build folder, build "
         "again";
}

Canvas::Canvas(double, double, double) { fail("cannot draw: cairo is ", drawing_library()); }
Canvas::~Canvas() = default;
void Canvas::rectangle(double, double, double, double, Colour) {}
void Canvas::rounded(double, double, double, double, double, Colour) {}
void Canvas::ellipse(Point, double, double, Colour) {}
void Canvas::polygon(std::initializer_list<Point>, Colour) {}
void Canvas::line(std::span<const Point>, double, Colour) {}
void Canvas::line(Point, Point, double, Colour) {}
void Canvas::frame(double, double, double, double, double, Colour) {}
void Canvas::text(Point, const std::string&, double, Colour, Align, bool) {}
Canvas::Placement Canvas::place(Point, double, double) { return Placement(*this); }
void Canvas::restore() {}
Image Canvas::image() const { return {}; }

std::string to_png(const Image&) { fail("cannot make a PNG: cairo is ", drawing_library()); }

}  // namespace handgrad::app
