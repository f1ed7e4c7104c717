#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/backend.h"
#include "rl/dqn_config.h"

namespace handgrad {

/// Train steps of the shapes and choices of well-known programs, and one of odd shapes.
std::map<std::string, DqnConfig> train_step_trials();

struct Trained {
  std::vector<Real> parameters;
  double loss = 0;
};

/// What a number of train steps lead to, each on a batch of its own.
Trained train(Backend& backend, const DqnConfig& config, int steps);

}  // namespace handgrad
