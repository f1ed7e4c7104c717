#pragma once

#include <memory>
#include <string>
#include <vector>

#include "envs/environment.h"

namespace handgrad::app {

/// An environment by its id and its own option names, and max_episode_steps, as `gym.make` has it: "map_name=8x8". Throws
/// UsageError for an id, an option or a value that does not exist, with the nearest one.
std::unique_ptr<Environment> make_environment(const std::string& id, const std::vector<std::string>& set);

}  // namespace handgrad::app
