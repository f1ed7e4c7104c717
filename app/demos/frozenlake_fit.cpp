// A network fitted to a table: how much of it sixteen and sixteen units can hold, and what the form of the input is worth.

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/demos/demos.h"
#include "app/demos/frozen_lake_tables.h"
#include "app/demos/learned_table.h"
#include "app/demos/table_fit.h"
#include "app/format.h"
#include "app/text_table.h"
#include "rl/evaluation.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;

/// How well one fit went.
struct Quality {
  double rmse = 0, worst = 0;
  std::int64_t optimal = 0;  ///< live states in which its greedy action is one of the best
  bool goal = false;         ///< whether its greedy walk arrives
};

Quality compare(const FrozenLake& lake, const std::vector<double>& table, const std::vector<double>& q) {
  Quality quality;
  for (std::size_t i = 0; i < q.size(); ++i) {
    const double error = std::abs(q[i] - table[i]);
    quality.rmse += error * error / static_cast<double>(q.size());
    quality.worst = std::max(quality.worst, error);
  }
  quality.rmse = std::sqrt(quality.rmse);
  for (std::size_t s = 0; s * kLakeActions < q.size(); ++s) {
    if (!is_live(lake, s)) continue;
    const auto first = static_cast<std::ptrdiff_t>(s * kLakeActions), last = first + static_cast<std::ptrdiff_t>(kLakeActions);
    const auto greedy = std::max_element(q.begin() + first, q.begin() + last) - q.begin();
    const double best = *std::max_element(table.begin() + first, table.begin() + last);
    if (table[static_cast<std::size_t>(greedy)] >= best - 1e-9) ++quality.optimal;
  }
  quality.goal = reaches_goal(lake, greedy_walk(lake, q));
  return quality;
}

Picture loss_picture(const std::vector<double>& losses) {
  Curve curve{"", {}, losses, {}, {}};
  for (std::size_t i = 0; i < losses.size(); ++i) curve.x.push_back(static_cast<double>(i));
  LineChart chart{"Loss of each batch", "Iteration", "Mean squared error", {std::move(curve)}};
  chart.log_y = true;
  return {{chart}};
}

template <class Member>
std::vector<double> each(const std::vector<Quality>& all, Member member) {
  std::vector<double> values;
  for (const Quality& q : all) values.push_back(static_cast<double>(q.*member));
  return values;
}

/// Fits with states in one form, of all seeds.
struct Arm {
  bool transform;
  std::vector<Quality> all;
  TableFit first;

  std::string name() const { return transform ? "row and column" : "number"; }
};

Arm fit_all(const DemoRequest& request, const FrozenLake& lake, const std::vector<double>& table, bool transform,
            const std::function<void()>& after_iteration) {
  const DemoValues& values = request.values;
  const TableFitOptions options{transform, values.name("form") == "all", values.whole("iterations"), values.whole("batch"),
                                values.number("lr")};
  Arm arm{transform, {}, {}};
  for (std::int64_t k = 0; k < values.whole("seeds"); ++k) {
    TableFit fit = fit_table(table, kLakeActions, lake.map()[0].size(), options, request.seed + static_cast<std::uint64_t>(k),
                             [&](std::int64_t) { after_iteration(); });
    arm.all.push_back(compare(lake, table, fit.q));
    if (k == 0) arm.first = std::move(fit);
  }
  return arm;
}

/// A row of the table, and what programs get.
Json report_arm(const Arm& arm, std::uint64_t seed, TextTable& table) {
  const ReturnStatistics rmse = statistics(each(arm.all, &Quality::rmse));
  const double worst = statistics(each(arm.all, &Quality::worst)).mean,
               optimal = statistics(each(arm.all, &Quality::optimal)).mean;
  const auto goals = std::count_if(arm.all.begin(), arm.all.end(), [](const Quality& q) { return q.goal; });
  table.add({arm.name(), std::to_string(arm.all.size()), fixed(rmse.mean, 4), fixed(rmse.min, 4), fixed(rmse.max, 4),
             fixed(worst, 2), fixed(optimal, 1), std::to_string(goals)});
  Json json = {{"rmse_mean", rmse.mean},  {"rmse_min", rmse.min}, {"rmse_max", rmse.max},   {"worst_mean", worst},
               {"optimal_mean", optimal}, {"goal", goals},        {"seeds", Json::array()}, {"q", arm.first.q}};
  for (std::size_t k = 0; k < arm.all.size(); ++k) {
    const Quality& q = arm.all[k];
    json["seeds"].push_back(
        {{"seed", seed + k}, {"rmse", q.rmse}, {"worst", q.worst}, {"optimal", q.optimal}, {"goal", q.goal}});
  }
  return json;
}

/// What twenty seeds are known to give, of the exact table and a value an action.
std::vector<DemoBar> bars_of(const DemoValues& values, const std::vector<Arm>& arms) {
  if (values.whole("seeds") < 20 || !values.standard({"form", "table", "iterations", "batch", "lr", "gamma"})) return {};
  std::vector<DemoBar> bars;
  for (const Arm& arm : arms) {
    const double rmse = statistics(each(arm.all, &Quality::rmse)).mean;
    bars.push_back({text("states as ", arm.name(), ": the mean RMSE over ", arm.all.size(), " seeds is ",
                         arm.transform ? "at most 0.14" : "at least 0.28"),
                    fixed(rmse, 3), arm.transform ? rmse <= 0.14 : rmse >= 0.28});
  }
  return bars;
}

DemoReport run(const DemoRequest& request) {
  const DemoValues& values = request.values;
  const FrozenLake lake({.is_slippery = false});
  const std::vector<double> table = values.name("table") == "exact"
                                        ? exact_action_values(lake, values.number("gamma"))
                                        : learn_lake(lake.map(), values.number("gamma"), request.seed).q;
  const std::string& transform = values.name("transform");
  std::vector<bool> forms;
  if (transform != "off") forms.push_back(true);
  if (transform != "on") forms.push_back(false);

  std::int64_t done = 0;
  const std::int64_t total = values.whole("seeds") * values.whole("iterations") * static_cast<std::int64_t>(forms.size());
  std::vector<Arm> arms;
  for (const bool form : forms) arms.push_back(fit_all(request, lake, table, form, [&] { request.progress(++done, total); }));

  std::string lines =
      values.name("form") == "all"
          ? "In: the state; out: a value an action. One forward pass a greedy action.\n\n"
          : text("In: the state and the action; out: one value. ", kLakeActions, " forward passes a greedy action.\n\n");
  TextTable summary({"states as", "fits", "mean RMSE", "least", "most", "worst entry", "optimal of 11", "walks arrive"},
                    "lrrrrrrr");
  Json json = {{"form", values.name("form")}, {"table", table}};
  for (const Arm& arm : arms) json[arm.transform ? "with" : "without"] = report_arm(arm, request.seed, summary);
  const Arm& shown = arms.front();
  lines +=
      summary.to_string() + text("\nWhat the network of seed ", request.seed, " says, states as ", shown.name(), ":\n",
                                 action_value_table(lake, shown.first.q), "\nThe table:\n", action_value_table(lake, table));

  const Picture plots{{q_plot("Q-table", lake, table), q_plot("Q-network", lake, shown.first.q)}, 9.0, 4.5};
  DemoReport report{lines, json.dump(), {{"fit", plots}, {"loss", loss_picture(shown.first.loss)}}};
  report.bars = bars_of(values, arms);
  return report;
}

}  // namespace

Demo frozenlake_fit_demo() {
  return {
      "frozenlake-fit",
      "a network fitted to a table of the lake: with and without states as row and column",
      {{"transform",
        std::string("both"),
        "on: states as row and column; off: as their number; both: one after the other, to compare",
        {},
        {"both", "on", "off"}},
       {"form", std::string("all"), "all: a value an action out; sa: the action goes in, one value out", {}, {"all", "sa"}},
       {"table",
        std::string("exact"),
        "the best values by planning, or what frozenlake-table learns",
        {},
        {"exact", "learned"}},
       {"seeds", std::int64_t{1}, "how many fits, of seeds N, N+1 ...; the pictures are of the first", within(1, 100'000), {}},
       {"iterations", std::int64_t{5000}, "train steps of each", within(1, 100'000'000), {}},
       {"batch", std::int64_t{16}, "pairs a train step", within(1, 100'000), {}},
       {"lr", 1e-3, "learning rate", at_least(0), {}},
       {"gamma", 0.9, "discount of the table", {.low = 0, .high = 1, .low_open = true, .high_open = true}, {}}},
      run};
}

}  // namespace handgrad::app
