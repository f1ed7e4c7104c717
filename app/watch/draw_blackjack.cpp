#include <array>
#include <string>

#include "app/watch/draw_scene.h"

namespace handgrad::app {

namespace {

constexpr double kCardWidth = 84, kCardHeight = 118;
constexpr Colour kRed{200, 38, 44}, kInk{28, 30, 36};

enum class Suit { clubs, diamonds, hearts, spades };

Colour colour_of(Suit suit) { return suit == Suit::diamonds || suit == Suit::hearts ? kRed : kInk; }

// In a square of one unit around (0, 0).
void draw_suit(Canvas& canvas, Suit suit) {
  const Colour colour = colour_of(suit);
  switch (suit) {
    case Suit::diamonds: canvas.polygon({{0, -0.5}, {0.36, 0}, {0, 0.5}, {-0.36, 0}}, colour); break;
    case Suit::hearts:
      canvas.circle({-0.21, -0.18}, 0.24, colour);
      canvas.circle({0.21, -0.18}, 0.24, colour);
      canvas.polygon({{-0.43, -0.08}, {0, -0.22}, {0.43, -0.08}, {0, 0.46}}, colour);
      break;
    case Suit::spades:
      canvas.circle({-0.20, 0.10}, 0.23, colour);
      canvas.circle({0.20, 0.10}, 0.23, colour);
      canvas.polygon({{-0.42, 0.02}, {0, -0.5}, {0.42, 0.02}, {0, 0.20}}, colour);
      canvas.polygon({{0, 0.05}, {0.15, 0.48}, {-0.15, 0.48}}, colour);
      break;
    case Suit::clubs:
      canvas.circle({0, -0.24}, 0.22, colour);
      canvas.circle({-0.24, 0.10}, 0.22, colour);
      canvas.circle({0.24, 0.10}, 0.22, colour);
      canvas.polygon({{0, -0.1}, {0.15, 0.48}, {-0.15, 0.48}}, colour);
      break;
  }
}

void draw_card_front(Canvas& canvas, Point at, std::int64_t value, Suit suit) {
  const auto card = canvas.place(at);
  canvas.rounded(2, 3, kCardWidth, kCardHeight, 9, with_alpha(kBlack, 0.25));
  canvas.rounded(0, 0, kCardWidth, kCardHeight, 9, kWhite);
  const std::string rank = value == 1 ? "A" : std::to_string(value);
  canvas.text({16, 27}, rank, rank.size() > 1 ? 17 : 22, colour_of(suit), Align::centre, true);
  {
    const auto small = canvas.place({16, 42}, 0, 15);
    draw_suit(canvas, suit);
  }
  const auto large = canvas.place({kCardWidth / 2 + 6, kCardHeight / 2 + 12}, 0, 44);
  draw_suit(canvas, suit);
}

void draw_card_back(Canvas& canvas, Point at) {
  constexpr Colour kBlue{44, 82, 150}, kLine{150, 178, 224};
  const auto card = canvas.place(at);
  canvas.rounded(2, 3, kCardWidth, kCardHeight, 9, with_alpha(kBlack, 0.25));
  canvas.rounded(0, 0, kCardWidth, kCardHeight, 9, kWhite);
  canvas.rounded(6, 6, kCardWidth - 12, kCardHeight - 12, 5, kBlue);
  for (double y = 18; y < kCardHeight - 10; y += 16.4) {
    for (double x = 18; x < kCardWidth - 10; x += 16) {
      canvas.polygon({{x, y - 6}, {x + 5, y}, {x, y + 6}, {x - 5, y}}, kLine);
    }
  }
}

// A hand in one row, closer together the more cards there are. Suits mean nothing in this game: they follow the place.
void draw_hand(Canvas& canvas, const std::vector<std::int64_t>& cards, bool first_only, double y) {
  constexpr double kMiddle = 300, kWidest = 540;
  const auto count = static_cast<double>(cards.size());
  const double step = cards.size() < 2 ? 0 : std::min(kCardWidth + 14, (kWidest - kCardWidth) / (count - 1));
  double x = kMiddle - (step * (count - 1) + kCardWidth) / 2;
  constexpr std::array<Suit, 4> kOrder = {Suit::spades, Suit::hearts, Suit::clubs, Suit::diamonds};
  for (std::size_t k = 0; k < cards.size(); ++k, x += step) {
    if (first_only && k > 0) {
      draw_card_back(canvas, {x, y});
    } else {
      draw_card_front(canvas, {x, y}, cards[k], kOrder[(k + static_cast<std::size_t>(y)) % kOrder.size()]);
    }
  }
}

std::int64_t total_of(const std::vector<std::int64_t>& cards) {
  std::int64_t sum = 0;
  bool ace = false;
  for (const std::int64_t card : cards) {
    sum += card;
    ace |= card == 1;
  }
  return ace && sum + 10 <= 21 ? sum + 10 : sum;
}

}  // namespace

void draw(Canvas& canvas, const BlackjackScene& scene) {
  constexpr Colour kFelt{7, 99, 36}, kRim{5, 78, 28};
  canvas.rectangle(0, 0, 600, 500, kRim);
  canvas.rounded(12, 12, 576, 476, 26, kFelt);
  const bool hidden = scene.dealer_hidden;
  const std::int64_t shown = hidden ? scene.dealer.front() : total_of(scene.dealer);
  canvas.text({300, 50}, "Dealer: " + (hidden && shown == 1 ? "ace" : std::to_string(shown)), 24, kWhite, Align::centre);
  draw_hand(canvas, scene.dealer, hidden, 70);
  canvas.text({300, 250}, "Player", 24, kWhite, Align::centre);
  draw_hand(canvas, scene.player, false, 270);
  canvas.text({300, 446}, std::to_string(scene.total), 46, kWhite, Align::centre, true);
  if (scene.usable_ace) canvas.text({300, 472}, "usable ace", 18, kWhite, Align::centre);
}

}  // namespace handgrad::app
