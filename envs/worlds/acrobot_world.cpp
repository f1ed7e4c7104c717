#include "acrobot_world.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "../acrobot_exact.h"
#include "../acrobot_physics.h"

namespace handgrad {
namespace {

constexpr std::size_t kBlock = 64;

/// Speeds up to which a step in float is good enough [rad/s].
constexpr float kTame1 = 6.0f, kTame2 = 12.0f;

/// As Gymnasium draws and keeps it: rounded to float32.
AcrobotState<double> start(Generator& stream) {
  const auto draw = [&] { return static_cast<float>(stream.uniform(-AcrobotPhysics::kStart, AcrobotPhysics::kStart)); };
  const float angle1 = draw(), angle2 = draw(), velocity1 = draw(), velocity2 = draw();
  return {angle1, angle2, velocity1, velocity2};
}

double torque_of(std::int32_t action) { return static_cast<double>(action) - 1.0; }

bool is_book(const AcrobotOptions& options) { return options.dynamics == AcrobotOptions::Dynamics::book; }

}  // namespace

AcrobotWorld::AcrobotWorld(const AcrobotOptions& options, std::int64_t count)
    : World(std::make_unique<Acrobot>(options), count), options_(options), states_(World::count()) {}

void AcrobotWorld::reset(std::span<const std::int32_t> which, float* observations) noexcept {
  for (const std::int32_t index : which) {
    const auto i = static_cast<std::size_t>(index);
    states_[i] = start(stream(i));
    observe_acrobot_start(states_[i], observations + 6 * i);
  }
}

void AcrobotWorld::step(std::size_t first, std::size_t last, const WorldStep& step) noexcept {
  const double noise = options_.torque_noise_max;
  for (std::size_t i = first; i < last; ++i) {
    if (step.waiting[i] != 0) continue;
    double torque = torque_of(step.actions[i]);
    if (noise > 0.0) torque += stream(i).uniform(-noise, noise);
    move_acrobot(states_[i], torque, is_book(options_));
    observe_acrobot(states_[i], step.observations + 6 * i);
    step.terminated[i] = acrobot_is_up(states_[i]);
    step.rewards[i] = step.terminated[i] != 0 ? 0.0 : -1.0;
  }
}

Snapshot AcrobotWorld::save(std::size_t i) const {
  const AcrobotState<double>& s = states_[i];
  return {stream(i).state(), {s.angle1, s.angle2, s.velocity1, s.velocity2}};
}

void AcrobotWorld::load(std::size_t i, const Snapshot& snapshot) {
  load_stream(i, snapshot);
  states_[i] = {snapshot.values[0], snapshot.values[1], snapshot.values[2], snapshot.values[3]};
}

FastAcrobotWorld::FastAcrobotWorld(const AcrobotOptions& options, std::int64_t count, InstructionSet set)
    : World(std::make_unique<Acrobot>(options), count), options_(options), kernel_(acrobot_kernel(set)) {
  for (auto* array : {&angle1_, &angle2_, &velocity1_, &velocity2_}) array->resize(World::count());
}

void FastAcrobotWorld::reset(std::span<const std::int32_t> which, float* observations) noexcept {
  for (const std::int32_t index : which) {
    const auto i = static_cast<std::size_t>(index);
    const AcrobotState<double> begin = start(stream(i));
    keep(i, begin);
    observe_acrobot_start(begin, observations + 6 * i);
  }
}

void FastAcrobotWorld::step(std::size_t first, std::size_t last, const WorldStep& step) noexcept {
  const double noise = options_.torque_noise_max;
  std::array<float, kBlock> torques;
  for (std::size_t i = first; i < last; i += kBlock) {
    const std::size_t n = std::min(last - i, kBlock);
    for (std::size_t k = 0; k < n; ++k) torques[k] = static_cast<float>(torque_of(step.actions[i + k]));
    if (noise > 0.0) {
      for (std::size_t k = 0; k < n; ++k) {
        if (step.waiting[i + k] == 0) torques[k] += static_cast<float>(stream(i + k).uniform(-noise, noise));
      }
    }
    step_block(i, n, torques.data(), step);
  }
  for (std::size_t i = first; i < last; ++i) step.rewards[i] = step.terminated[i] != 0 ? 0.0 : -1.0;
}

void FastAcrobotWorld::step_block(std::size_t first, std::size_t n, const float* torques, const WorldStep& step) noexcept {
  struct Wild {
    std::size_t k;
    AcrobotState<double> state;
  };
  std::array<Wild, kBlock> wild;
  std::size_t listed = 0;
  for (std::size_t k = 0; k < n; ++k) {
    const std::size_t i = first + k;
    if (std::abs(velocity1_[i]) > kTame1 || std::abs(velocity2_[i]) > kTame2) {
      wild[listed++] = {k, {angle1_[i], angle2_[i], velocity1_[i], velocity2_[i]}};
    }
  }
  kernel_({n, &angle1_[first], &angle2_[first], &velocity1_[first], &velocity2_[first], torques, step.observations + 6 * first,
           step.terminated + first},
          is_book(options_));
  for (std::size_t w = 0; w < listed; ++w) {
    const std::size_t i = first + wild[w].k;
    AcrobotState<double> state = wild[w].state;
    move_acrobot(state, torques[wild[w].k], is_book(options_));
    observe_acrobot(state, step.observations + 6 * i);
    step.terminated[i] = acrobot_is_up(state);
    keep(i, state);
  }
}

void FastAcrobotWorld::keep(std::size_t i, const AcrobotState<double>& state) noexcept {
  angle1_[i] = static_cast<float>(state.angle1);
  angle2_[i] = static_cast<float>(state.angle2);
  velocity1_[i] = static_cast<float>(state.velocity1);
  velocity2_[i] = static_cast<float>(state.velocity2);
}

Snapshot FastAcrobotWorld::save(std::size_t i) const {
  return {stream(i).state(), {angle1_[i], angle2_[i], velocity1_[i], velocity2_[i]}};
}

void FastAcrobotWorld::load(std::size_t i, const Snapshot& snapshot) {
  load_stream(i, snapshot);
  keep(i, {snapshot.values[0], snapshot.values[1], snapshot.values[2], snapshot.values[3]});
}

}  // namespace handgrad
