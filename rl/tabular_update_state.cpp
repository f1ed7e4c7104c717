// What a tabular method remembers, written down and read back: for all environments one list, one environment after the other.

#include <algorithm>
#include <cmath>

#include "../core/error.h"
#include "tabular_update.h"

namespace handgrad {
namespace {

/// counts [E], of lists that lie one after the other, `whole` elements together; each is to be from 0 to `most`.
void check_counts(std::span<const std::int64_t> counts, std::int64_t most, std::size_t whole, const char* what) {
  std::uint64_t sum = 0;
  for (const std::int64_t count : counts) {
    require(count >= 0 && count <= most, "the state holds ", count, ' ', what, " of an environment, expected 0 to ", most);
    sum += static_cast<std::uint64_t>(count);
  }
  require(sum == whole, "the state holds ", whole, ' ', what, ", expected ", sum);
}

}  // namespace

void TabularUpdate::serialize(StateArchive& state) {
  tables_.serialize(state);
  state.value("updates", updates_);
  state.value("squared_errors", errors_.squares);
  state.value("errors", errors_.count);
  require(updates_ <= kLargestCount && errors_.count >= 0 && errors_.count <= updates_, "a table cannot have made ", updates_,
          " updates, ", errors_.count, " of them since its errors were asked for, as the state says");
  if (config_.method == TabularMethod::nstep_sarsa) serialize_windows(state);
  if (config_.method == TabularMethod::q_lambda) serialize_traces(state);
}

// The steps whose windows are open, the oldest first. Where in its ring a window begins changes nothing.
void TabularUpdate::serialize_windows(StateArchive& state) {
  const std::int64_t n = config_.n_step;
  std::vector<std::int64_t> open(memories_.size());
  std::vector<std::int32_t> states, actions;
  std::vector<double> rewards;
  if (!state.loading()) {
    for (std::size_t e = 0; e < open.size(); ++e) {
      const Memory& memory = memories_[e];
      open[e] = memory.open;
      for (std::int64_t k = 0; k < memory.open; ++k) {
        const std::int64_t at = (memory.first + k) % n;
        const auto first_row = memory.states.begin() + at * active_;
        states.insert(states.end(), first_row, first_row + active_);
        actions.push_back(memory.actions[static_cast<std::size_t>(at)]);
        rewards.push_back(memory.rewards[static_cast<std::size_t>(at)]);
      }
    }
  }
  const auto section = state.section("windows");
  const std::size_t most = open.size() * static_cast<std::size_t>(n), rows = static_cast<std::size_t>(active_);
  state.array("open", std::span(open));
  state.list("actions", actions, most);
  state.list("rewards", rewards, most);
  state.list("states", states, most * rows);
  if (!state.loading()) return;

  check_counts(open, n - 1, actions.size(), "open windows");  // one of n steps is closed at once
  require(rewards.size() == actions.size() && states.size() == actions.size() * rows, "the state holds ", actions.size(),
          " actions of open windows, ", rewards.size(), " rewards and ", states.size(), " rows of states, which do not fit");
  for (const std::int32_t row : states) {
    require(row >= 0 && row < tables_.rows(), "the state holds row ", row, " of a table of ", tables_.rows());
  }
  for (const std::int32_t action : actions) {
    require(action >= 0 && action < tables_.actions(), "the state holds action ", action, ", expected 0 to ",
            tables_.actions() - 1);
  }
  std::int64_t next = 0;
  for (std::size_t e = 0; e < open.size(); ++e) {
    Memory& memory = memories_[e];
    memory.first = 0;
    memory.open = open[e];
    std::copy_n(states.begin() + next * active_, open[e] * active_, memory.states.begin());
    std::copy_n(actions.begin() + next, open[e], memory.actions.begin());
    std::copy_n(rewards.begin() + next, open[e], memory.rewards.begin());
    next += open[e];
  }
}

// Only where they are not 0, as pairs row · A + action.
void TabularUpdate::serialize_traces(StateArchive& state) {
  std::vector<std::int64_t> alive(memories_.size());
  std::vector<std::int32_t> pairs;
  std::vector<double> traces;
  if (!state.loading()) {
    for (std::size_t e = 0; e < alive.size(); ++e) {
      const Memory& memory = memories_[e];
      alive[e] = static_cast<std::int64_t>(memory.visited.size());
      for (const std::int32_t pair : memory.visited) {
        pairs.push_back(pair);
        traces.push_back(memory.traces[static_cast<std::size_t>(pair)]);
      }
    }
  }
  const auto section = state.section("traces");
  const auto entries = static_cast<std::size_t>(tables_.rows() * tables_.actions());
  state.array("alive", std::span(alive));
  state.list("pairs", pairs, alive.size() * entries);
  state.list("values", traces, alive.size() * entries);
  if (!state.loading()) return;

  check_counts(alive, static_cast<std::int64_t>(entries), pairs.size(), "traces");
  require(traces.size() == pairs.size(), "the state holds ", traces.size(), " traces for ", pairs.size(),
          " pairs of state and action");
  forget();
  std::size_t next = 0;
  for (std::size_t e = 0; e < alive.size(); ++e) {
    Memory& memory = memories_[e];
    for (std::int64_t k = 0; k < alive[e]; ++k, ++next) {
      const std::int32_t pair = pairs[next];
      require(pair >= 0 && static_cast<std::size_t>(pair) < entries, "the state holds a trace of pair ", pair,
              ", expected 0 to ", entries - 1);
      double& trace = memory.traces[static_cast<std::size_t>(pair)];
      require(trace == 0.0 && std::isfinite(traces[next]) && traces[next] > 0.0, "the state holds a trace of ", traces[next],
              " for pair ", pair, ", expected one trace a pair, above 0 and finite");
      trace = traces[next];
      memory.visited.push_back(pair);
    }
  }
}

}  // namespace handgrad
