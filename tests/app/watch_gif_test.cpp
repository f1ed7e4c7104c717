// GIFs, read back with giflib's decoder.

#include <numeric>

#include "app/watch/gif.h"
#include "app/watch/palette.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

#ifdef HANDGRAD_HAS_GIFLIB
#include <gif_lib.h>

#include <algorithm>
#include <cstring>
#endif

using namespace handgrad;
using namespace handgrad::app;

namespace {

Image filled(int width, int height, std::uint32_t colour) {
  return {width, height,
          std::vector<std::uint32_t>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), colour)};
}

ColourCount counted(const Image& image) {
  ColourCount count;
  count.add(image);
  return count;
}

}  // namespace

TEST_CASE("a few colours are kept exactly") {
  const Image image{3, 1, {0x112233, 0x445566, 0x112233}};
  const Palette palette(counted(image), 255);
  REQUIRE(palette.colours().size() == 2);
  for (const std::uint32_t pixel : image.pixels) CHECK(palette.colours()[palette.index(pixel)] == pixel);
  CHECK(contains(error_message([&] { palette.index(0x778899); }), "knows nothing"));
  CHECK(contains(error_message([&] { Palette(ColourCount(), 255); }), "at least one colour"));
}

TEST_CASE("of many colours those of areas stay exact, and the others come close") {
  // Three areas, and a ramp of 1,000 greys, each once.
  Image image = filled(100, 310, 0xFF0000);
  for (int y = 100; y < 200; ++y) {
    for (int x = 0; x < 100; ++x) image.at(x, y) = 0x00FF00;
  }
  for (int y = 200; y < 300; ++y) {
    for (int x = 0; x < 100; ++x) image.at(x, y) = 0xE2F1FA;
  }
  for (int y = 300; y < 310; ++y) {
    for (int x = 0; x < 100; ++x) {
      const auto level = static_cast<std::uint32_t>(((y - 300) * 100 + x) / 4);
      image.at(x, y) = level << 16 | level << 8 | (level + static_cast<std::uint32_t>(x % 4)) % 256;
    }
  }
  const Palette palette(counted(image), 64);
  CHECK(palette.colours().size() == 64);
  for (const std::uint32_t area : {0xFF0000u, 0x00FF00u, 0xE2F1FAu}) CHECK(palette.colours()[palette.index(area)] == area);
  int worst = 0;
  for (const std::uint32_t pixel : image.pixels) {
    const std::uint32_t shown = palette.colours()[palette.index(pixel)];
    worst = std::max(worst, std::abs(static_cast<int>(pixel >> 16) - static_cast<int>(shown >> 16)));
  }
  CHECK(worst <= 4);
}

TEST_CASE("a few shades do not change the colour of what they border on") {
  Image image = filled(20, 10, 0xFF0000);
  for (int x = 0; x < 20; ++x) image.at(x, 0) = 0x0000FF;
  image.at(0, 5) = 0xF00000;
  image.at(1, 5) = 0xF01000;
  image.at(2, 0) = 0x0000F0;
  const Palette palette(counted(image), 2);
  for (const std::uint32_t area : {0xFF0000u, 0x0000FFu}) CHECK(palette.colours()[palette.index(area)] == area);
  CHECK(palette.index(0xF01000) == palette.index(0xFF0000));
}

TEST_CASE("delays add up to the environment's speed, and none is shorter than viewers show") {
  const auto sum = [](const Timing& t) { return std::accumulate(t.delays.begin(), t.delays.end(), 0); };
  const Timing fifty = film_timing(101, 50, {100});
  CHECK(fifty.kept.size() == 101);
  CHECK(fifty.delays.front() == 2);
  CHECK(fifty.delays.back() == 100);
  CHECK(sum(fifty) == 300);

  const Timing thirty = film_timing(91, 30, {});
  CHECK(sum(thirty) == 303);  // 91 frames at 30 a second: 3.03 s
  for (const int delay : thirty.delays) CHECK((delay == 3 || delay == 4));

  const Timing hundred = film_timing(101, 100, {51, 100});  // every second frame, and both ends of episodes
  for (const int delay : hundred.delays) CHECK(delay >= 2);
  CHECK(std::find(hundred.kept.begin(), hundred.kept.end(), 51) != hundred.kept.end());
  CHECK(std::find(hundred.kept.begin(), hundred.kept.end(), 52) != hundred.kept.end());
  CHECK(hundred.kept.back() == 100);
  CHECK(hundred.kept.size() < 55);
  CHECK(sum(hundred) - 200 == Approx(100).margin(3));
}

#ifdef HANDGRAD_HAS_GIFLIB

namespace {

// A GIF decoded: what is on the screen after each frame.
struct Decoded {
  std::vector<Image> screens;
  std::vector<int> delays, widths;
  bool loops = false;
};

struct Bytes {
  const std::string& content;
  std::size_t position;
};

int take(GifFileType* gif, GifByteType* to, int count) {
  auto* bytes = static_cast<Bytes*>(gif->UserData);
  const std::size_t n = std::min(static_cast<std::size_t>(count), bytes->content.size() - bytes->position);
  std::copy_n(bytes->content.begin() + static_cast<std::ptrdiff_t>(bytes->position), n, to);
  bytes->position += n;
  return static_cast<int>(n);
}

Decoded decode(const std::string& content) {
  Bytes bytes{content, 0};
  int error = 0;
  GifFileType* gif = DGifOpen(&bytes, take, &error);
  REQUIRE(gif != nullptr);
  REQUIRE(DGifSlurp(gif) == GIF_OK);
  Decoded result;
  Image screen = filled(gif->SWidth, gif->SHeight, 0x123456);
  for (int k = 0; k < gif->ImageCount; ++k) {
    const SavedImage& frame = gif->SavedImages[k];
    GraphicsControlBlock control;
    REQUIRE(DGifSavedExtensionToGCB(gif, k, &control) == GIF_OK);
    const auto& place = frame.ImageDesc;
    for (int y = 0; y < place.Height; ++y) {
      for (int x = 0; x < place.Width; ++x) {
        const int index = frame.RasterBits[y * place.Width + x];
        if (index == control.TransparentColor) continue;
        const GifColorType colour = gif->SColorMap->Colors[index];
        screen.at(place.Left + x, place.Top + y) =
            static_cast<std::uint32_t>(colour.Red << 16 | colour.Green << 8 | colour.Blue);
      }
    }
    for (int e = 0; e < frame.ExtensionBlockCount; ++e) {
      const ExtensionBlock& block = frame.ExtensionBlocks[e];
      if (block.ByteCount == 11 && std::memcmp(block.Bytes, "NETSCAPE2.0", 11) == 0) result.loops = true;
    }
    result.screens.push_back(screen);
    result.delays.push_back(control.DelayTime);
    result.widths.push_back(place.Width);
  }
  DGifCloseFile(gif, nullptr);
  return result;
}

}  // namespace

TEST_CASE("a GIF shows the same frames again, at the same times") {
  std::vector<Image> frames = {filled(40, 30, 0xFFFFFF), filled(40, 30, 0xFFFFFF)};
  frames[1].at(3, 4) = 0x102030;
  frames.push_back(frames[1]);
  frames[2].at(3, 4) = 0xFFFFFF;
  frames[2].at(39, 29) = 0xFF0000;
  frames.push_back(frames[2]);  // nothing changes
  const Film film{[&](std::size_t i) { return frames[i]; }, {2, 25, 100, 7}};
  const std::string content = to_gif(film);
  CHECK(content.substr(0, 6) == "GIF89a");
  CHECK(content == to_gif(film));
  const Decoded decoded = decode(content);
  CHECK(decoded.screens == frames);
  CHECK(decoded.delays == film.delays);
  CHECK(decoded.widths == std::vector<int>{40, 1, 37, 1});  // only what has changed
  CHECK(decoded.loops);
}

TEST_CASE("a GIF of more colours than it can hold is still one") {
  Image rainbow = filled(64, 64, 0);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) rainbow.at(x, y) = static_cast<std::uint32_t>(x * 4 << 16 | y * 4 << 8 | (x + y));
  }
  const Decoded decoded = decode(to_gif({[&](std::size_t) { return rainbow; }, {10}}));
  REQUIRE(decoded.screens.size() == 1);
  for (std::size_t i = 0; i < rainbow.pixels.size(); ++i) {
    const auto red = [](std::uint32_t c) { return static_cast<int>(c >> 16); };
    REQUIRE(std::abs(red(decoded.screens[0].pixels[i]) - red(rainbow.pixels[i])) <= 24);
  }
}

TEST_CASE("a GIF that makes no sense is refused") {
  CHECK(contains(error_message([] { to_gif({[](std::size_t) { return filled(2, 2, 0); }, {}}); }), "at least one frame"));
  const auto growing = [](std::size_t i) { return filled(2 + static_cast<int>(i), 2, 0); };
  CHECK(contains(error_message([&] { to_gif({growing, {5, 5}}); }), "frame 2 has 3 x 2, the first 2 x 2"));
}

#endif
