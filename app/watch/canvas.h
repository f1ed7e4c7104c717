#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <string>

#include "app/watch/image.h"

namespace handgrad::app {

/// Red, green, blue in 0 ... 255, and opacity in [0, 1].
struct Colour {
  double red, green, blue, alpha = 1;
};

constexpr Colour kBlack{0, 0, 0};
constexpr Colour kWhite{255, 255, 255};

constexpr Colour with_alpha(Colour colour, double alpha) { return {colour.red, colour.green, colour.blue, alpha}; }

struct Point {
  double x, y;
};

enum class Align { left, centre, right };

/// Whether this build can draw: it can if cairo was there when it was made.
bool can_draw();
/// "cairo 1.16.0", or what is missing and what to do about it.
std::string drawing_library();

/// A white sheet to draw on with antialiasing. Lengths are in pixels of an image that is not scaled; y goes down.
/// Throws Error if this build cannot draw.
class Canvas {
 public:
  /// scale: how many pixels the image gets for each unit, in both directions.
  Canvas(double width, double height, double scale = 1);
  ~Canvas();
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  void rectangle(double x, double y, double width, double height, Colour fill);
  void rounded(double x, double y, double width, double height, double radius, Colour fill);
  void circle(Point centre, double radius, Colour fill) { ellipse(centre, radius, radius, fill); }
  void ellipse(Point centre, double radius_x, double radius_y, Colour fill);
  void polygon(std::initializer_list<Point> corners, Colour fill);
  /// A line through the points, with round ends and joints.
  void line(std::span<const Point> points, double width, Colour colour);
  void line(Point from, Point to, double width, Colour colour);
  /// The outline of a rectangle, drawn inside it.
  void frame(double x, double y, double width, double height, double line_width, Colour colour);
  /// One line of text; y is that of its baseline. Size is the height of a line.
  void text(Point at, const std::string& text, double size, Colour colour, Align align = Align::left, bool bold = false);

  /// While the returned object lives, coordinates are relative to `origin`, turned clockwise by `angle` and magnified.
  class Placement {
   public:
    explicit Placement(Canvas& canvas) : canvas_(canvas) {}
    ~Placement() { canvas_.restore(); }
    Placement(const Placement&) = delete;
    Placement& operator=(const Placement&) = delete;

   private:
    Canvas& canvas_;
  };
  [[nodiscard]] Placement place(Point origin, double angle = 0, double magnified = 1);

  Image image() const;

 private:
  void restore();
  struct Surface;  // the drawing library's
  std::unique_ptr<Surface> surface_;
};

/// The image as a PNG file's content. Throws Error if this build cannot draw.
std::string to_png(const Image& image);

}  // namespace handgrad::app
