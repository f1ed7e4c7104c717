#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "environment.h"
#include "options.h"

namespace handgrad {

/// What is known of an environment before one is made.
struct EnvironmentSpec {
  std::string id;                                                               ///< Gymnasium's, with version: "CartPole-v1"
  std::function<std::unique_ptr<Environment>(const EnvironmentOptions&)> make;  ///< without time limit
  std::vector<std::string> option_names = {};                                   ///< what `make` understands
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

  /// In order of registration.
  const std::vector<EnvironmentSpec>& list() const { return specs_; }

 private:
  std::vector<EnvironmentSpec> specs_;
};

}  // namespace handgrad
