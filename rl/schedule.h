#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

namespace handgrad {

/// A value that changes while a run goes on, such as the exploration rate. n counts from 0, in environment steps or finished
/// episodes:
///   constant     start
///   linear       end + (start - end) · max(0, 1 - n/span)
///   exponential  end + (start - end) · exp(-n/span)
/// and the floor where that is larger: max(floor, ...).
struct Schedule {
  enum class Kind { constant, linear, exponential };
  enum class Unit { step, episode };
  /// When a program that keeps the value in a variable computes it anew: before each step or episode, with the count as it
  /// is; after each, with the count as it was before (so one behind, n - 1, and 0 at first); or never, and n stays 0.
  enum class Call { current, lagged, never };

  Kind kind = Kind::constant;
  double start = 0.1;
  double end = 0.1;   ///< unused by constant
  double span = 1.0;  ///< in units, > 0; unused by constant
  Unit unit = Unit::step;
  Call call = Call::current;
  double floor = -std::numeric_limits<double>::infinity();  ///< none

  /// The value after n whole units. Throws Error unless n >= 0.
  double at(std::int64_t n) const;
  /// The value at the given point of a run.
  double at(std::int64_t steps, std::int64_t episodes) const { return at(count(steps, episodes)); }
  /// The n that holds there, by unit and call.
  std::int64_t count(std::int64_t steps, std::int64_t episodes) const;
};

/// A schedule that remembers its last value, so that one that counts episodes is computed once an episode.
class RunningSchedule {
 public:
  explicit RunningSchedule(const Schedule& schedule) : schedule_(schedule) {}
  double at(std::int64_t steps, std::int64_t episodes) {
    const std::int64_t n = schedule_.count(steps, episodes);
    if (n != n_ && (n_ < 0 || schedule_.kind != Schedule::Kind::constant)) {
      value_ = schedule_.at(n);
      n_ = n;
    }
    return value_;
  }

 private:
  Schedule schedule_;
  std::int64_t n_ = -1;
  double value_ = 0.0;
};

/// Throws Error, beginning with `name` ("epsilon"), unless the numbers that the schedule's kind uses are finite, span > 0,
/// and lowest <= start, end <= highest, also for the floor if there is one. Between its ends a schedule stays within them.
void validate(const Schedule& schedule, std::string_view name, double lowest = -std::numeric_limits<double>::infinity(),
              double highest = std::numeric_limits<double>::infinity());

}  // namespace handgrad
