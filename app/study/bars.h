#pragma once

#include "app/study/results.h"

namespace handgrad::app {

/// Whether the runs bear a statement out.
struct BarOutcome {
  std::string text;
  std::string measured;     ///< in words: "17 of 20 seeds", "median 195 against 65"
  std::optional<bool> met;  ///< none: not measured, there are fewer seeds than it is stated for
};

/// One outcome a bar, over the first `of` seeds of each. A run that failed or was censored satisfies nothing.
std::vector<BarOutcome> judge_bars(const Study& study, const StudyResults& results);

}  // namespace handgrad::app
