#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rl/evaluation.h"
#include "rl/many_agents.h"

namespace handgrad::app {

/// What came of many agents that were trained at once: summary.json of their folder.
struct AgentsSummary {
  /// One that stands for the others: the best of them, or the one in the middle.
  struct Chosen {
    std::size_t agent = 0;
    std::optional<ReturnStatistics> evaluation;  ///< of its last model; none if the training was interrupted
  };

  std::string preset, environment, algorithm;
  std::vector<std::string> variants;
  std::string backend;
  int threads = 1;             ///< of the host
  std::int64_t env_steps = 0;  ///< of each agent
  double wall_seconds = 0;     ///< from the beginning, set-up and final evaluations included
  double training_seconds = 0;
  std::optional<double> threshold;  ///< the environment's, for "solved"
  std::vector<AgentReport> agents;
  Chosen best, median;
  bool interrupted = false;

  double agent_steps_per_second() const;
  /// Of agents that have finished an episode, their mean returns; and of those that are solved, the step at which.
  std::vector<double> mean_returns() const;
  std::vector<double> solved_at_env_steps() const;
};

/// The agents from the best to the worst, by the mean return of their last 100 episodes; the lower seed first among equals.
/// Those without an episode come last.
std::vector<std::size_t> ranking(const std::vector<AgentReport>& agents);

/// One JSON object; null where a figure does not exist. indent -1: on one line. Agents are in agents.csv: of them it has what
/// they come to together.
std::string to_json(const AgentsSummary& summary, int indent = -1);

/// The same as lines to read.
std::string to_lines(const AgentsSummary& summary);

}  // namespace handgrad::app
