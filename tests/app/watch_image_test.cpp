#include "app/watch/image.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;
using namespace handgrad::app;

TEST_CASE("a smaller image has the means of what its pixels cover") {
  const Image image{4, 2, {0x000000, 0x0000FF, 0xFF0000, 0xFF0000, 0x00FF00, 0x000000, 0xFF0000, 0xFF0000}};
  CHECK(resized(image, 2, 1) == Image{2, 1, {0x004040, 0xFF0000}});
  CHECK(resized(image, 4, 2) == image);
  CHECK(resized(Image{3, 1, {0x000000, 0x000090, 0x000000}}, 2, 1) == Image{2, 1, {0x000030, 0x000030}});
  CHECK(resized(Image{1, 1, {0x123456}}, 3, 2) == Image{3, 2, std::vector<std::uint32_t>(6, 0x123456)});
  CHECK(contains(error_message([&] { resized(image, 0, 1); }), "at least one pixel"));
}

TEST_CASE("a contact sheet puts images in rows, white between them") {
  const Image a{1, 1, {0xAA0000}}, b{1, 2, {0x00BB00, 0x00BB00}};
  const Image sheet = contact_sheet({a, b, a}, 2, 1);
  CHECK(sheet.width == 5);
  CHECK(sheet.height == 7);
  CHECK(sheet.at(1, 1) == 0xAA0000);
  CHECK(sheet.at(3, 2) == 0x00BB00);
  CHECK(sheet.at(1, 4) == 0xAA0000);
  for (const int x : {0, 2, 4}) CHECK(sheet.at(x, 1) == 0xFFFFFF);
  CHECK(sheet.at(3, 4) == 0xFFFFFF);
  CHECK(contains(error_message([&] { contact_sheet({}, 2); }), "at least one image"));
}
