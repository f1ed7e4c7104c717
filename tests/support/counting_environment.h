#pragma once

#include <cstdint>

#include "envs/checks.h"
#include "envs/environment.h"

namespace handgrad::test {

/// Ends after `length` steps. The observation is 100 · (episodes so far) + steps in this one, the reward the action taken.
class CountingEnvironment : public Environment {
 public:
  explicit CountingEnvironment(int length, std::int64_t actions = 3) : length_(length), action_space_{actions} {}

  const Space& observation_space() const override { return observation_space_; }
  const Discrete& action_space() const override { return action_space_; }

  void reset(std::optional<std::uint64_t> seed, std::span<float> observation) override {
    seeded(stream_, seed, "Counting");
    last_seed_ = seed;
    ++episodes_;
    steps_ = 0;
    observe(observation);
  }

  StepResult step(std::int64_t action, std::span<float> observation) override {
    require_action(action, action_space_, "Counting");
    require_started(stream_, "Counting");
    ++steps_;
    observe(observation);
    return {static_cast<double>(action), steps_ >= length_, false};
  }

  std::optional<std::uint64_t> last_seed() const { return last_seed_; }
  int steps() const { return steps_; }

 private:
  void observe(std::span<float> observation) const { observation[0] = static_cast<float>(100 * episodes_ + steps_); }

  int length_;
  Space observation_space_ = Discrete{10000};
  Discrete action_space_;
  std::optional<Generator> stream_;
  std::optional<std::uint64_t> last_seed_;
  int episodes_ = 0, steps_ = 0;
};

}  // namespace handgrad::test
