#include "blackjack.h"

#include <algorithm>

#include "../core/error.h"
#include "checks.h"

namespace handgrad {
namespace {

constexpr std::string_view kName = "Blackjack";

/// Jack, queen and king count 10 as well.
int draw_card(Generator& stream) { return static_cast<int>(std::min<std::int64_t>(1 + stream.integers(0, 13), 10)); }

}  // namespace

BlackjackOptions blackjack_options(const EnvironmentOptions& options) {
  BlackjackOptions read;
  read_option(options, "natural", read.natural);
  read_option(options, "sab", read.sab);
  return read;
}

void Blackjack::Hand::add(int card) {
  sum += card;
  ace = ace || card == 1;
  ++cards;
}

Blackjack::Blackjack(const BlackjackOptions& options)
    : options_(options), observation_space_(Tuple{{Discrete{32}, Discrete{11}, Discrete{2}}}) {}

void Blackjack::reset(std::optional<std::uint64_t> seed, std::span<float> observation) {
  require_observation(observation, 3, kName);
  Generator& stream = seeded(stream_, seed, kName);
  dealer_ = player_ = {};
  open_card_ = draw_card(stream);
  dealer_.add(open_card_);
  dealer_.add(draw_card(stream));
  player_.add(draw_card(stream));
  player_.add(draw_card(stream));
  // Gymnasium draws here how the open card is to be painted. Nothing comes of it but that the stream has moved on.
  stream.integers(0, 4);                        // clubs, diamonds, hearts, spades
  if (open_card_ == 10) stream.integers(0, 3);  // jack, queen, king
  observe(observation);
}

StepResult Blackjack::step(std::int64_t action, std::span<float> observation) {
  require_action(action, action_space_, kName);
  require_started(stream_, kName);
  require_observation(observation, 3, kName);
  if (action == 0) {
    const double reward = stick();
    observe(observation);
    return {reward, true, false};
  }
  player_.add(draw_card(*stream_));
  observe(observation);
  return {player_.bust() ? -1.0 : 0.0, player_.bust(), false};
}

/// The dealer's turn, and what comes of it.
double Blackjack::stick() {
  while (dealer_.total() < 17) dealer_.add(draw_card(*stream_));
  const int ahead = player_.score() - dealer_.score();
  const double reward = (ahead > 0) - (ahead < 0);
  // Trap: under sab a natural wins even against a dealer who has drawn up to 21, and `natural` is not looked at.
  if (options_.sab) return player_.natural() && !dealer_.natural() ? 1.0 : reward;
  return options_.natural && player_.natural() && reward == 1.0 ? 1.5 : reward;
}

void Blackjack::observe(std::span<float> observation) const {
  observation[0] = static_cast<float>(player_.total());
  observation[1] = static_cast<float>(open_card_);
  observation[2] = player_.usable_ace() ? 1.0f : 0.0f;
}

Snapshot Blackjack::save() const {
  Snapshot snapshot;
  if (stream_) snapshot.stream = stream_->state();
  snapshot.values.push_back(open_card_);
  for (const Hand& hand : {dealer_, player_}) {
    snapshot.values.push_back(hand.sum);
    snapshot.values.push_back(hand.ace ? 1.0 : 0.0);
    snapshot.values.push_back(hand.cards);
  }
  return snapshot;
}

void Blackjack::load(const Snapshot& snapshot) {
  const std::vector<double>& values = snapshot.values;
  const auto plausible = [](double value) { return value >= 0.0 && value <= 1e9; };
  require(values.size() == 7 && std::all_of(values.begin(), values.end(), plausible), kName,
          ": this snapshot was not saved by a Blackjack");
  stream_ = snapshot.stream ? std::optional(Generator::from_state(*snapshot.stream)) : std::nullopt;
  const auto hand = [&](std::size_t first) -> Hand {
    return {static_cast<int>(values[first]), values[first + 1] != 0.0, static_cast<int>(values[first + 2])};
  };
  open_card_ = static_cast<int>(values[0]);
  dealer_ = hand(1);
  player_ = hand(4);
}

}  // namespace handgrad
