#include "mountain_car_world.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "../checks.h"
#include "mountain_car_loops.h"

namespace handgrad {

template <class Number>
MountainCarWorld<Number>::MountainCarWorld(const MountainCarOptions& options, std::int64_t count, InstructionSet set)
    : World(std::make_unique<MountainCar>(options), count),
      goal_velocity_(static_cast<Number>(options.goal_velocity)),
      kernel_(mountain_car_kernels(set).get<Number>()),
      position_(World::count()),
      velocity_(World::count()) {}

template <class Number>
void MountainCarWorld<Number>::reset(std::span<const std::int32_t> which, float* observations) noexcept {
  for (const std::int32_t index : which) {
    const auto i = static_cast<std::size_t>(index);
    position_[i] = static_cast<Number>(stream(i).uniform(MountainCarPhysics::kStartLow, MountainCarPhysics::kStartHigh));
    velocity_[i] = 0;
    observations[2 * i] = static_cast<float>(position_[i]);
    observations[2 * i + 1] = 0;
  }
}

template <class Number>
void MountainCarWorld<Number>::step(std::size_t first, std::size_t last, const WorldStep& step) noexcept {
  std::array<Number, kMountainCarBlock> cosine;
  for (std::size_t i = first; i < last; i += kMountainCarBlock) {
    const std::size_t n = std::min(last - i, kMountainCarBlock);
    if constexpr (std::is_same_v<Number, double>) {
      for (std::size_t k = 0; k < n; ++k) cosine[k] = std::cos(3 * position_[i + k]);
    }
    kernel_({n, &position_[i], &velocity_[i], cosine.data(), step.actions + i, step.observations + 2 * i, step.terminated + i},
            goal_velocity_);
  }
  std::fill(step.rewards + first, step.rewards + last, -1.0);
}

template <class Number>
Snapshot MountainCarWorld<Number>::save(std::size_t i) const {
  return {stream(i).state(), {position_[i], velocity_[i]}};
}

template <class Number>
void MountainCarWorld<Number>::load(std::size_t i, const Snapshot& snapshot) {
  load_stream(i, snapshot);
  require_for_float<Number>(snapshot.values, "MountainCar");
  position_[i] = static_cast<Number>(snapshot.values[0]);
  velocity_[i] = static_cast<Number>(snapshot.values[1]);
}

template class MountainCarWorld<double>;
template class MountainCarWorld<float>;

}  // namespace handgrad
