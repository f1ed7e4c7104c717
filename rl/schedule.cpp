#include "schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../core/error.h"

namespace handgrad {

double Schedule::at(std::int64_t n) const {
  require(n >= 0, "a schedule begins at 0; there is no value at ", n);
  const double fraction = static_cast<double>(n) / span;
  switch (kind) {
    case Kind::constant: return std::max(floor, start);
    case Kind::linear: return std::max(floor, end + (start - end) * std::max(0.0, 1.0 - fraction));
    case Kind::exponential: return std::max(floor, end + (start - end) * std::exp(-fraction));
  }
  fail("there is no schedule of kind number ", static_cast<int>(kind));
}

std::int64_t Schedule::count(std::int64_t steps, std::int64_t episodes) const {
  const std::int64_t n = unit == Unit::step ? steps : episodes;
  switch (call) {
    case Call::current: return n;
    case Call::lagged: return std::max<std::int64_t>(0, n - 1);
    case Call::never: return 0;
  }
  fail("there is no call of kind number ", static_cast<int>(call));
}

void validate(const Schedule& schedule, std::string_view name, double lowest, double highest) {
  const auto check = [&](std::string_view end, double value) {
    require(std::isfinite(value), name, ": ", end, " must be a finite number, found ", value);
    require(value >= lowest && value <= highest, name, ": ", end, " must be in [", lowest, ", ", highest, "], found ", value);
  };
  check("start", schedule.start);
  if (schedule.floor != -std::numeric_limits<double>::infinity()) check("floor", schedule.floor);
  if (schedule.kind == Schedule::Kind::constant) return;
  check("end", schedule.end);
  require(std::isfinite(schedule.span) && schedule.span > 0.0, name, ": span must be a finite number of ",
          schedule.unit == Schedule::Unit::step ? "steps" : "episodes", " above 0, found ", schedule.span);
}

}  // namespace handgrad
