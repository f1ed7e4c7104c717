#pragma once

#include <functional>
#include <memory>

#include "app/watch/moment.h"
#include "envs/environment.h"

namespace handgrad::app {

/// Who chooses the actions.
struct Agent {
  std::string name;
  std::function<void(std::uint64_t seed)> begin;                     ///< before an episode whose environment has this seed
  std::function<Choice(std::span<const float> observation)> choose;  ///< for each observation that an action follows
};

/// Every action that is allowed with the same probability. An episode's choices come from its seed alone, so each episode can
/// be played again. The environment has to outlive the agent.
Agent random_agent(const Environment& environment);

/// Plays episode after episode, a step at a time: episode i is played in an environment reset with seed + i, from 0, as an
/// evaluation does. The same seed gives the same moments.
class Player {
 public:
  /// `name`: what the environment is called. Begins with the first episode.
  Player(std::string name, std::unique_ptr<Environment> environment, Agent agent, std::uint64_t seed);

  const Moment& now() const { return now_; }
  bool over() const { return now_.ending != Ending::none; }
  /// What the agent has chosen, and then its next choice. Only while the episode is not over.
  void step();
  void next_episode();
  /// This episode from its beginning.
  void restart();
  std::uint64_t episode_seed() const { return seed_ + static_cast<std::uint64_t>(now_.episode - 1); }

 private:
  void begin();
  void look();

  std::unique_ptr<Environment> environment_;
  Agent agent_;
  std::uint64_t seed_;
  Moment now_;
};

}  // namespace handgrad::app
