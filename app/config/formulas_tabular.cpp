#include "app/config/formulas.h"
#include "app/format.h"
#include "core/error.h"

namespace handgrad::app {

namespace {

std::string action(const TabularConfig& c) {
  std::string ties;
  switch (c.tie) {
    case TieBreak::random: ties = "any of several best ones"; break;
    case TieBreak::first: ties = "the lowest of several best ones"; break;
    case TieBreak::all_equal: ties = "any if all are equal, else the lowest of several best ones"; break;
  }
  const char* value = c.method == TabularMethod::double_q_learning ? "Qa(s, a) + Qb(s, a)" : "Q(s, a)";
  return text("Action: at random with probability ε, else the one with the highest value ", value, ",\n    ", ties, ".\n") +
         schedule_formula("ε", c.epsilon);
}

std::string numbers(const std::vector<std::int64_t>& list) {
  std::string result;
  for (const std::int64_t n : list) result += (result.empty() ? "" : " x ") + grouped(n);
  return result;
}

std::string states(const RunConfig& config) {
  const FeatureSpec& f = config.features;
  switch (f.kind) {
    case FeatureSpec::Kind::identity: return "";
    case FeatureSpec::Kind::bins:
      return text("States: ", numbers(f.bins), " bins, for each component x of an observation with n bins from low to high\n",
                  "    k = clamp(floor((x - low)/(high - low) · n), 0, n - 1)\n");
    case FeatureSpec::Kind::tiles:
      return text("States: ", f.tilings, " tilings of ", numbers(f.bins), " tiles, each shifted by a part of a tile;\n",
                  "    Q(s, a) = Σ w[f, a] over the ", f.tilings, " tiles f that s lies in; each moves by α/", f.tilings,
                  "\n");
  }
  return "";
}

std::string target(const TabularConfig& c) {
  const std::string gamma = exact(c.gamma), end = c.terminal_bootstraps ? "" : "(1 - terminated) · ";
  std::string lines = text("Target of Q(s, a), with what the step led to:\n    G = r + ", gamma, " · ", end);
  switch (c.method) {
    case TabularMethod::q_learning: lines += "max_b Q(s', b)    (Q-learning)\n"; break;
    case TabularMethod::sarsa: lines += "Q(s', a')    a' the action taken next    (SARSA)\n"; break;
    case TabularMethod::expected_sarsa: lines += "Σ_b π(b|s') Q(s', b)    π the ε-greedy policy    (expected SARSA)\n"; break;
    case TabularMethod::double_q_learning:
      lines += text("Qb(s', argmax_b Qa(s', b))    for Qa, and the other way round for Qb;\n",
                    "    a coin says which of them learns    (double Q-learning)\n");
      break;
    case TabularMethod::nstep_sarsa:
      lines = text("Target of Q(s, a), once ", c.n_step, " rewards are there or the episode is over, with γ = ", gamma,
                   ":\n    G = r₀ + γ r₁ + γ² r₂ + ... + γⁿ ", end, "Q(sₙ, aₙ)    n = ", c.n_step, ", less at an end",
                   "    (n-step SARSA)\n");
      break;
    case TabularMethod::q_lambda: lines += "max_b Q(s', b)    (Watkins's Q(λ))\n"; break;
  }
  if (c.terminal_bootstraps)
    lines += "    What lies beyond the end of an episode counts too: a mistake, here for comparison.\n";
  return lines + (c.truncation_as_terminal
                      ? "    An episode cut off by the time limit counts as terminated: a mistake, here for comparison.\n"
                      : "    An episode cut off by the time limit is not terminated: its last state bootstraps.\n");
}

std::string update(const TabularConfig& c) {
  if (c.method == TabularMethod::q_lambda) {
    return text("Update: every value, by its trace e\n    e(s, a) = e(s, a) + 1\n    Q = Q + α (G - Q(s, a)) e\n    e = ",
                exact(c.gamma), " · ", exact(c.lambda), " e if the next action is a best one, else 0\n") +
           schedule_formula("α", c.alpha);
  }
  return "Update: after every environment step\n    Q(s, a) = Q(s, a) + α (G - Q(s, a))\n" + schedule_formula("α", c.alpha);
}

std::string beginning(const TabularConfig& c) {
  if (c.initial_low == c.initial_high) return text("Beginning: Q = ", exact(c.initial_low), "\n");
  return text("Beginning: Q uniformly at random between ", exact(c.initial_low), " and ", exact(c.initial_high),
              ", in terminal states too\n");
}

}  // namespace

std::string tabular_formulas(const RunConfig& config) {
  const TabularConfig& c = config.tabular;
  return action(c) + states(config) + target(c) + update(c) + beginning(c);
}

}  // namespace handgrad::app
