#include <algorithm>
#include <string>

#include "app/watch/draw_scene.h"

namespace handgrad::app {

namespace {

constexpr double kCardWidth = 100, kCardHeight = 140;
constexpr Colour kInk{28, 30, 36};

// In a square of one unit around (0, 0). Suits mean nothing in this game: every card has this one.
void draw_spade(Canvas& canvas) {
  canvas.circle({-0.20, 0.10}, 0.23, kInk);
  canvas.circle({0.20, 0.10}, 0.23, kInk);
  canvas.polygon({{-0.42, 0.02}, {0, -0.5}, {0.42, 0.02}, {0, 0.20}}, kInk);
  canvas.polygon({{0, 0.05}, {0.15, 0.48}, {-0.15, 0.48}}, kInk);
}

void draw_card_front(Canvas& canvas, Point at, int value) {
  const auto card = canvas.place(at);
  canvas.rounded(2, 3, kCardWidth, kCardHeight, 9, with_alpha(kBlack, 0.25));
  canvas.rounded(0, 0, kCardWidth, kCardHeight, 9, kWhite);
  const std::string rank = value == 1 ? "A" : std::to_string(value);
  canvas.text({16, 27}, rank, rank.size() > 1 ? 17 : 22, kInk, Align::centre, true);
  {
    const auto small = canvas.place({16, 42}, 0, 15);
    draw_spade(canvas);
  }
  const auto large = canvas.place({kCardWidth / 2 + 6, kCardHeight / 2 + 10}, 0, 54);
  draw_spade(canvas);
}

void draw_card_back(Canvas& canvas, Point at) {
  constexpr Colour kBlue{44, 82, 150}, kLine{150, 178, 224};
  const auto card = canvas.place(at);
  canvas.rounded(2, 3, kCardWidth, kCardHeight, 9, with_alpha(kBlack, 0.25));
  canvas.rounded(0, 0, kCardWidth, kCardHeight, 9, kWhite);
  canvas.rounded(6, 6, kCardWidth - 12, kCardHeight - 12, 5, kBlue);
  for (int row = 0; row < 7; ++row) {
    for (int column = 0; column < 5; ++column) {
      const double x = 18 + 16 * column, y = 18 + 16.4 * row;
      canvas.polygon({{x, y - 6}, {x + 5, y}, {x, y + 6}, {x - 5, y}}, kLine);
    }
  }
}

}  // namespace

void draw(Canvas& canvas, const BlackjackScene& scene) {
  constexpr Colour kFelt{7, 99, 36}, kRim{5, 78, 28};
  constexpr double kMiddle = 300, kWidest = 540, kTop = 72;
  canvas.rectangle(0, 0, 600, 500, kRim);
  canvas.rounded(12, 12, 576, 476, 26, kFelt);
  const int shown = scene.dealer_hidden ? scene.open_card : scene.dealer_total;
  canvas.text({kMiddle, 52}, "Dealer: " + (scene.dealer_hidden && shown == 1 ? "ace" : std::to_string(shown)), 24, kWhite,
              Align::centre);
  // In one row, closer together the more cards there are.
  const int count = std::max(scene.dealer_cards, 1);
  const double step = count == 1 ? 0 : std::min(kCardWidth + 14, (kWidest - kCardWidth) / (count - 1));
  const double left = kMiddle - (step * (count - 1) + kCardWidth) / 2;
  draw_card_front(canvas, {left, kTop}, scene.open_card);
  for (int k = 1; k < count; ++k) draw_card_back(canvas, {left + k * step, kTop});

  canvas.text({kMiddle, 262}, "Player", 24, kWhite, Align::centre);
  canvas.text({kMiddle, 382}, std::to_string(scene.player_total), 120, kWhite, Align::centre, true);
  if (scene.usable_ace) canvas.text({kMiddle, 430}, "usable ace", 24, kWhite, Align::centre);
}

}  // namespace handgrad::app
