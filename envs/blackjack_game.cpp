#include "blackjack_game.h"

#include <algorithm>

#include "checks.h"

namespace handgrad {
namespace {

/// Jack, queen and king count 10 as well.
int draw_card(Generator& stream) { return static_cast<int>(std::min<std::int64_t>(1 + stream.integers(0, 13), 10)); }

}  // namespace

void BlackjackHand::add(int card) {
  sum += card;
  ace = ace || card == 1;
  ++cards;
}

void BlackjackGame::deal(Generator& stream) {
  dealer = player = {};
  open_card = draw_card(stream);
  dealer.add(open_card);
  dealer.add(draw_card(stream));
  player.add(draw_card(stream));
  player.add(draw_card(stream));
  // Gymnasium draws here how the open card is to be painted. Nothing comes of it but that the stream has moved on.
  stream.integers(0, 4);                       // clubs, diamonds, hearts, spades
  if (open_card == 10) stream.integers(0, 3);  // jack, queen, king
}

StepResult BlackjackGame::play(std::int64_t action, const BlackjackOptions& options, Generator& stream) {
  if (action == 0) return {stick(options, stream), true, false};
  player.add(draw_card(stream));
  return {player.bust() ? -1.0 : 0.0, player.bust(), false};
}

/// The dealer's turn, and what comes of it.
double BlackjackGame::stick(const BlackjackOptions& options, Generator& stream) {
  while (dealer.total() < 17) dealer.add(draw_card(stream));
  const int ahead = player.score() - dealer.score();
  const double reward = (ahead > 0) - (ahead < 0);
  // Trap: under sab a natural wins even against a dealer who has drawn up to 21, and `natural` is not looked at.
  if (options.sab) return player.natural() && !dealer.natural() ? 1.0 : reward;
  return options.natural && player.natural() && reward == 1.0 ? 1.5 : reward;
}

void BlackjackGame::observe(float* observation) const {
  observation[0] = static_cast<float>(player.total());
  observation[1] = static_cast<float>(open_card);
  observation[2] = player.usable_ace() ? 1.0f : 0.0f;
}

std::vector<double> BlackjackGame::values() const {
  std::vector<double> values{static_cast<double>(open_card)};
  for (const BlackjackHand& hand : {dealer, player}) {
    values.push_back(hand.sum);
    values.push_back(hand.ace ? 1.0 : 0.0);
    values.push_back(hand.cards);
  }
  return values;
}

BlackjackGame BlackjackGame::from_values(const std::vector<double>& values) {
  // The cards of a hand that nobody has dealt yet are 0, and whoever hits on after the end can have any number of them.
  constexpr double kMostCards = 1e8;
  const auto is_hand = [&](std::size_t first) {
    const double cards = values[first + 2];
    return is_whole(cards, 0, kMostCards) && is_whole(values[first], cards, 10 * cards) && is_whole(values[first + 1], 0, 1);
  };
  require(values.size() == 7 && is_whole(values[0], 0, 10) && is_hand(1) && is_hand(4),
          "Blackjack: this snapshot was not saved by a Blackjack");
  const auto hand = [&](std::size_t first) -> BlackjackHand {
    return {static_cast<int>(values[first]), values[first + 1] != 0.0, static_cast<int>(values[first + 2])};
  };
  BlackjackGame game;
  game.open_card = static_cast<int>(values[0]);
  game.dealer = hand(1);
  game.player = hand(4);
  return game;
}

}  // namespace handgrad
