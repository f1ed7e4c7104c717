#include "cartpole_world.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "../checks.h"
#include "cartpole_loops.h"

namespace handgrad {

template <class Number>
CartPoleWorld<Number>::CartPoleWorld(const CartPoleOptions& options, std::int64_t count, InstructionSet set)
    : World(std::make_unique<CartPole>(options), count), options_(options), kernel_(cartpole_kernels(set).get<Number>()) {
  for (auto* array : {&x_, &velocity_, &angle_, &angular_velocity_}) array->resize(World::count());
  fallen_.resize(World::count());
}

template <class Number>
void CartPoleWorld<Number>::reset(std::span<const std::int32_t> which, float* observations) noexcept {
  constexpr double kStart = CartPolePhysics::kStart;
  for (const std::int32_t index : which) {
    const auto i = static_cast<std::size_t>(index);
    float* observation = observations + 4 * i;
    for (Number* value : {&x_[i], &velocity_[i], &angle_[i], &angular_velocity_[i]}) {
      *value = static_cast<Number>(stream(i).uniform(-kStart, kStart));
      *observation++ = static_cast<float>(*value);
    }
    fallen_[i] = 0;
  }
}

template <class Number>
void CartPoleWorld<Number>::step(std::size_t first, std::size_t last, const WorldStep& step) noexcept {
  std::array<Number, kCartPoleBlock> cosine, sine;
  for (std::size_t i = first; i < last; i += kCartPoleBlock) {
    const std::size_t n = std::min(last - i, kCartPoleBlock);
    if constexpr (std::is_same_v<Number, double>) {
      for (std::size_t k = 0; k < n; ++k) {
        const double angle = angle_[i + k];  // one call of the C library gives both
        cosine[k] = std::cos(angle);
        sine[k] = std::sin(angle);
      }
    }
    kernel_({n, &x_[i], &velocity_[i], &angle_[i], &angular_velocity_[i], cosine.data(), sine.data(), step.actions + i,
             step.observations + 4 * i, step.terminated + i},
            options_.integrator == CartPoleOptions::Integrator::semi_implicit);
  }
  std::copy(step.terminated + first, step.terminated + last, fallen_.begin() + static_cast<std::ptrdiff_t>(first));
  if (options_.sutton_barto_reward) {
    for (std::size_t i = first; i < last; ++i) step.rewards[i] = step.terminated[i] != 0 ? -1.0 : 0.0;
  } else {
    std::fill(step.rewards + first, step.rewards + last, 1.0);
  }
}

template <class Number>
Snapshot CartPoleWorld<Number>::save(std::size_t i) const {
  return {stream(i).state(), {x_[i], velocity_[i], angle_[i], angular_velocity_[i], fallen_[i] != 0 ? 1.0 : 0.0}};
}

template <class Number>
void CartPoleWorld<Number>::load(std::size_t i, const Snapshot& snapshot) {
  load_stream(i, snapshot);
  require_for_float<Number>(snapshot.values, "CartPole");
  x_[i] = static_cast<Number>(snapshot.values[0]);
  velocity_[i] = static_cast<Number>(snapshot.values[1]);
  angle_[i] = static_cast<Number>(snapshot.values[2]);
  angular_velocity_[i] = static_cast<Number>(snapshot.values[3]);
  fallen_[i] = snapshot.values[4] != 0.0;
}

template class CartPoleWorld<double>;
template class CartPoleWorld<float>;

}  // namespace handgrad
