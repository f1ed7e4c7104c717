#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "schedule.h"

namespace handgrad {

/// How a table learns from a transition (s, a, r, s'), a' being the action taken next. See tabular_update.h for the formulas.
enum class TabularMethod {
  q_learning,         ///< Watkins 1989
  sarsa,              ///< Rummery & Niranjan 1994
  expected_sarsa,     ///< van Seijen et al. 2009
  double_q_learning,  ///< van Hasselt 2010
  nstep_sarsa,        ///< Sutton & Barto 2018, section 7.2
  q_lambda,           ///< Watkins 1989: traces that end with an exploring action
};

/// "q_learning" and so on, the names above. Throws Error for another one.
TabularMethod parse_tabular_method(std::string_view name);
std::string_view to_string(TabularMethod method);
const std::vector<TabularMethod>& all_tabular_methods();

/// Which of several best actions a greedy choice takes.
enum class TieBreak {
  random,     ///< any of the best, each as likely
  first,      ///< the lowest of the best
  all_equal,  ///< any if all actions are equal, else the lowest of the best: one of two equal ones is never tried
};

/// Every hyperparameter of the tabular learners. Defaults are handgrad's own where nobody is named.
struct TabularConfig {
  TabularMethod method = TabularMethod::q_learning;
  double gamma = 0.99;  ///< discount an environment step, in [0, 1]
  int n_step = 4;       ///< nstep_sarsa: rewards before bootstrapping, >= 1
  double lambda = 0.9;  ///< q_lambda: how slowly traces fade, in [0, 1]
  TieBreak tie = TieBreak::random;
  bool terminal_bootstraps = false;     ///< the mistake of valuing what comes after the end, for comparison
  bool truncation_as_terminal = false;  ///< the mistake of taking a time limit for an end, for comparison
  double initial_low = 0.0;             ///< values begin uniformly in [low, high), those of terminal states too;
  double initial_high = 0.0;            ///< equal: all begin with that one value
  Schedule alpha;                       ///< step size, in [0, 1]; constant 0.1 (Sutton & Barto use such values)
  Schedule epsilon;                     ///< probability of a uniformly random action
};

/// Throws Error naming the field, its value and the allowed range.
void validate(const TabularConfig& config);

}  // namespace handgrad
