#include "app/watch/figures.h"

namespace handgrad::app {

void draw_walker(Canvas& canvas, Direction facing) {
  constexpr Colour kCoat{214, 69, 65}, kSleeve{176, 48, 48}, kSkin{246, 208, 174}, kCap{38, 84, 124}, kBand{244, 241, 222};
  constexpr Colour kBoot{70, 52, 44}, kShadow{20, 40, 60, 0.22};
  canvas.ellipse({0, 0.42}, 0.24, 0.05, kShadow);
  canvas.rounded(-0.13, 0.30, 0.11, 0.13, 0.04, kBoot);
  canvas.rounded(0.02, 0.30, 0.11, 0.13, 0.04, kBoot);
  canvas.rounded(-0.17, -0.06, 0.34, 0.42, 0.13, kCoat);
  const bool sideways = facing == Direction::left || facing == Direction::right;
  if (sideways) {
    canvas.rounded(-0.055, 0.02, 0.11, 0.24, 0.055, kSleeve);
  } else {
    canvas.rounded(-0.23, 0.0, 0.10, 0.25, 0.05, kSleeve);
    canvas.rounded(0.13, 0.0, 0.10, 0.25, 0.05, kSleeve);
  }
  canvas.circle({0, -0.15}, 0.17, facing == Direction::up ? kCap : kSkin);
  // What shows where the walker looks.
  if (facing == Direction::down) {
    canvas.circle({-0.065, -0.10}, 0.025, kBlack);
    canvas.circle({0.065, -0.10}, 0.025, kBlack);
  } else if (sideways) {
    const double side = facing == Direction::left ? -1 : 1;
    canvas.circle({side * 0.17, -0.07}, 0.035, kSkin);
    canvas.circle({side * 0.09, -0.11}, 0.025, kBlack);
  }
  canvas.ellipse({0, -0.27}, 0.165, 0.13, kCap);
  canvas.rounded(-0.19, -0.265, 0.38, 0.07, 0.035, kBand);
  canvas.circle({0, -0.41}, 0.05, kBand);
}

void draw_flag(Canvas& canvas, Colour colour) {
  constexpr Colour kStick{92, 72, 60};
  canvas.ellipse({-0.14, 0.40}, 0.16, 0.04, {20, 40, 60, 0.2});
  canvas.line({-0.14, 0.40}, {-0.14, -0.38}, 0.05, kStick);
  canvas.polygon({{-0.12, -0.38}, {0.32, -0.22}, {-0.12, -0.06}}, colour);
}

void draw_mat(Canvas& canvas, Colour colour) {
  canvas.rounded(-0.38, -0.30, 0.76, 0.60, 0.08, with_alpha(colour, 0.85));
  canvas.rounded(-0.32, -0.24, 0.64, 0.48, 0.05, with_alpha(kWhite, 0.35));
}

}  // namespace handgrad::app
