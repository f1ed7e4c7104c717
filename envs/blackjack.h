#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "blackjack_game.h"
#include "environment.h"
#include "options.h"

namespace handgrad {

/// Reads natural and sab. Throws Error for a wrong type.
BlackjackOptions blackjack_options(const EnvironmentOptions& options);

/// Blackjack-v1 of Gymnasium 1.3.0, bit for bit: get closer to 21 than the dealer, not beyond (Sutton and Barto, example 5.1).
///
///   observation [3]  the player's total, the dealer's open card (1 to 10), 1 if an ace counts as 11 without going beyond 21
///   action  0 stick, 1 hit
///   reward  at the end 1 for winning, -1 for losing, 0 for a draw
///   end     the player sticks, or goes beyond 21
///
/// Cards come from an infinite deck: 1 to 9 with probability 1/13 each, 10 with 4/13. The dealer draws up to 17. Steps after
/// the end go on with the same hands. There is no time limit.
class Blackjack : public Environment {
 public:
  explicit Blackjack(const BlackjackOptions& options = {});

  const Space& observation_space() const override { return observation_space_; }
  const Discrete& action_space() const override { return action_space_; }
  void reset(std::optional<std::uint64_t> seed, std::span<float> observation) override;
  StepResult step(std::int64_t action, std::span<float> observation) override;
  /// What lies on the table, the dealer's hidden cards included: for whoever draws it.
  struct Table {
    int open_card;
    int dealer_cards, dealer_total;
    int player_cards, player_total;
    bool usable_ace;  ///< of the player
  };
  Table table() const {
    const BlackjackGame& g = game_;
    return {g.open_card, g.dealer.cards, g.dealer.total(), g.player.cards, g.player.total(), g.player.usable_ace()};
  }
  Snapshot save() const override;
  void load(const Snapshot& snapshot) override;

 private:
  BlackjackOptions options_;
  Space observation_space_;
  Discrete action_space_{2};
  std::optional<Generator> stream_;
  BlackjackGame game_;
};

}  // namespace handgrad
