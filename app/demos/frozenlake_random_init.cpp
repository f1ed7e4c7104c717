// A table of the lake that begins with random values: what the rule y = r at the end is worth.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/config/presets.h"
#include "app/demos/demos.h"
#include "app/demos/frozen_lake_tables.h"
#include "app/demos/learned_table.h"
#include "app/format.h"
#include "app/text_table.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;

constexpr double kExactStart = 0.59049;  // 0.9^5: five steps before the one that pays

/// A table learned in one of the two ways, and what it makes of the lake.
struct Attempt {
  std::string title;
  std::vector<double> q;
  bool goal;
  double start_value;
};

Attempt learn(const FrozenLake& lake, const std::string& variant, const std::string& title, std::uint64_t seed) {
  RunConfig config = resolve_preset("frozenlake-table-random-init", {"variant=" + variant}).config;
  config.seed = seed;
  Attempt attempt{title, learn_table(config).q, false, 0};
  attempt.goal = reaches_goal(lake, greedy_walk(lake, attempt.q));
  attempt.start_value = *std::max_element(attempt.q.begin(), attempt.q.begin() + static_cast<std::ptrdiff_t>(kLakeActions));
  return attempt;
}

DemoReport run(const DemoRequest& request) {
  const FrozenLake lake({.is_slippery = false});
  const Attempt attempts[] = {learn(lake, "faithful", "without terminal rule", request.seed),
                              learn(lake, "correct", "with terminal rule", request.seed)};
  TextTable table({"learned", "greedy walk", "V(start)", "exact"}, "llrr");
  Json json = Json::object();
  Picture tables{{}, 9.0, 4.5};
  for (const Attempt& attempt : attempts) {
    table.add(
        {attempt.title, attempt.goal ? "arrives" : "does not arrive", fixed(attempt.start_value, 5), fixed(kExactStart, 5)});
    json[attempt.title] = {{"goal", attempt.goal}, {"start_value", attempt.start_value}, {"q", attempt.q}};
    tables.panels.emplace_back(q_plot(attempt.title, lake, attempt.q));
  }
  DemoReport report{table.to_string(), json.dump(), {{"tables", tables}}};
  report.bars = {
      {"with the terminal rule the greedy walk arrives", attempts[1].goal ? "it does" : "it does not", attempts[1].goal},
      close_to("and V(start) is 0.59049 to 1e-9", attempts[1].start_value, kExactStart, 1e-9, 10)};
  return report;
}

}  // namespace

Demo frozenlake_random_init_demo() {
  return {"frozenlake-random-init",
          "a table of the lake that begins with random values, without and with the rule for the end",
          {},
          run};
}

}  // namespace handgrad::app
