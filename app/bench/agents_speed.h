#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rl/many_agents.h"

namespace handgrad::app {

/// The agents that are measured: CartPole-v1, 4-64-64-2, batches of 64 of 10,000 transitions, Adam 1e-3, ε = 0.1, a train step
/// with every environment step, a hard target update every 100th.
ManyAgentsSpec measured_agents(std::int64_t agents, int threads);

struct AgentsSpeed {
  std::int64_t agents;
  double steps_per_second;  ///< environment steps, a train step with each, of all agents together
  std::int64_t steps;       ///< of each agent, that were timed
};

/// Trains them on that backend (see make_many_agents), once they have begun to learn, for about `seconds` or for one step.
AgentsSpeed time_agents(std::int64_t agents, int threads, const std::string& backend, double seconds);

}  // namespace handgrad::app
