#pragma once

#include "many_agents.h"
#include "recent_returns.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// The episodes of one of many agents, and what a report says of them.
class AgentHistory {
 public:
  AgentHistory(std::uint64_t seed, std::optional<double> solved_threshold) : seed_(seed), threshold_(solved_threshold) {}

  /// What the agent's environment step number env_step, counted from 1, led to.
  void add(double reward, bool ended, std::int64_t env_step) {
    return_ += reward;
    if (!ended) return;
    ++episodes_;
    recent_.add(return_);
    return_ = 0;
    if (threshold_ && !solved_at_ && recent_.full() && *recent_.mean() >= *threshold_) solved_at_ = env_step;
  }

  std::int64_t episodes() const { return episodes_; }

  AgentReport report(std::int64_t train_steps, std::optional<double> loss) const {
    return {seed_, episodes_, train_steps, recent_.mean(), loss, solved_at_};
  }

 private:
  std::uint64_t seed_;
  std::optional<double> threshold_;
  std::int64_t episodes_ = 0;
  double return_ = 0;  // of the episode that goes on
  RecentReturns recent_;
  std::optional<std::int64_t> solved_at_;
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
