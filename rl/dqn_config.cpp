#include "dqn_config.h"

#include <cmath>

#include "../core/error.h"

namespace handgrad::inline HANDGRAD_PRECISION {

void validate(const DqnConfig& config) {
  const auto at_least_one = [](const char* field, std::int64_t value) {
    require(value >= 1, field, " has to be at least 1, got ", value);
  };
  for (const std::int64_t width : config.hidden) at_least_one("every hidden width", width);
  at_least_one("n_step", config.n_step);
  at_least_one("batch_size", config.batch_size);
  at_least_one("replay_capacity", config.replay_capacity);
  at_least_one("train_frequency", config.train_frequency);
  at_least_one("gradient_steps", config.gradient_steps);
  at_least_one("target.every", config.target.every);
  require(config.target.phase >= 0 && config.target.phase < config.target.every,
          "target.phase has to be in [0, target.every = ", config.target.every, "), got ", config.target.phase);
  require(config.learning_starts >= 0, "learning_starts has to be at least 0, got ", config.learning_starts);
  require(config.gamma >= 0 && config.gamma <= 1, "gamma has to be in [0, 1], got ", config.gamma);
  require(config.target.tau > 0 && config.target.tau <= 1, "target.tau has to be in (0, 1], got ", config.target.tau);
  require(std::isfinite(config.clipping.limit) && config.clipping.limit > 0, "clip.limit has to be positive and finite, got ",
          config.clipping.limit);
  require(config.replay_capacity >= config.batch_size, "the replay capacity, ", config.replay_capacity,
          ", is smaller than a batch, ", config.batch_size, ": learning would never start");
  validate(config.optimizer);
  validate(config.epsilon, "epsilon", 0, 1);
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
