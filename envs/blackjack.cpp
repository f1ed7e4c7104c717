#include "blackjack.h"

#include "checks.h"

namespace handgrad {
namespace {

constexpr std::string_view kName = "Blackjack";

}  // namespace

BlackjackOptions blackjack_options(const EnvironmentOptions& options) {
  BlackjackOptions read;
  read_option(options, "natural", read.natural);
  read_option(options, "sab", read.sab);
  return read;
}

Blackjack::Blackjack(const BlackjackOptions& options)
    : options_(options), observation_space_(Tuple{{Discrete{32}, Discrete{11}, Discrete{2}}}) {}

void Blackjack::reset(std::optional<std::uint64_t> seed, std::span<float> observation) {
  require_observation(observation, 3, kName);
  game_.deal(seeded(stream_, seed, kName));
  game_.observe(observation.data());
}

StepResult Blackjack::step(std::int64_t action, std::span<float> observation) {
  require_action(action, action_space_, kName);
  require_started(stream_, kName);
  require_observation(observation, 3, kName);
  const StepResult result = game_.play(action, options_, *stream_);
  game_.observe(observation.data());
  return result;
}

Snapshot Blackjack::save() const {
  Snapshot snapshot;
  if (stream_) snapshot.stream = stream_->state();
  snapshot.values = game_.values();
  return snapshot;
}

void Blackjack::load(const Snapshot& snapshot) {
  const BlackjackGame game = BlackjackGame::from_values(snapshot.values);
  stream_ = stream_of(snapshot);
  game_ = game;
}

}  // namespace handgrad
