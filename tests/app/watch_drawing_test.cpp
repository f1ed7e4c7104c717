// Pictures of environments: the right size, the right colour in the right place, and nothing where nothing has changed.

#include <cmath>

#include "app/watch/frame.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

const std::vector<std::string> kLake = {"SFFF", "FHFH", "FFFH", "HFFG"};

std::vector<Scene> some_scenes() {
  return {CartPoleScene{0.3, 0.1}, MountainCarScene{-0.5}, AcrobotScene{0.5, -1.0}, FrozenLakeScene{kLake, 4},
          CliffWalkingScene{36},   TaxiScene{2, 3, 0, 3},  RoomsScene{2},           BlackjackScene{10, 2, 19, 11, false}};
}

struct Rectangle {
  double x, y, width, height;
  bool holds(int px, int py) const { return px >= x && px < x + width && py >= y && py < y + height; }
};

bool differ(const Image& a, const Image& b, int x, int y) { return a.at(x, y) != b.at(x, y); }

// How many pixels differ outside, and in each of, these places.
struct Change {
  int outside = 0;
  std::vector<int> inside;
};

Change change(const Scene& before, const Scene& after, const std::vector<Rectangle>& places) {
  const Image a = draw_frame(before), b = draw_frame(after);
  Change result{0, std::vector<int>(places.size())};
  for (int y = 0; y < a.height; ++y) {
    for (int x = 0; x < a.width; ++x) {
      if (!differ(a, b, x, y)) continue;
      bool found = false;
      for (std::size_t k = 0; k < places.size(); ++k) {
        if (!places[k].holds(x, y)) continue;
        ++result.inside[k];
        found = true;
      }
      result.outside += found ? 0 : 1;
    }
  }
  return result;
}

// What moves is drawn in these places and nowhere else.
void check_only(const Scene& before, const Scene& after, const std::vector<Rectangle>& places) {
  const Change seen = change(before, after, places);
  CHECK(seen.outside == 0);
  for (const int pixels : seen.inside) CHECK(pixels > 100);
}

std::uint32_t rgb(std::uint32_t red, std::uint32_t green, std::uint32_t blue) { return red << 16 | green << 8 | blue; }

}  // namespace

TEST_CASE("pictures have Gymnasium's sizes, and are the same every time") {
  if (!can_draw()) return;
  const std::vector<std::pair<int, int>> sizes = {{600, 400}, {600, 400}, {500, 500}, {256, 256},
                                                  {720, 240}, {550, 350}, {480, 320}, {600, 500}};
  const auto scenes = some_scenes();
  REQUIRE(scenes.size() == std::variant_size_v<Scene>);
  for (std::size_t k = 0; k < scenes.size(); ++k) {
    CAPTURE(k);
    REQUIRE(scenes[k].index() == k);  // every kind is tested
    const Image image = draw_frame(scenes[k]);
    CHECK(image.width == sizes[k].first);
    CHECK(image.height == sizes[k].second);
    CHECK(std::size_t(image.width) * std::size_t(image.height) == image.pixels.size());
    CHECK(image == draw_frame(scenes[k]));
    const Image half = draw_frame(scenes[k], 0.5);
    CHECK(half.width == sizes[k].first / 2);
    CHECK(half.height == sizes[k].second / 2);
  }
}

TEST_CASE("a large lake gets small cells, a narrow one keeps its shape") {
  if (!can_draw()) return;
  const auto size = [](std::size_t rows, std::size_t columns) {
    const Image image = draw_frame(FrozenLakeScene{std::vector<std::string>(rows, std::string(columns, 'F')), 0});
    return std::pair(image.width, image.height);
  };
  CHECK(size(8, 8) == std::pair(512, 512));
  CHECK(size(3, 5) == std::pair(320, 192));
  CHECK(size(20, 20) == std::pair(512, 512));
}

TEST_CASE("CartPole's cart, pole and track are where the state has them") {
  if (!can_draw()) return;
  const double position = -0.8, angle = 0.2;
  const Image image = draw_frame(CartPoleScene{position, angle});
  const int x = 300 + static_cast<int>(125 * position);
  CHECK(image.at(x + 20, 305) == 0);  // cart
  CHECK(image.at(x - 20, 290) == 0);
  CHECK(image.at(x - 30, 290) == 0xFFFFFF);
  CHECK(image.at(590, 200) == 0xFFFFFF);
  for (const double along : {20.0, 100.0}) {  // from the axle, 7.5 above the cart's middle
    CHECK(image.at(x + static_cast<int>(along * std::sin(angle)), 292 - static_cast<int>(along * std::cos(angle))) ==
          rgb(202, 152, 101));
  }
  CHECK(image.at(x + static_cast<int>(140 * std::sin(angle)), 292 - static_cast<int>(140 * std::cos(angle))) == 0xFFFFFF);
  CHECK(image.at(x, 292) == rgb(129, 132, 203));
}

TEST_CASE("the car stands on the mountain, the flag at its goal") {
  if (!can_draw()) return;
  const double unit = 600 / 1.8;
  for (const double position : {-1.2, -0.52, 0.1, 0.5}) {
    CAPTURE(position);
    const Image image = draw_frame(MountainCarScene{position});
    const double x = (position + 1.2) * unit, y = 400 - (0.45 * std::sin(3 * position) + 0.55) * unit;
    // The middle of the car's body, 20 above the ground across the slope.
    const double tilt = std::cos(3 * position);
    const int px = static_cast<int>(x - 12 * std::sin(tilt)), py = static_cast<int>(y - 10 - 12 * std::cos(tilt));
    if (px >= 0) CHECK(image.at(px, py) == 0);
    const int flag_y = static_cast<int>(400 - (0.45 * std::sin(1.5) + 0.55) * unit) - 45;
    CHECK(image.at(static_cast<int>(1.7 * unit) + 8, flag_y) == rgb(204, 204, 0));
  }
}

TEST_CASE("Acrobot hangs down at zero, and its links turn towards the right") {
  if (!can_draw()) return;
  const std::uint32_t link = rgb(0, 204, 204), joint = rgb(204, 204, 0);
  const Image hanging = draw_frame(AcrobotScene{0, 0});
  CHECK(hanging.at(250, 250) == joint);
  CHECK(hanging.at(250, 300) == link);
  CHECK(hanging.at(250, 364) == joint);
  CHECK(hanging.at(250, 460) == link);
  CHECK(hanging.at(250, 485) == 0xFFFFFF);
  const Image bent = draw_frame(AcrobotScene{std::acos(0.0), -std::acos(0.0)});  // to the right, then down
  CHECK(bent.at(310, 250) == link);
  CHECK(bent.at(363, 320) == link);
  CHECK(bent.at(250, 320) == 0xFFFFFF);
}

TEST_CASE("who walks is drawn in the own cell alone") {
  if (!can_draw()) return;
  check_only(FrozenLakeScene{kLake, 0}, FrozenLakeScene{kLake, 6}, {{0, 0, 64, 64}, {128, 64, 64, 64}});
  check_only(FrozenLakeScene{kLake, 1}, FrozenLakeScene{kLake, 5}, {{64, 0, 64, 64}, {64, 64, 64, 64}});  // a hole breaks
  check_only(FrozenLakeScene{kLake, 1, Direction::up}, FrozenLakeScene{kLake, 1, Direction::left}, {{64, 0, 64, 64}});
  check_only(CliffWalkingScene{36}, CliffWalkingScene{26}, {{0, 176, 60, 64}, {120, 116, 60, 64}});
  check_only(TaxiScene{0, 1, 0, 3}, TaxiScene{4, 4, 0, 3}, {{150, 50, 50, 50}, {450, 250, 50, 50}});
  check_only(TaxiScene{2, 2, 0, 3}, TaxiScene{2, 2, 2, 3}, {{50, 50, 50, 50}, {50, 250, 50, 50}});  // the passenger
  check_only(RoomsScene{0}, RoomsScene{1}, {{15, 10, 150, 150}, {315, 160, 150, 150}});
}

TEST_CASE("the dealer's total stays hidden until the game is over") {
  if (!can_draw()) return;
  BlackjackScene scene{10, 2, 19, 11, false}, other{10, 2, 12, 11, false};
  CHECK(draw_frame(scene) == draw_frame(other));
  scene.dealer_hidden = other.dealer_hidden = false;
  CHECK_FALSE(draw_frame(scene) == draw_frame(other));
  const Image many = draw_frame(BlackjackScene{1, 12, 17, 21, true, false});
  CHECK(many.at(5, 150) == rgb(5, 78, 28));  // the cards stay on the table
  CHECK(many.at(594, 150) == rgb(5, 78, 28));
}

TEST_CASE("the panel stands beside the scene and shows what the agent thinks") {
  if (!can_draw()) return;
  Moment moment{.environment = "CartPole-v1", .agent = "somebody"};
  moment.scene = CartPoleScene{2.3, 0};  // half outside
  moment.actions = 2;
  moment.choice = Choice{1, {-1.0, 3.0}};
  moment.least_value = -1;
  moment.most_value = 3;
  const Image with = draw_frame(moment), bare = draw_frame(*moment.scene);
  CHECK(with.width == bare.width + 220);
  REQUIRE(with.height == bare.height);
  int scene_differs = 0, chosen = 0, other = 0;
  for (int y = 0; y < with.height; ++y) {
    for (int x = 0; x < with.width; ++x) {
      if (x < bare.width) scene_differs += with.at(x, y) != bare.at(x, y);
      chosen += with.at(x, y) == rgb(31, 119, 180);
      other += with.at(x, y) == rgb(158, 189, 220);
    }
  }
  CHECK(scene_differs == 0);
  CHECK(other > 50);
  CHECK(chosen > 2 * other);  // three times as long

  moment.scene = FrozenLakeScene{{"SG"}, 0};
  CHECK(draw_frame(moment).height > 128);  // a scene lower than its panel
  moment.scene.reset();
  CHECK(contains(error_message([&] { draw_frame(moment); }), "CartPole-v1 has no picture"));
}

TEST_CASE("PNG files have their signature") {
  if (!can_draw()) return;
  CHECK(to_png(Image{2, 1, {0xFF0000, 0x00FF00}}).substr(1, 3) == "PNG");
}
