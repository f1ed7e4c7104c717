#include "taxi_world.h"

namespace handgrad {

TaxiWorld::TaxiWorld(const TaxiOptions& options, std::int64_t count)
    : TabularWorld(std::make_unique<Taxi>(options), count), options_(options), fickle_now_(World::count()) {}

void TaxiWorld::reset(std::span<const std::int32_t> which, float* observations) noexcept {
  TabularWorld::reset(which, observations);
  for (const std::int32_t index : which) {
    const auto i = static_cast<std::size_t>(index);
    fickle_now_[i] = Taxi::draw_fickle(options_, stream(i));
  }
}

void TaxiWorld::step(std::size_t first, std::size_t last, const WorldStep& step) noexcept {
  if (!options_.fickle_passenger) return TabularWorld::step(first, last, step);
  for (std::size_t i = first; i < last; ++i) {
    const std::int64_t before = state(i);
    TabularWorld::step(i, i + 1, step);
    if (fickle_now_[i] == 0 || step.waiting[i] != 0) continue;
    std::int64_t after = state(i);
    if (!Taxi::change_mind(before, after, stream(i))) continue;
    fickle_now_[i] = 0;
    set_state(i, after, step.observations);
  }
}

Snapshot TaxiWorld::save(std::size_t i) const {
  Snapshot snapshot = TabularWorld::save(i);
  snapshot.values.push_back(fickle_now_[i]);
  return snapshot;
}

void TaxiWorld::load(std::size_t i, const Snapshot& snapshot) {
  TabularWorld::load(i, snapshot);
  fickle_now_[i] = snapshot.values.back() != 0.0;
}

}  // namespace handgrad
