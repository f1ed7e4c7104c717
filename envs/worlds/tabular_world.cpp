#include "tabular_world.h"

namespace handgrad {

TabularWorld::TabularWorld(std::unique_ptr<TabularEnvironment> single, std::int64_t count)
    : World(std::move(single), count),
      table_(static_cast<const TabularEnvironment&>(World::single())),
      states_(World::count()),
      last_actions_(World::count()),
      probabilities_(World::count()) {}

void TabularWorld::reset(std::span<const std::int32_t> which, float* observations) noexcept {
  for (const std::int32_t index : which) {
    const auto i = static_cast<std::size_t>(index);
    set_state(i, table_.start_for(stream(i).random()), observations);
    last_actions_[i] = -1;
    probabilities_[i] = 1.0;
  }
}

void TabularWorld::step(std::size_t first, std::size_t last, const WorldStep& step) noexcept {
  for (std::size_t i = first; i < last; ++i) {
    if (step.waiting[i] != 0) continue;
    const TabularEnvironment::Outcome& outcome = table_.outcome_for(states_[i], step.actions[i], stream(i).random());
    set_state(i, outcome.next_state, step.observations);
    last_actions_[i] = step.actions[i];
    probabilities_[i] = outcome.probability;
    step.rewards[i] = outcome.reward;
    step.terminated[i] = outcome.terminated;
  }
}

void TabularWorld::check_allowed(std::span<const std::int32_t> actions, std::span<const std::uint8_t> waiting) const {
  if (table_.legal_actions().empty()) return;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (waiting[i] == 0) table_.require_legal(states_[i], actions[i]);
  }
}

Snapshot TabularWorld::save(std::size_t i) const {
  return {stream(i).state(), {static_cast<double>(states_[i]), static_cast<double>(last_actions_[i]), probabilities_[i]}};
}

void TabularWorld::load(std::size_t i, const Snapshot& snapshot) {
  load_stream(i, snapshot);
  states_[i] = static_cast<std::int32_t>(snapshot.values[0]);
  last_actions_[i] = static_cast<std::int32_t>(snapshot.values[1]);
  probabilities_[i] = snapshot.values[2];
}

}  // namespace handgrad
