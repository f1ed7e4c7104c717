#pragma once

#include <string>
#include <vector>

#include "app/plots/picture.h"
#include "envs/frozen_lake.h"

namespace handgrad::app {

// What the demos on FrozenLake share. Their lake is the small one that is not slippery, unless they say otherwise.

constexpr std::size_t kLakeActions = 4;
extern const std::vector<std::string> kLakeActionNames;  ///< left, down, right, up

/// A map from above, the agent's cell in brackets.
std::string lake_frame(const FrozenLake& lake, std::int64_t agent, const std::string& indent = "");

/// Whether something can still happen in a state: it is no hole and not the goal.
bool is_live(const FrozenLake& lake, std::size_t state);

/// The best action values [S·A] by planning.
std::vector<double> exact_action_values(const FrozenLake& lake, double gamma);

/// Rows of action values as a table, live states only.
std::string action_value_table(const FrozenLake& lake, const std::vector<double>& q);

/// States from the start, always taking the best action (the lowest among equals), until the end or for `most` steps.
std::vector<std::int64_t> greedy_walk(const FrozenLake& lake, const std::vector<double>& q, std::int64_t most = 100);

/// Whether the walk ends on the goal.
bool reaches_goal(const FrozenLake& lake, const std::vector<std::int64_t>& walk);

QPlot q_plot(const std::string& title, const FrozenLake& lake, const std::vector<double>& q);

}  // namespace handgrad::app
