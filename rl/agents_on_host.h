#pragma once

#include <memory>
#include <span>
#include <vector>

#include "agent_history.h"
#include "many_agents.h"
#include "replay_ring.h"
#include "schedule.h"
#include "worker_team.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// Where the rows of one batch of every agent are written, B an agent.
struct AgentsBatch {
  std::span<std::int32_t> rows;     ///< [K, 2, B] rows of observations in the agent's replay memory, then of the next ones
  std::span<std::int32_t> actions;  ///< [K, B]
  std::span<Real> rewards;          ///< [K, B]
  std::span<Real> discounts;        ///< [K, B]
};

/// Where new observations are written on their way to the agents' replay memories.
struct AgentsArrival {
  std::span<float> observations;  ///< [K, 2, D] the latest, then the final one of an episode that has just ended
  std::span<std::int32_t> rows;   ///< [K, 2] where in the agent's replay memory each belongs; ReplayRing::kNone: nowhere
};

/// What K agents that step and learn together have on the host, while networks and observations are on a device: the
/// environments, the random streams, what replay knows besides observations, and the histories.
///
/// All agents learn in the same steps. So n-step returns, whose first are there sooner or later, need a start that is late
/// enough for everyone. Nothing is allocated after construction.
class AgentsOnHost {
 public:
  /// Throws Error as validate(spec) does, and for a start of learning that agents may reach at different times.
  explicit AgentsOnHost(const ManyAgentsSpec& spec);

  std::int64_t agents() const { return static_cast<std::int64_t>(agents_.size()); }
  std::int64_t observation_size() const { return environments_->observation_size(); }
  std::int64_t actions() const { return environments_->action_space().n; }
  std::int64_t env_steps() const { return env_steps_; }
  /// Rows of observations that each agent's replay memory needs.
  std::int64_t replay_rows() const { return agents_.front().replay.rows(); }

  /// The first observations, and their places.
  void start(const AgentsArrival& arrival);

  /// Each agent decides whether to explore. Returns whether anyone does not: then finish_choice has to follow, with the best
  /// action [K] of each.
  bool choose();
  void finish_choice(std::span<const std::int32_t> best);

  /// The environments make a step with what was chosen.
  void step(const AgentsArrival& arrival);

  /// Whether there is a batch for everyone.
  bool has_batch() const { return agents_.front().replay.size() >= batch_size_; }
  /// Draws a batch for everyone.
  void sample(const AgentsBatch& batch);

  AgentReport report(std::size_t agent, std::int64_t train_steps, std::optional<double> loss) const {
    return agents_[agent].history.report(train_steps, loss);
  }

 private:
  struct Agent {
    Generator exploration, sampling;
    RunningSchedule epsilon;
    ReplayRing replay;
    AgentHistory history;
  };

  template <class Work>
  void for_each_agent(const Work& work);
  void deliver(std::size_t k, const AgentsArrival& arrival, std::span<const float> observations,
               std::span<const float> finals);

  std::unique_ptr<VectorEnvironment> environments_;
  std::vector<Agent> agents_;
  std::vector<std::int32_t> chosen_;     // [K]
  std::span<const float> observations_;  // [K, D] the environments' own
  std::int64_t batch_size_, env_steps_ = 0;
  WorkerTeam team_;
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
