#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/bench/stopwatch.h"

namespace handgrad::app {

/// Environment steps a second, counted over all environments.
struct EnvironmentSpeed {
  double single;                      ///< one environment behind its interface
  double vector_exact;                ///< several behind the vector interface, with the single environment's numbers
  std::optional<double> vector_fast;  ///< the same in float, where there is such a mode
};

/// Environments of one kind that are timed in rounds: actions are drawn beforehand, ended episodes are reset.
class EnvironmentTimer {
 public:
  static constexpr std::int64_t kEnvironments = 1024;  ///< behind the vector interface

  explicit EnvironmentTimer(const std::string& id);

  void round();
  EnvironmentSpeed speed() const;

 private:
  Stopwatch single_, vector_exact_;
  std::optional<Stopwatch> vector_fast_;
};

}  // namespace handgrad::app
