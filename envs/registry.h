#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "environment.h"
#include "options.h"
#include "vector_environment.h"
#include "world.h"

namespace handgrad {

/// How several environments are stepped together.
struct VectorSettings {
  AutoresetMode mode = AutoresetMode::next_step;
  bool fast = false;  ///< in float, for training: close to Gymnasium's numbers at each step, not equal (see envs/README.md)
  int threads = 1;    ///< workers over the environments: see WorldEnvironmentSettings
  std::optional<std::int64_t> max_episode_steps = {};  ///< none: the registry's; -1: no limit; n > 0: that
};

/// What is known of an environment before one is made.
struct EnvironmentSpec {
  std::string id;                                                               ///< Gymnasium's, with version: "CartPole-v1"
  std::function<std::unique_ptr<Environment>(const EnvironmentOptions&)> make;  ///< without time limit
  /// Environments side by side with the same options; none: `make` is called for each.
  std::function<std::unique_ptr<World>(const EnvironmentOptions&, std::int64_t count)> make_world = {};
  /// The same in float, if there is such a thing.
  std::function<std::unique_ptr<World>(const EnvironmentOptions&, std::int64_t count)> make_fast_world = {};
  std::vector<std::string> option_names = {};                    ///< what `make` understands
  EnvironmentOptions defaults = {};                              ///< registry defaults, overridden by the caller's
  std::optional<std::int64_t> max_episode_steps = std::nullopt;  ///< TimeLimit
  std::optional<double> reward_threshold = std::nullopt;         ///< mean return at which it counts as solved
  std::string description = {};                                  ///< a line
};

/// Environments by id. A plain value: fill one with Gymnasium's, add your own, hand it on.
class Registry {
 public:
  /// Every environment of this library (gymnasium_ids.cpp), under Gymnasium's ids; and Rooms-v0, which is handgrad's own.
  static Registry gymnasium();

  /// Throws Error if the id is taken, is not of the form Name-vN, or if nothing makes it.
  void add(EnvironmentSpec spec);

  /// An id without version means the newest. Throws Error for a name that is not there (with the nearest id), for a version
  /// that is not there (with those that are), and for a missing version older than the newest: it is retired, as Gymnasium has
  /// retired FrozenLake-v0, and the newest one is its successor.
  const EnvironmentSpec& find(const std::string& id) const;

  /// max_episode_steps: nullopt is the registry's, -1 none, n > 0 that. Throws Error for another limit and for options that
  /// are unknown, of the wrong type or out of range.
  std::unique_ptr<Environment> make(const std::string& id, const EnvironmentOptions& options = {},
                                    std::optional<std::int64_t> max_episode_steps = {}) const;

  /// `count` environments that are stepped together. Without `fast` they do to the last bit what a SyncVectorEnvironment of
  /// make(id, options, max_episode_steps) does, snapshots included, whichever class they are. Throws Error as make does, and
  /// for `fast` where an environment has no such mode.
  std::unique_ptr<VectorEnvironment> make_vector(const std::string& id, const EnvironmentOptions& options, std::int64_t count,
                                                 const VectorSettings& settings = {}) const;

  /// In order of registration.
  const std::vector<EnvironmentSpec>& list() const { return specs_; }

 private:
  std::vector<EnvironmentSpec> specs_;
};

}  // namespace handgrad
