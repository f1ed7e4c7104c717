#pragma once

#include <span>
#include <vector>

#include "environment.h"

namespace handgrad {

/// Gymnasium's constructor arguments of Blackjack.
struct BlackjackOptions {
  bool natural = false;  ///< winning with a natural, an ace and a ten in two cards, pays 1.5; unused with sab
  bool sab = false;      ///< the rules of Sutton and Barto: a natural wins unless the dealer has one too. The id sets it
};

/// What the rules ask of a hand.
struct BlackjackHand {
  int sum = 0;  ///< with aces as 1
  bool ace = false;
  int cards = 0;

  void add(int card);
  bool usable_ace() const { return ace && sum + 10 <= 21; }
  int total() const { return usable_ace() ? sum + 10 : sum; }
  bool bust() const { return total() > 21; }
  int score() const { return bust() ? 0 : total(); }
  bool natural() const { return cards == 2 && ace && sum == 11; }
};

/// A game between one player and the dealer, once for the single environment and for several side by side. A plain value.
struct BlackjackGame {
  int open_card = 0;  ///< the dealer's first
  BlackjackHand dealer, player;

  void deal(Generator& stream);
  /// action: 0 stick, 1 hit.
  StepResult play(std::int64_t action, const BlackjackOptions& options, Generator& stream);
  /// Writes the observation [3].
  void observe(float* observation) const;

  /// As numbers, for a Snapshot. from_values throws Error for numbers that are no game's.
  std::vector<double> values() const;
  static BlackjackGame from_values(const std::vector<double>& values);

 private:
  double stick(const BlackjackOptions& options, Generator& stream);
};

}  // namespace handgrad
