#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "envs/observation_transform.h"
#include "envs/registry.h"
#include "rl/dqn.h"
#include "rl/tabular.h"
#include "rl/trainer.h"

namespace handgrad::app {

/// Which environment a run plays, and how many of it side by side.
struct EnvironmentConfig {
  std::string id;
  EnvironmentOptions options;                     ///< by Gymnasium's names
  std::optional<std::int64_t> max_episode_steps;  ///< none: the registry's; -1: no limit
  ObservationKind observation = ObservationKind::raw;
  std::int64_t count = 1;        ///< E, parallel environments of one learner
  bool fast = false;             ///< training computes environments in float; evaluations never do
  int threads = 1;               ///< workers over the environments: no setting, results do not depend on it
  std::int64_t block_steps = 0;  ///< training truncates at every so many steps of an environment's life; 0: it does not
};

/// Everything a run consists of: the same RunConfig gives the same run, to the bit.
struct RunConfig {
  std::string preset;                 ///< the name it goes by: run folders, summaries, pictures
  std::vector<std::string> variants;  ///< of the preset, chosen from left to right: a record, their values are in place
  std::string description;
  std::string algorithm = "dqn";  ///< or a tabular method's name
  std::uint64_t seed = 1;
  std::string backend;  ///< a name for make_backend
  EnvironmentConfig environment;
  DqnConfig dqn;          ///< what algorithm dqn goes by
  TabularConfig tabular;  ///< what the others go by, but for the method, which is `algorithm`
  FeatureSpec features;   ///< of the tabular ones
  TrainerConfig trainer;
  std::int64_t final_evaluation_episodes = 0;  ///< of the last model, after training; 0 before resolving: as many as others
};

/// Whether a table learns, not a network.
inline bool uses_table(const RunConfig& config) { return config.algorithm != "dqn"; }

/// What run folders and progress call it: preset and variants, "cartpole-dqn-tutorial-cpu".
std::string run_name(const RunConfig& config);

}  // namespace handgrad::app
