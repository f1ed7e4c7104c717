#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/watch/scene.h"

namespace handgrad::app {

/// What an agent would do: an action, and what it thinks of each (empty if it does not think).
struct Choice {
  std::int64_t action = 0;
  std::vector<double> values = {};  ///< [A]
};

enum class Ending { none, terminated, truncated };

/// All there is to see after one step, or after a reset.
struct Moment {
  std::string environment, agent;  ///< "CartPole-v1", "cartpole, last"
  std::optional<Scene> scene = {};
  std::string text = {};  ///< the environment's own picture in text; may be empty
  std::vector<float> observation = {};
  std::int64_t episode = 1;                      ///< counted from 1
  std::int64_t step = 0;                         ///< 0 after a reset
  std::optional<std::int64_t> last_action = {};  ///< what has led here
  double reward = 0, episode_return = 0;
  Ending ending = Ending::none;
  std::int64_t actions = 0;                ///< A
  std::optional<Choice> choice = {};       ///< what comes next; none at the end
  double least_value = 0, most_value = 0;  ///< of all Q-values so far and 0: the scale of their bars
};

/// "step", "12" and so on: what is written beside a picture, in the terminal or in the picture itself.
std::vector<std::pair<std::string, std::string>> facts(const Moment& moment);

/// "terminated", "stopped: time limit" or "".
std::string ending_text(Ending ending);

}  // namespace handgrad::app
