// CartPole, MountainCar and Acrobot, with Gymnasium's measures and colours.

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "app/watch/draw_scene.h"

namespace handgrad::app {

void draw(Canvas& canvas, const CartPoleScene& scene) {
  constexpr double kWidth = 600, kTrack = 300;  // the track lies 100 above the lower edge of 400
  constexpr double kPixelsPerMetre = 125;       // 4.8 m across
  constexpr Colour kPole{202, 152, 101}, kAxle{129, 132, 203};
  const double x = kWidth / 2 + scene.position * kPixelsPerMetre;
  canvas.line({0, kTrack}, {kWidth, kTrack}, 1, kBlack);
  canvas.rectangle(x - 25, kTrack - 15, 50, 30, kBlack);
  const Point axle{x, kTrack - 7.5};
  {
    const auto turned = canvas.place(axle, scene.angle);
    canvas.rectangle(-5, -120, 10, 125, kPole);
  }
  canvas.circle(axle, 5, kAxle);
}

namespace {

constexpr double kLeft = -1.2, kRight = 0.6;
constexpr double kPixelsPerUnit = 600 / (kRight - kLeft);

// A place on the mountain, `above` its ground.
Point on_mountain(double position, double above = 0) {
  const double height = 0.45 * std::sin(3 * position) + 0.55;
  return {(position - kLeft) * kPixelsPerUnit, 400 - height * kPixelsPerUnit - above};
}

}  // namespace

void draw(Canvas& canvas, const MountainCarScene& scene) {
  constexpr double kClearance = 10;
  constexpr Colour kWheel{128, 128, 128}, kFlag{204, 204, 0};
  std::vector<Point> ground;
  for (int i = 0; i < 100; ++i) ground.push_back(on_mountain(kLeft + (kRight - kLeft) * i / 99));
  canvas.line(ground, 1.5, kBlack);

  const Point foot = on_mountain(0.5);
  canvas.line(foot, {foot.x, foot.y - 50}, 1.5, kBlack);
  canvas.polygon({{foot.x, foot.y - 50}, {foot.x, foot.y - 40}, {foot.x + 25, foot.y - 45}}, kFlag);

  const double uphill = std::cos(3 * scene.position);  // Gymnasium's tilt, in rad: the slope, or near it
  const auto turned = canvas.place(on_mountain(scene.position, kClearance), -uphill);
  canvas.rectangle(-20, -20, 40, 20, kBlack);
  canvas.circle({-10, 0}, 8, kWheel);
  canvas.circle({10, 0}, 8, kWheel);
}

void draw(Canvas& canvas, const AcrobotScene& scene) {
  constexpr double kSide = 500, kUnit = kSide / 4.4;
  constexpr Colour kLink{0, 204, 204}, kJoint{204, 204, 0};
  const double top = kSide / 2 - kUnit;  // to be reached
  canvas.line({0, top}, {kSide, top}, 1, kBlack);

  const auto along = [](Point from, double angle) {
    return Point{from.x + std::sin(angle) * kUnit, from.y + std::cos(angle) * kUnit};
  };
  const Point shoulder{kSide / 2, kSide / 2};
  const Point elbow = along(shoulder, scene.angle_1);
  const auto link = [&](Point from, double angle) {
    const auto turned = canvas.place(from, -angle);
    canvas.rectangle(-0.1 * kUnit, 0, 0.2 * kUnit, kUnit, kLink);
  };
  link(shoulder, scene.angle_1);
  canvas.circle(shoulder, 0.1 * kUnit, kJoint);
  link(elbow, scene.angle_1 + scene.angle_2);
  canvas.circle(elbow, 0.1 * kUnit, kJoint);
}

}  // namespace handgrad::app
