// The worlds that somebody walks through: FrozenLake, CliffWalking and the rooms.

#include <array>
#include <string>

#include "app/watch/draw_scene.h"
#include "app/watch/figures.h"

namespace handgrad::app {

namespace {

void draw_ice(Canvas& canvas) {
  constexpr Colour kIce{226, 241, 250}, kGleam{255, 255, 255, 0.75};
  canvas.rectangle(-0.5, -0.5, 1, 1, kIce);
  canvas.line({-0.32, -0.08}, {-0.10, -0.30}, 0.035, kGleam);
  canvas.line({-0.30, 0.10}, {-0.20, 0.00}, 0.03, kGleam);
  canvas.line({0.16, 0.34}, {0.34, 0.16}, 0.035, kGleam);
}

void draw_hole(Canvas& canvas) {
  canvas.ellipse({0, 0.02}, 0.41, 0.36, {178, 212, 232});
  canvas.ellipse({0, 0.05}, 0.36, 0.30, {27, 79, 122});
  canvas.ellipse({0, 0.10}, 0.30, 0.22, {16, 55, 92});
}

// What is left of somebody who fell in: cracks, waves and a cap.
void draw_broken_hole(Canvas& canvas) {
  constexpr Colour kCrack{92, 140, 174};
  const std::array<std::array<Point, 3>, 6> cracks = {{{{{-0.30, -0.22}, {-0.38, -0.33}, {-0.36, -0.45}}},
                                                       {{{0.28, -0.22}, {0.34, -0.36}, {0.45, -0.38}}},
                                                       {{{-0.36, 0.14}, {-0.42, 0.22}, {-0.47, 0.20}}},
                                                       {{{0.36, 0.14}, {0.43, 0.18}, {0.44, 0.28}}},
                                                       {{{-0.16, 0.33}, {-0.20, 0.41}, {-0.30, 0.45}}},
                                                       {{{0.16, 0.33}, {0.17, 0.42}, {0.28, 0.46}}}}};
  for (const auto& crack : cracks) canvas.line(crack, 0.028, kCrack);
  draw_hole(canvas);
  canvas.ellipse({0, 0.12}, 0.24, 0.10, {120, 178, 214});
  canvas.ellipse({0, 0.12}, 0.19, 0.07, {27, 79, 122});
  canvas.ellipse({0, 0.02}, 0.13, 0.12, {38, 84, 124});
  canvas.rounded(-0.15, 0.03, 0.30, 0.07, 0.03, {244, 241, 222});
  canvas.circle({0, -0.11}, 0.045, {244, 241, 222});
}

void draw_present(Canvas& canvas) {
  constexpr Colour kBox{231, 111, 81}, kLid{214, 88, 60}, kRibbon{255, 209, 102};
  canvas.ellipse({0, 0.38}, 0.34, 0.05, {20, 40, 60, 0.2});
  canvas.rounded(-0.29, -0.06, 0.58, 0.44, 0.03, kBox);
  canvas.rounded(-0.33, -0.18, 0.66, 0.16, 0.03, kLid);
  canvas.rectangle(-0.06, -0.18, 0.12, 0.56, kRibbon);
  canvas.ellipse({-0.12, -0.26}, 0.13, 0.075, kRibbon);
  canvas.ellipse({0.12, -0.26}, 0.13, 0.075, kRibbon);
  canvas.ellipse({-0.12, -0.26}, 0.065, 0.03, kLid);
  canvas.ellipse({0.12, -0.26}, 0.065, 0.03, kLid);
  canvas.circle({0, -0.24}, 0.055, kRibbon);
}

}  // namespace

void draw(Canvas& canvas, const FrozenLakeScene& scene) {
  constexpr Colour kOutline{180, 200, 230};
  const auto columns = static_cast<std::int64_t>(scene.map.front().size()), rows = static_cast<std::int64_t>(scene.map.size());
  const Size size = size_of(scene);
  // Whole pixels, as Gymnasium: a remainder stays white.
  const auto width = static_cast<double>(static_cast<std::int64_t>(size.width) / columns);
  const auto height = static_cast<double>(static_cast<std::int64_t>(size.height) / rows);
  const double unit = std::min(width, height);
  for (std::int64_t state = 0; state < rows * columns; ++state) {
    const std::int64_t row = state / columns, column = state % columns;
    const double x = width * static_cast<double>(column), y = height * static_cast<double>(row);
    const char letter = scene.map[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)];
    const bool here = state == scene.state;
    canvas.rectangle(x, y, width, height, {226, 241, 250});
    {
      const auto cell = canvas.place({x + width / 2, y + height / 2}, 0, unit);
      draw_ice(canvas);
      if (letter == 'H') here ? draw_broken_hole(canvas) : draw_hole(canvas);
      if (letter == 'G') draw_present(canvas);
      if (letter == 'S') draw_mat(canvas, {120, 160, 120});
      if (here && letter != 'H') draw_walker(canvas, scene.facing);
    }
    canvas.frame(x, y, width, height, 1, kOutline);
  }
}

void draw(Canvas& canvas, const CliffWalkingScene& scene) {
  constexpr std::int64_t kRows = 4, kColumns = 12;
  constexpr double kCell = 60;
  constexpr Colour kLight{151, 196, 108}, kDark{137, 184, 95}, kRock{84, 64, 54}, kEdge{116, 88, 68}, kDepth{52, 40, 36};
  for (std::int64_t row = 0; row < kRows; ++row) {
    for (std::int64_t column = 0; column < kColumns; ++column) {
      const double x = kCell * static_cast<double>(column), y = kCell * static_cast<double>(row);
      const bool cliff = row == 3 && column >= 1 && column <= 10;
      canvas.rectangle(x, y, kCell, kCell, cliff ? kDepth : (row + column) % 2 == 0 ? kLight : kDark);
      if (cliff) {  // rock face, and teeth of rock in the depth
        canvas.rectangle(x, y, kCell, 16, kRock);
        for (const double tooth : {0.0, 20.0, 40.0}) {
          canvas.polygon({{x + tooth, y + 16}, {x + tooth + 20, y + 16}, {x + tooth + 10, y + 34}}, kRock);
        }
      }
      if (row == 2 && column >= 1 && column <= 10) canvas.rectangle(x, y + kCell - 8, kCell, 8, kEdge);
    }
  }
  {
    const auto start = canvas.place({kCell / 2, 3.5 * kCell}, 0, kCell);
    draw_mat(canvas, {90, 120, 160});
  }
  {
    const auto goal = canvas.place({11.5 * kCell, 3.5 * kCell}, 0, kCell * 0.9);
    draw_flag(canvas, {255, 209, 102});
  }
  const auto row = static_cast<double>(scene.state / kColumns), column = static_cast<double>(scene.state % kColumns);
  const auto walker = canvas.place({(column + 0.5) * kCell, (row + 0.5) * kCell - 4}, 0, kCell);
  draw_walker(canvas, scene.facing);
}

void draw(Canvas& canvas, const RoomsScene& scene) {
  // 0 4 5   Doors between neighbours but for 0 and 2: 0-4, 4-5, 4-3, 5-1, 2-3, 3-1.
  // 2 3 1
  constexpr double kRoom = 150, kWall = 8, kDoor = 50, kMargin = 15;
  constexpr Colour kFloor{247, 240, 226}, kGarden{190, 219, 160}, kBrick{110, 90, 82}, kSill{214, 190, 150};
  constexpr std::array<Point, 6> kPlaces = {{{0, 0}, {2, 1}, {0, 1}, {1, 1}, {1, 0}, {2, 0}}};
  const auto corner = [&](std::size_t room) { return Point{kMargin + kPlaces[room].x * kRoom, 10 + kPlaces[room].y * kRoom}; };
  for (std::size_t room = 0; room < 6; ++room) {
    const auto [x, y] = corner(room);
    canvas.rectangle(x, y, kRoom, kRoom, room == 5 ? kGarden : kFloor);
    canvas.frame(x - kWall / 2, y - kWall / 2, kRoom + kWall, kRoom + kWall, kWall, kBrick);
  }
  for (const auto& [a, b] : {std::pair<std::size_t, std::size_t>{0, 4}, {4, 5}, {4, 3}, {5, 1}, {2, 3}, {3, 1}}) {
    const Point p = corner(a), q = corner(b);
    const Point middle{(p.x + q.x + kRoom) / 2, (p.y + q.y + kRoom) / 2};
    const bool beside = p.y == q.y;
    const double width = beside ? kWall : kDoor, height = beside ? kDoor : kWall;
    canvas.rectangle(middle.x - width / 2, middle.y - height / 2, width, height, kSill);
  }
  for (std::size_t room = 0; room < 6; ++room) {
    const auto [x, y] = corner(room);
    canvas.text({x + 16, y + 34}, std::to_string(room), 24, {110, 90, 82}, Align::left, true);
  }
  {
    const auto goal = canvas.place({corner(5).x + kRoom - 38, corner(5).y + 44}, 0, 56);
    draw_flag(canvas, {214, 69, 65});
  }
  const auto [x, y] = corner(static_cast<std::size_t>(scene.room));
  const auto walker = canvas.place({x + kRoom / 2, y + kRoom / 2 + 8}, 0, 84);
  draw_walker(canvas, Direction::down);
}

}  // namespace handgrad::app
