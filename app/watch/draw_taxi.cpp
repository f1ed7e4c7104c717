#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <string_view>

#include "app/watch/draw_scene.h"

namespace handgrad::app {

namespace {

constexpr double kCell = 50;  // pixels a character of the map
constexpr std::array<std::string_view, 7> kMap = {"+---------+", "|R: | : :G|", "| : | : : |", "| : : : : |",
                                                  "| | : | : |", "|Y| : |B: |", "+---------+"};
struct Landmark {
  const char* letter;
  double row, column;
  Colour colour;
};
constexpr std::array<Landmark, 4> kLandmarks = {
    {{"R", 0, 0, {255, 0, 0}}, {"G", 0, 4, {0, 255, 0}}, {"Y", 4, 0, {255, 255, 0}}, {"B", 4, 3, {0, 0, 255}}}};

// Where the square of a place in the city begins.
Point corner(double row, double column) { return {kCell * (2 * column + 1), kCell * (row + 1)}; }
Point middle(double row, double column) { return {corner(row, column).x + kCell / 2, corner(row, column).y + kCell / 2}; }

void draw_hedge(Canvas& canvas, double x, double y, double width, double height) {
  constexpr Colour kDark{46, 110, 62}, kLight{74, 148, 86};
  canvas.rounded(x, y + 3, width, height, 8, with_alpha(kBlack, 0.25));
  canvas.rounded(x, y, width, height, 8, kDark);
  canvas.rounded(x + 3, y + 2, width - 6, std::max(height - 8, 6.0), 6, kLight);
}

void draw_city(Canvas& canvas) {
  constexpr Colour kAsphalt{92, 94, 100}, kDash{150, 152, 156};
  canvas.rectangle(0, 0, 550, 350, kAsphalt);
  // Where one may cross from a column to the next, a dashed line.
  for (std::size_t row = 1; row <= 5; ++row) {
    for (std::size_t column = 2; column <= 8; column += 2) {
      if (kMap[row][column] != ':') continue;
      const double x = kCell * (static_cast<double>(column) + 0.5), y = kCell * static_cast<double>(row);
      for (const double dash : {5.0, 22.0, 39.0}) canvas.rectangle(x - 1.5, y + dash, 3, 8, kDash);
    }
  }
  for (std::size_t row = 1; row <= 5; ++row) {
    for (std::size_t column = 2; column <= 8; column += 2) {
      if (kMap[row][column] != '|' || kMap[row - 1][column] == '|') continue;
      std::size_t end = row;
      while (kMap[end][column] == '|') ++end;
      draw_hedge(canvas, kCell * static_cast<double>(column) + 17, kCell * static_cast<double>(row) + 3, 16,
                 kCell * static_cast<double>(end - row) - 6);
    }
  }
  draw_hedge(canvas, 10, 17, 530, 18);
  draw_hedge(canvas, 10, 315, 530, 18);
  draw_hedge(canvas, 17, 17, 16, 316);
  draw_hedge(canvas, 517, 17, 16, 316);
}

void draw_passenger(Canvas& canvas, Point at) {
  const auto here = canvas.place(at, 0, kCell);
  canvas.ellipse({0, 0.36}, 0.2, 0.05, {0, 0, 0, 0.3});
  canvas.rounded(-0.15, -0.02, 0.30, 0.38, 0.13, {46, 196, 182});
  canvas.circle({0, -0.16}, 0.15, {246, 208, 174});
  canvas.ellipse({0, -0.23}, 0.15, 0.10, {92, 60, 40});
  canvas.line({0.14, 0.08}, {0.26, -0.18}, 0.07, {46, 196, 182});  // waves for the taxi
}

void draw_house(Canvas& canvas, Point at) {
  constexpr double kOpacity = 0.88;
  const auto here = canvas.place(at, 0, kCell);
  canvas.rectangle(-0.34, -0.14, 0.68, 0.52, {238, 226, 208, kOpacity});
  canvas.polygon({{-0.44, -0.14}, {0, -0.50}, {0.44, -0.14}}, {188, 74, 60, kOpacity});
  canvas.rectangle(-0.09, 0.10, 0.18, 0.28, {110, 76, 56, kOpacity});
  canvas.rectangle(-0.26, -0.04, 0.14, 0.12, {126, 176, 214, kOpacity});
  canvas.rectangle(0.12, -0.04, 0.14, 0.12, {126, 176, 214, kOpacity});
}

// Seen from above, its front up.
void draw_car(Canvas& canvas, bool occupied) {
  constexpr Colour kBody{250, 196, 24}, kGlass{58, 74, 92}, kTyre{30, 30, 34}, kLamp{255, 250, 220};
  for (const double x : {-0.25, 0.17}) {
    canvas.rounded(x, -0.30, 0.08, 0.17, 0.03, kTyre);
    canvas.rounded(x, 0.16, 0.08, 0.17, 0.03, kTyre);
  }
  canvas.rounded(-0.21, -0.42, 0.42, 0.84, 0.12, kBody);
  canvas.circle({-0.13, -0.375}, 0.04, kLamp);
  canvas.circle({0.13, -0.375}, 0.04, kLamp);
  canvas.polygon({{-0.16, -0.20}, {0.16, -0.20}, {0.13, -0.08}, {-0.13, -0.08}}, kGlass);
  canvas.polygon({{-0.12, 0.24}, {0.12, 0.24}, {0.15, 0.33}, {-0.15, 0.33}}, kGlass);
  for (int square = 0; square < 4; ++square) {  // the chequered band
    canvas.rectangle(-0.14 + 0.07 * square, square % 2 == 0 ? 0.0 : 0.05, 0.07, 0.05, kTyre);
  }
  if (occupied) canvas.circle({0, 0.15}, 0.075, {46, 196, 182});
}

double heading(Direction facing) {
  constexpr double kRightAngle = std::numbers::pi / 2;
  switch (facing) {
    case Direction::right: return kRightAngle;
    case Direction::down: return 2 * kRightAngle;
    case Direction::left: return 3 * kRightAngle;
    default: return 0;
  }
}

}  // namespace

void draw(Canvas& canvas, const TaxiScene& scene) {
  constexpr std::int64_t kInTaxi = 4;
  draw_city(canvas);
  for (const auto& landmark : kLandmarks) {
    const auto [x, y] = corner(landmark.row, landmark.column);
    canvas.rounded(x + 2, y + 2, kCell - 4, kCell - 4, 6, with_alpha(landmark.colour, 0.5));
  }
  const Landmark& to = kLandmarks[static_cast<std::size_t>(scene.destination)];
  draw_house(canvas, middle(to.row, to.column));
  if (scene.passenger < kInTaxi) {
    const Landmark& from = kLandmarks[static_cast<std::size_t>(scene.passenger)];
    draw_passenger(canvas, middle(from.row, from.column));
  }
  for (const auto& landmark : kLandmarks) {
    const auto [x, y] = corner(landmark.row, landmark.column);
    canvas.text({x + 9, y + 14}, landmark.letter, 12, kWhite, Align::centre, true);
  }
  const auto turned =
      canvas.place(middle(static_cast<double>(scene.row), static_cast<double>(scene.column)), heading(scene.facing), kCell);
  draw_car(canvas, scene.passenger == kInTaxi);
}

}  // namespace handgrad::app
