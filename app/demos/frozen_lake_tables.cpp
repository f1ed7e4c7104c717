#include "app/demos/frozen_lake_tables.h"

#include <algorithm>

#include "app/format.h"
#include "app/text_table.h"
#include "rl/planning.h"

namespace handgrad::app {

const std::vector<std::string> kLakeActionNames = {"left", "down", "right", "up"};

namespace {

char letter(const FrozenLake& lake, std::size_t state) {
  const std::size_t columns = lake.map()[0].size();
  return lake.map()[state / columns][state % columns];
}

}  // namespace

std::string lake_frame(const FrozenLake& lake, std::int64_t agent, const std::string& indent) {
  const std::size_t columns = lake.map()[0].size();
  std::string frame;
  for (std::size_t s = 0; s < lake.transitions().size(); ++s) {
    const bool here = static_cast<std::int64_t>(s) == agent;
    if (s % columns == 0) frame += indent;
    frame += here ? '[' : ' ';
    frame += letter(lake, s);
    frame += here ? ']' : ' ';
    if (s % columns + 1 == columns) frame += '\n';
  }
  return frame;
}

bool is_live(const FrozenLake& lake, std::size_t state) { return letter(lake, state) != 'H' && letter(lake, state) != 'G'; }

std::vector<double> exact_action_values(const FrozenLake& lake, double gamma) {
  return action_values(lake.transitions(), policy_iteration(lake.transitions(), gamma).values, gamma);
}

std::string action_value_table(const FrozenLake& lake, const std::vector<double>& q) {
  std::vector<std::string> header{"state"};
  header.insert(header.end(), kLakeActionNames.begin(), kLakeActionNames.end());
  TextTable table(header, "rrrrr");
  for (std::size_t s = 0; s * kLakeActions < q.size(); ++s) {
    if (!is_live(lake, s)) continue;
    std::vector<std::string> row{std::to_string(s)};
    for (std::size_t a = 0; a < kLakeActions; ++a) row.push_back(fixed(q[s * kLakeActions + a], 4));
    table.add(row);
  }
  return table.to_string();
}

std::vector<std::int64_t> greedy_walk(const FrozenLake& lake, const std::vector<double>& q, std::int64_t most) {
  const auto& starts = lake.initial_distribution();
  std::vector<std::int64_t> walk{std::max_element(starts.begin(), starts.end()) - starts.begin()};
  while (static_cast<std::int64_t>(walk.size()) <= most && is_live(lake, static_cast<std::size_t>(walk.back()))) {
    const auto row = q.begin() + walk.back() * static_cast<std::int64_t>(kLakeActions);
    const auto action = std::max_element(row, row + static_cast<std::int64_t>(kLakeActions)) - row;
    walk.push_back(lake.transitions()[static_cast<std::size_t>(walk.back())][static_cast<std::size_t>(action)][0].next_state);
  }
  return walk;
}

bool reaches_goal(const FrozenLake& lake, const std::vector<std::int64_t>& walk) {
  return letter(lake, static_cast<std::size_t>(walk.back())) == 'G';
}

QPlot q_plot(const std::string& title, const FrozenLake& lake, const std::vector<double>& q) {
  QPlot plot;
  plot.title = title;
  plot.cells.rows = lake.map();
  plot.q = q;
  return plot;
}

}  // namespace handgrad::app
