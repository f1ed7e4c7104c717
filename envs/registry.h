#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "environment.h"

namespace handgrad {

/// Constructor arguments by Gymnasium's names, such as {"map_name", "8x8"} or {"reward_schedule", {7.0, -3.0, -1.0}}.
using OptionValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>, std::vector<double>>;
using EnvironmentOptions = std::map<std::string, OptionValue>;

/// What is known of an environment before one is made.
struct EnvironmentSpec {
  std::string id;  ///< Gymnasium's, with version: "CartPole-v1"
  std::function<std::unique_ptr<Environment>(const EnvironmentOptions&)> make;  ///< without time limit
  std::vector<std::string> option_names;                 ///< what `make` understands
  EnvironmentOptions defaults;                           ///< registry defaults, overridden by the caller's
  std::optional<std::int64_t> max_episode_steps;         ///< TimeLimit
  std::optional<double> reward_threshold;                ///< mean return at which it counts as solved
  std::string description;                               ///< a line
};

/// Environments by id. A plain value: fill one with Gymnasium's, add your own, hand it on.
class Registry {
 public:
  /// Every environment of this library under Gymnasium's ids.
  static Registry gymnasium();

  /// Throws Error if the id is taken.
  void add(EnvironmentSpec spec);

  /// An id without version means the newest. Throws Error with the nearest id if there is none, and names the successor of
  /// an id that Gymnasium has retired.
  const EnvironmentSpec& find(const std::string& id) const;

  /// max_episode_steps: nullopt is the registry's, -1 none, n > 0 that. Throws Error for unknown or wrong options.
  std::unique_ptr<Environment> make(const std::string& id, const EnvironmentOptions& options = {},
                                    std::optional<std::int64_t> max_episode_steps = {}) const;

  /// In order of registration.
  const std::vector<EnvironmentSpec>& list() const { return specs_; }

 private:
  std::vector<EnvironmentSpec> specs_;
};

}  // namespace handgrad
