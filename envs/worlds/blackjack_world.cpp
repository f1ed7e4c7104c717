#include "blackjack_world.h"

namespace handgrad {

BlackjackWorld::BlackjackWorld(const BlackjackOptions& options, std::int64_t count)
    : World(std::make_unique<Blackjack>(options), count), options_(options), games_(World::count()) {}

void BlackjackWorld::reset(std::span<const std::int32_t> which, float* observations) noexcept {
  for (const std::int32_t index : which) {
    const auto i = static_cast<std::size_t>(index);
    games_[i].deal(stream(i));
    games_[i].observe(observations + 3 * i);
  }
}

void BlackjackWorld::step(std::size_t first, std::size_t last, const WorldStep& step) noexcept {
  for (std::size_t i = first; i < last; ++i) {
    if (step.waiting[i] != 0) continue;
    const StepResult result = games_[i].play(step.actions[i], options_, stream(i));
    games_[i].observe(step.observations + 3 * i);
    step.rewards[i] = result.reward;
    step.terminated[i] = result.terminated;
  }
}

Snapshot BlackjackWorld::save(std::size_t i) const { return {stream(i).state(), games_[i].values()}; }

void BlackjackWorld::load(std::size_t i, const Snapshot& snapshot) {
  load_stream(i, snapshot);
  games_[i] = BlackjackGame::from_values(snapshot.values);
}

}  // namespace handgrad
