// The only source that sees cairo.

#include <cairo.h>

#include <cmath>
#include <cstring>
#include <numbers>

#include "app/watch/canvas.h"
#include "core/error.h"

#if defined(__SANITIZE_ADDRESS__)
#define HANDGRAD_FINDS_LEAKS
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HANDGRAD_FINDS_LEAKS
#endif
#endif

#ifdef HANDGRAD_FINDS_LEAKS
// fontconfig, which finds the fonts for cairo, loses a kilobyte, once: not for us to mend, and not to be taken for ours.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig"; }
extern "C" const char* __lsan_default_options();
extern "C" const char* __lsan_default_options() { return "print_suppressions=0"; }
#endif

namespace handgrad::app {

namespace {

void check(cairo_status_t status, const char* what) {
  require(status == CAIRO_STATUS_SUCCESS, "cairo cannot ", what, ": ", cairo_status_to_string(status));
}

}  // namespace

struct Canvas::Surface {
  Surface(int width_, int height_)
      : width(width_),
        height(height_),
        surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height)),
        context(cairo_create(surface)) {}
  ~Surface() {
    cairo_destroy(context);
    cairo_surface_destroy(surface);
  }
  Surface(const Surface&) = delete;
  Surface& operator=(const Surface&) = delete;

  void use(Colour colour) const {
    cairo_set_source_rgba(context, colour.red / 255, colour.green / 255, colour.blue / 255, colour.alpha);
  }
  void fill(Colour colour) const {
    use(colour);
    cairo_fill(context);
  }
  void stroke(double line_width, Colour colour) const {
    use(colour);
    cairo_set_line_width(context, line_width);
    cairo_stroke(context);
  }

  int width, height;
  cairo_surface_t* surface;
  cairo_t* context;
};

bool can_draw() { return true; }
std::string drawing_library() { return std::string("cairo ") + cairo_version_string(); }

Canvas::Canvas(double width, double height, double scale)
    : surface_(std::make_unique<Surface>(static_cast<int>(std::ceil(width * scale - 1e-9)),
                                         static_cast<int>(std::ceil(height * scale - 1e-9)))) {
  check(cairo_status(surface_->context), "make an image");
  cairo_t* c = surface_->context;
  surface_->use(kWhite);
  cairo_paint(c);
  cairo_scale(c, scale, scale);
  cairo_set_line_cap(c, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join(c, CAIRO_LINE_JOIN_ROUND);
  // Letters as they are drawn, not fitted to this machine's screen: the same picture everywhere that has the font.
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_set_font_options(c, options);
  cairo_font_options_destroy(options);
}

Canvas::~Canvas() = default;

void Canvas::rectangle(double x, double y, double width, double height, Colour fill) {
  cairo_rectangle(surface_->context, x, y, width, height);
  surface_->fill(fill);
}

void Canvas::rounded(double x, double y, double width, double height, double radius, Colour fill) {
  constexpr double kQuarter = std::numbers::pi / 2;
  cairo_t* c = surface_->context;
  cairo_new_sub_path(c);
  cairo_arc(c, x + width - radius, y + radius, radius, -kQuarter, 0);
  cairo_arc(c, x + width - radius, y + height - radius, radius, 0, kQuarter);
  cairo_arc(c, x + radius, y + height - radius, radius, kQuarter, 2 * kQuarter);
  cairo_arc(c, x + radius, y + radius, radius, 2 * kQuarter, 3 * kQuarter);
  cairo_close_path(c);
  surface_->fill(fill);
}

void Canvas::ellipse(Point centre, double radius_x, double radius_y, Colour fill) {
  cairo_t* c = surface_->context;
  cairo_save(c);
  cairo_translate(c, centre.x, centre.y);
  cairo_scale(c, radius_x, radius_y);
  cairo_new_sub_path(c);
  cairo_arc(c, 0, 0, 1, 0, 2 * std::numbers::pi);
  cairo_restore(c);
  surface_->fill(fill);
}

void Canvas::polygon(std::initializer_list<Point> corners, Colour fill) {
  for (const Point p : corners) cairo_line_to(surface_->context, p.x, p.y);
  cairo_close_path(surface_->context);
  surface_->fill(fill);
}

void Canvas::line(std::span<const Point> points, double width, Colour colour) {
  for (const Point p : points) cairo_line_to(surface_->context, p.x, p.y);
  surface_->stroke(width, colour);
}

void Canvas::line(Point from, Point to, double width, Colour colour) {
  const Point ends[] = {from, to};
  line(ends, width, colour);
}

void Canvas::frame(double x, double y, double width, double height, double line_width, Colour colour) {
  cairo_rectangle(surface_->context, x + line_width / 2, y + line_width / 2, width - line_width, height - line_width);
  surface_->stroke(line_width, colour);
}

void Canvas::text(Point at, const std::string& text, double size, Colour colour, Align align, bool bold) {
  cairo_t* c = surface_->context;
  cairo_select_font_face(c, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(c, size);
  cairo_text_extents_t extents;
  cairo_text_extents(c, text.c_str(), &extents);
  const double shift = align == Align::left ? 0 : align == Align::centre ? extents.x_advance / 2 : extents.x_advance;
  cairo_move_to(c, at.x - shift, at.y);
  surface_->use(colour);
  cairo_show_text(c, text.c_str());
  cairo_new_path(c);
}

Canvas::Placement Canvas::place(Point origin, double angle, double magnified) {
  cairo_t* c = surface_->context;
  cairo_save(c);
  cairo_translate(c, origin.x, origin.y);
  cairo_rotate(c, angle);
  cairo_scale(c, magnified, magnified);
  return Placement(*this);
}

void Canvas::restore() { cairo_restore(surface_->context); }

Image Canvas::image() const {
  check(cairo_status(surface_->context), "draw");
  cairo_surface_flush(surface_->surface);
  Image image{surface_->width, surface_->height, {}};
  image.pixels.resize(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height));
  const unsigned char* row = cairo_image_surface_get_data(surface_->surface);
  const int stride = cairo_image_surface_get_stride(surface_->surface);
  for (int y = 0; y < image.height; ++y, row += stride) {
    std::memcpy(&image.at(0, y), row, static_cast<std::size_t>(image.width) * sizeof(std::uint32_t));
  }
  for (auto& pixel : image.pixels) pixel &= 0xFFFFFF;  // the unused byte of RGB24 is undefined
  return image;
}

std::string to_png(const Image& image) {
  // PNG by cairo's own surface, whose rows may be longer than ours.
  cairo_surface_t* surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, image.width, image.height);
  unsigned char* row = cairo_image_surface_get_data(surface);
  const int stride = cairo_image_surface_get_stride(surface);
  for (int y = 0; row != nullptr && y < image.height; ++y, row += stride) {
    std::memcpy(row, &image.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width)],
                static_cast<std::size_t>(image.width) * sizeof(std::uint32_t));
  }
  cairo_surface_mark_dirty(surface);
  std::string content;
  const auto append = [](void* to, const unsigned char* bytes, unsigned int count) noexcept {
    static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(bytes), count);
    return CAIRO_STATUS_SUCCESS;
  };
  const cairo_status_t status = cairo_surface_write_to_png_stream(surface, append, &content);
  cairo_surface_destroy(surface);
  check(status, "make a PNG");
  return content;
}

}  // namespace handgrad::app
