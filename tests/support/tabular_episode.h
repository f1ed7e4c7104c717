#pragma once

#include <vector>

#include "envs/environment.h"

namespace handgrad::test {

struct TabularStep {
  int state;
  double reward;
  bool terminated;
  bool operator==(const TabularStep&) const = default;
};

/// Resets with seed 42 and takes action (step index mod number of actions) again and again, past every end.
inline std::vector<TabularStep> take_actions_in_turn(Environment& environment, int steps) {
  std::vector<float> observation(1);
  environment.reset(42, observation);
  std::vector<TabularStep> taken{{static_cast<int>(observation[0]), 0.0, false}};
  for (int t = 0; t < steps; ++t) {
    const StepResult result = environment.step(t % environment.action_space().n, observation);
    taken.push_back({static_cast<int>(observation[0]), result.reward, result.terminated});
  }
  return taken;
}

inline std::vector<int> states(const std::vector<TabularStep>& taken) {
  std::vector<int> visited;
  for (const TabularStep& step : taken) visited.push_back(step.state);
  return visited;
}

}  // namespace handgrad::test
