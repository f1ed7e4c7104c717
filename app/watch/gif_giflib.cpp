// The only source that sees giflib.

#include <gif_lib.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "app/watch/gif.h"
#include "app/watch/palette.h"
#include "core/error.h"

namespace handgrad::app {

namespace {

void check(int status, const GifFileType* gif) {
  if (status == GIF_OK) return;
  const char* reason = GifErrorString(gif->Error);
  fail("giflib cannot write: ", reason == nullptr ? "unknown error" : reason);
}

int append(GifFileType* gif, const GifByteType* bytes, int count) noexcept {
  static_cast<std::string*>(gif->UserData)->append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
  return count;
}

// The film under construction; closed in any case.
class Writer {
 public:
  Writer(int width, int height, const Palette& palette) : width_(width), palette_(palette) {
    int error = 0;
    gif_ = EGifOpen(&content_, append, &error);
    require(gif_ != nullptr, "giflib cannot begin a GIF: ", GifErrorString(error));
    EGifSetGifVersion(gif_, true);
    transparent_ = static_cast<int>(palette.colours().size());
    const int places = 1 << GifBitSize(transparent_ + 1);
    colours_.reset(GifMakeMapObject(places, nullptr));
    require(colours_ != nullptr, "giflib cannot make a palette: no memory");
    for (std::size_t k = 0; k < palette.colours().size(); ++k) {
      const std::uint32_t colour = palette.colours()[k];
      colours_->Colors[k] = {static_cast<GifByteType>(colour >> 16), static_cast<GifByteType>(colour >> 8 & 0xFF),
                             static_cast<GifByteType>(colour & 0xFF)};
    }
    check(EGifPutScreenDesc(gif_, width, height, colours_->BitsPerPixel, 0, colours_.get()), gif_);
    repeat_for_ever();
  }
  ~Writer() {
    if (gif_ != nullptr) EGifCloseFile(gif_, nullptr);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void add(const Image& image, int delay) {
    const std::vector<GifByteType> before = std::move(shown_);
    shown_.resize(image.pixels.size());
    for (std::size_t i = 0; i < shown_.size(); ++i) {
      shown_[i] = i > 0 && image.pixels[i] == image.pixels[i - 1] ? shown_[i - 1] : palette_.index(image.pixels[i]);
    }
    GraphicsControlBlock control{DISPOSE_DO_NOT, false, delay, before.empty() ? NO_TRANSPARENT_COLOR : transparent_};
    GifByteType bytes[4];
    EGifGCBToExtension(&control, bytes);
    check(EGifPutExtension(gif_, GRAPHICS_EXT_FUNC_CODE, sizeof bytes, bytes), gif_);
    put_change(image.height, before);
  }

  std::string finish() {
    GifFileType* gif = std::exchange(gif_, nullptr);
    int error = 0;
    require(EGifCloseFile(gif, &error) == GIF_OK, "giflib cannot finish a GIF: ", GifErrorString(error));
    return std::move(content_);
  }

 private:
  // Netscape's extension, which every viewer knows: sub-block 1, 0 repetitions, meaning no end.
  void repeat_for_ever() {
    const GifByteType times[] = {1, 0, 0};
    check(EGifPutExtensionLeader(gif_, APPLICATION_EXT_FUNC_CODE), gif_);
    check(EGifPutExtensionBlock(gif_, 11, "NETSCAPE2.0"), gif_);
    check(EGifPutExtensionBlock(gif_, sizeof times, times), gif_);
    check(EGifPutExtensionTrailer(gif_), gif_);
  }

  // What differs from the frame before; one pixel if nothing does, because a frame must have some.
  void put_change(int height, const std::vector<GifByteType>& before) {
    int left = width_, top = height, right = -1, bottom = -1;
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width_; ++x) {
        if (!before.empty() && before[place(x, y)] == shown_[place(x, y)]) continue;
        left = std::min(left, x);
        right = std::max(right, x);
        top = std::min(top, y);
        bottom = std::max(bottom, y);
      }
    }
    if (right < 0) left = right = top = bottom = 0;
    check(EGifPutImageDesc(gif_, left, top, right - left + 1, bottom - top + 1, false, nullptr), gif_);
    std::vector<GifByteType> line(static_cast<std::size_t>(right - left + 1));
    for (int y = top; y <= bottom; ++y) {
      for (int x = left; x <= right; ++x) {
        const bool same = !before.empty() && before[place(x, y)] == shown_[place(x, y)];
        line[static_cast<std::size_t>(x - left)] = same ? static_cast<GifByteType>(transparent_) : shown_[place(x, y)];
      }
      check(EGifPutLine(gif_, line.data(), static_cast<int>(line.size())), gif_);
    }
  }

  std::size_t place(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x);
  }

  struct FreeColours {
    void operator()(ColorMapObject* map) const { GifFreeMapObject(map); }
  };

  std::string content_;
  GifFileType* gif_ = nullptr;
  std::unique_ptr<ColorMapObject, FreeColours> colours_;
  int width_;
  int transparent_ = 0;  // the first index without a colour
  const Palette& palette_;
  std::vector<GifByteType> shown_;
};

}  // namespace

bool can_write_gifs() { return true; }
std::string gif_library() { return text("giflib ", GIFLIB_MAJOR, ".", GIFLIB_MINOR, ".", GIFLIB_RELEASE); }

std::string to_gif(const Film& film) {
  require(!film.delays.empty(), "a film has at least one frame");
  ColourCount count;
  for (std::size_t i = 0; i < film.delays.size(); ++i) count.add(film.frame(i));
  const Palette palette(count, 255);  // one of 256 means: as before
  Image first = film.frame(0);
  Writer writer(first.width, first.height, palette);
  for (std::size_t i = 0; i < film.delays.size(); ++i) {
    const Image image = film.frame(i);
    require(image.width == first.width && image.height == first.height, "the frames of a film have one size; frame ", i + 1,
            " has ", image.width, " x ", image.height, ", the first ", first.width, " x ", first.height);
    writer.add(image, film.delays[i]);
  }
  return writer.finish();
}

}  // namespace handgrad::app
