#include "tabular_update.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "../core/error.h"
#include "../core/finite.h"

namespace handgrad {
namespace {

/// A trace below this changes no digit of a table any more.
constexpr double kFaded = 1e-18;

constexpr const char* kAdvice = ": learning has diverged. Lower alpha or gamma, or scale rewards down.";

}  // namespace

TabularUpdate::TabularUpdate(const TabularConfig& config, std::int64_t rows, std::int64_t active, std::int64_t actions,
                             std::int64_t environments, std::vector<std::uint8_t> legal)
    : config_((validate(config), config)),
      active_(active),
      share_(1.0 / static_cast<double>(active)),
      tables_(rows, actions, config.method == TabularMethod::double_q_learning ? 2 : 1, std::move(legal)) {
  require(active >= 1 && environments >= 1,
          "a table learns from at least one environment, whose states have at least one row");
  require(active == 1 || tables_.legal().empty(), "legal actions are known for states by themselves, not for tiles");
  probabilities_.resize(static_cast<std::size_t>(actions));
  const bool windows = config.method == TabularMethod::nstep_sarsa, traces = config.method == TabularMethod::q_lambda;
  if (!windows && !traces) return;
  memories_.resize(static_cast<std::size_t>(environments));
  for (Memory& memory : memories_) {
    const auto n = static_cast<std::size_t>(windows ? config.n_step : 0);
    memory.states.resize(n * static_cast<std::size_t>(active));
    memory.actions.resize(n);
    memory.rewards.resize(n);
    if (!traces) continue;
    memory.traces.resize(static_cast<std::size_t>(rows * actions));
    memory.visited.reserve(memory.traces.size());
  }
}

void TabularUpdate::run(std::int64_t environment, const TabularTransition& t, const TabularStep& step) {
  const double d = discount(t);
  switch (config_.method) {
    case TabularMethod::q_learning:
      move(t.state, t.action, d == 0.0 ? t.reward : t.reward + d * best(t.next_state), step.alpha);
      break;
    case TabularMethod::sarsa: move(t.state, t.action, d == 0.0 ? t.reward : t.reward + d * next_value(t), step.alpha); break;
    case TabularMethod::expected_sarsa:
      move(t.state, t.action, d == 0.0 ? t.reward : t.reward + d * expectation(t.next_state, step.epsilon), step.alpha);
      break;
    case TabularMethod::double_q_learning: double_q(t, step); break;
    case TabularMethod::nstep_sarsa: nstep(memories_[static_cast<std::size_t>(environment)], t, step.alpha); break;
    case TabularMethod::q_lambda: q_lambda(memories_[static_cast<std::size_t>(environment)], t, step.alpha); break;
  }
}

// Trap: an episode that terminated has no value beyond its end; one that ran into its time limit has. Both at once: terminated.
double TabularUpdate::discount(const TabularTransition& t) const {
  const bool bootstraps = t.terminated ? config_.terminal_bootstraps : !(t.truncated && config_.truncation_as_terminal);
  return bootstraps ? config_.gamma : 0.0;
}

double TabularUpdate::best(StateRows state) { return largest_of(tables_.values(state), tables_.actions()); }

double TabularUpdate::next_value(const TabularTransition& t) const {
  require(t.next_action >= 0, to_string(config_.method), " bootstraps from the next action, and there is none");
  return tables_.value(t.next_state, t.next_action);
}

void TabularUpdate::policy(StateRows state, double epsilon, std::span<double> probabilities) {
  const double* values = tables_.total(state);
  const std::int64_t A = tables_.actions();
  const double largest = largest_of(values, A);
  const auto maximal = static_cast<double>(std::count(values, values + A, largest));
  const auto legal = static_cast<double>(tables_.legal_count(state));
  for (std::int64_t a = 0; a < A; ++a) {
    const double greedy = values[a] == largest ? (1.0 - epsilon) / maximal : 0.0;
    probabilities[static_cast<std::size_t>(a)] = tables_.is_legal(state, a) ? epsilon / legal + greedy : 0.0;
  }
}

double TabularUpdate::expectation(StateRows state, double epsilon) {
  policy(state, epsilon, probabilities_);
  const double* values = tables_.values(state);
  double sum = 0.0;
  for (std::size_t a = 0; a < probabilities_.size(); ++a) {
    if (probabilities_[a] > 0.0) sum += probabilities_[a] * values[a];  // 0 times the -∞ of an illegal action is no number
  }
  return sum;
}

bool TabularUpdate::is_greedy(StateRows state, std::int32_t action) {
  const double* values = tables_.total(state);
  return values[action] == largest_of(values, tables_.actions());
}

void TabularUpdate::note(double error) {
  ++updates_;
  errors_.squares += error * error;
  ++errors_.count;
}

TabularUpdate::Errors TabularUpdate::take_errors() { return std::exchange(errors_, {}); }

// Q(s, a) += α (G - Q(s, a)), shared among the active rows
void TabularUpdate::move(StateRows state, std::int32_t action, double target, double alpha, std::int64_t table) {
  const double error = target - tables_.value(state, action, table);
  note(error);
  if (!is_finite(errors_.squares)) [[unlikely]]
    refuse(state, action, table, target);
  tables_.add(state, action, alpha * error * share_, table);
}

void TabularUpdate::double_q(const TabularTransition& t, const TabularStep& step) {
  const std::int64_t learning = step.coin ? 1 : 0, other = 1 - learning;
  const double d = discount(t);
  double target = t.reward;
  if (d != 0.0) {
    const std::int32_t chosen = argmax(tables_.values(t.next_state, learning), tables_.actions());
    target += d * tables_.value(t.next_state, chosen, other);
  }
  move(t.state, t.action, target, step.alpha, learning);
}

void TabularUpdate::nstep(Memory& memory, const TabularTransition& t, double alpha) {
  require(is_finite(t.reward), "a reward of ", t.reward, " leads nowhere");  // or it would show when its window is closed
  const auto n = static_cast<std::int64_t>(config_.n_step);
  const std::int64_t last = (memory.first + memory.open) % n;
  std::ranges::copy(t.state, memory.states.begin() + last * active_);
  memory.actions[static_cast<std::size_t>(last)] = t.action;
  memory.rewards[static_cast<std::size_t>(last)] = t.reward;
  ++memory.open;

  const bool ended = t.terminated || t.truncated;
  if (memory.open < n && !ended) return;
  // The value of what comes after this step, discounted to this step; each window discounts it further to its own beginning.
  // Trap: it is read anew for each window, because the one before may have changed it.
  const double d = discount(t);
  do {
    close_window(memory, d == 0.0 ? 0.0 : d * next_value(t), alpha);
  } while (ended && memory.open > 0);
}

void TabularUpdate::close_window(Memory& memory, double bootstrap, double alpha) {
  const auto n = static_cast<std::int64_t>(config_.n_step);
  double target = 0.0, weight = 1.0;
  for (std::int64_t k = 0; k < memory.open; ++k) {
    const auto at = static_cast<std::size_t>((memory.first + k) % n);
    target += weight * memory.rewards[at];
    if (k + 1 < memory.open) weight *= config_.gamma;
  }
  target += weight * bootstrap;
  const StateRows state(&memory.states[static_cast<std::size_t>(memory.first * active_)], static_cast<std::size_t>(active_));
  move(state, memory.actions[static_cast<std::size_t>(memory.first)], target, alpha);
  memory.first = (memory.first + 1) % n;
  --memory.open;
}

void TabularUpdate::q_lambda(Memory& memory, const TabularTransition& t, double alpha) {
  const double d = discount(t);
  const double target = d == 0.0 ? t.reward : t.reward + d * best(t.next_state);
  const double delta = target - tables_.value(t.state, t.action);
  note(delta);
  if (!is_finite(errors_.squares)) [[unlikely]]
    refuse(t.state, t.action, 0, target);
  const bool goes_on = !t.terminated && !t.truncated;
  // Trap: by the table before the update; a' was chosen by that one.
  const bool keep = goes_on && t.next_action >= 0 && is_greedy(t.next_state, t.next_action);

  const auto A = static_cast<std::int32_t>(tables_.actions());
  for (const std::int32_t row : t.state) {
    const std::int32_t pair = row * A + t.action;
    double& trace = memory.traces[static_cast<std::size_t>(pair)];
    if (trace == 0.0) memory.visited.push_back(pair);
    trace += 1.0;
  }
  const std::span<double> Q = tables_.weights();
  const double step = alpha * delta * share_, fading = keep ? config_.gamma * config_.lambda : 0.0;
  std::size_t kept = 0;
  for (const std::int32_t pair : memory.visited) {
    double& trace = memory.traces[static_cast<std::size_t>(pair)];
    Q[static_cast<std::size_t>(pair)] += step * trace;
    trace *= fading;
    if (trace < kFaded) trace = 0.0;
    if (trace != 0.0) memory.visited[kept++] = pair;
  }
  memory.visited.resize(kept);
}

void TabularUpdate::refuse(StateRows state, std::int32_t action, std::int64_t table, double target) const {
  std::string rows;
  for (const std::int32_t row : state) rows += (rows.empty() ? "" : "+") + std::to_string(row);
  fail("table update ", updates_, ": ", table_name(tables_.tables(), table), '[', rows, ", ", action, "] is ",
       tables_.value(state, action, table), " and would move towards ", target, kAdvice);
}

void TabularUpdate::check_health() const {
  const auto A = static_cast<std::size_t>(tables_.actions());
  const auto check = [&](const std::string& what, std::span<const double> values) {
    const std::size_t first = first_non_finite(values);
    if (first == values.size()) return;
    fail("table update ", updates_, ": ", what, '[', first / A, ", ", first % A, "] is ", shown(values[first]), kAdvice);
  };
  for (std::int64_t table = 0; table < tables_.tables(); ++table) {
    check(table_name(tables_.tables(), table), tables_.weights(table));
  }
  for (const Memory& memory : memories_) check("the trace of q", memory.traces);
  require(is_finite(errors_.squares), "table update ", updates_, ": the sum of squared errors is ", errors_.squares, kAdvice);
}

void TabularUpdate::forget() {
  for (Memory& memory : memories_) {
    memory.first = memory.open = 0;
    std::ranges::fill(memory.traces, 0.0);
    memory.visited.clear();
  }
}

std::span<const double> TabularUpdate::traces(std::int64_t environment) const {
  require(config_.method == TabularMethod::q_lambda, to_string(config_.method), " has no traces");
  return memories_[static_cast<std::size_t>(environment)].traces;
}

}  // namespace handgrad
