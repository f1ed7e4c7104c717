// What a pair of state and action is worth, and why: the answers that the transition table itself gives.

#include <cmath>
#include <nlohmann/json.hpp>

#include "app/demos/demos.h"
#include "app/demos/frozen_lake_tables.h"
#include "app/demos/learned_table.h"
#include "app/format.h"
#include "app/text_table.h"
#include "rl/planning.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;

/// A pair, where it leads and what it is worth.
struct Pair {
  std::size_t state, action;
  std::int64_t next;
  double value, learned;
};

/// The exact table and one that was learned.
struct Tables {
  std::vector<double> exact, learned;
};

/// All pairs of live states that lead to a cell of this letter, or for 'W' nowhere: against the edge.
std::vector<Pair> pairs_leading_to(const FrozenLake& lake, char wanted, const Tables& tables) {
  const std::size_t columns = lake.map()[0].size();
  std::vector<Pair> pairs;
  for (std::size_t s = 0; s < lake.transitions().size(); ++s) {
    if (!is_live(lake, s)) continue;
    for (std::size_t a = 0; a < kLakeActions; ++a) {
      const auto next = static_cast<std::size_t>(lake.transitions()[s][a][0].next_state);
      const char cell = next == s ? 'W' : lake.map()[next / columns][next % columns];
      const std::size_t pair = s * kLakeActions + a;
      if (cell == wanted) pairs.push_back({s, a, static_cast<std::int64_t>(next), tables.exact[pair], tables.learned[pair]});
    }
  }
  return pairs;
}

std::string pair_table(const std::vector<Pair>& pairs) {
  TextTable table({"state", "action", "next state", "exact Q", "learned Q"}, "rlrrr");
  for (const Pair& p : pairs) {
    table.add(
        {std::to_string(p.state), kLakeActionNames[p.action], std::to_string(p.next), fixed(p.value, 6), fixed(p.learned, 6)});
  }
  return table.to_string(2);
}

Json pairs_json(const std::vector<Pair>& pairs) {
  Json list = Json::array();
  for (const Pair& p : pairs)
    list.push_back({{"state", p.state}, {"action", p.action}, {"next_state", p.next}, {"q", p.value}, {"learned", p.learned}});
  return list;
}

std::string answer_goal(const FrozenLake& lake, const Tables& tables, Json& json) {
  const auto pairs = pairs_leading_to(lake, 'G', tables);
  json["goal"] = pairs_json(pairs);
  return "What are pairs worth that lead to the goal? Exactly 1: the reward, and nothing comes after it.\n" +
         pair_table(pairs);
}

std::string answer_hole(const FrozenLake& lake, const Tables& tables, Json& json) {
  const auto pairs = pairs_leading_to(lake, 'H', tables);
  json["hole"] = pairs_json(pairs);
  return "What are pairs worth that lead to a hole? Exactly 0: no reward, and nothing comes after it.\n" + pair_table(pairs);
}

std::string answer_wall(const FrozenLake& lake, const Tables& tables, double gamma, Json& json) {
  const auto pairs = pairs_leading_to(lake, 'W', tables);
  json["wall"] = pairs_json(pairs);
  return text("What are moves off the grid worth? The agent stays, so Q(s, a) = gamma V(s) = ", exact(gamma),
              " max Q(s, .): one discount for the lost step.\n", pair_table(pairs));
}

/// V = γ^(d-1), d the number of steps to the goal: one row a discount.
std::string answer_gamma(const FrozenLake& lake, double gamma, Json& json) {
  const Plan distances = policy_iteration(lake.transitions(), 0.5);
  const auto steps_from = [&](std::size_t s) { return std::lround(1.0 - std::log2(distances.values[s])); };
  TextTable table({"gamma", "V(start) by planning", "gamma^(d-1)"}, "rrr");
  const long d = steps_from(0);
  json["steps_from_start"] = d;
  for (const double g : {gamma, 0.5, 0.9, 0.99}) {
    if (g == gamma && !json["gamma"].empty()) continue;
    const double v = policy_iteration(lake.transitions(), g).values[0];
    table.add({exact(g), fixed(v, 6), fixed(std::pow(g, d - 1), 6)});
    json["gamma"].push_back({{"gamma", g}, {"start", v}});
  }
  return text("How do values depend on the discount? V(s) = gamma^(d-1), d the steps from s to the goal; from the start d = ",
              d, ".\n", table.to_string(2));
}

DemoReport run(const DemoRequest& request) {
  const FrozenLake lake({.is_slippery = false});
  const double gamma = request.values.number("gamma");
  const std::string& ask = request.values.name("ask");
  const Tables tables{exact_action_values(lake, gamma), learn_lake(lake.map(), gamma, request.seed).q};
  Json json = {{"gamma_used", gamma}};
  std::string lines;
  const auto asked = [&](const char* question) { return ask == "all" || ask == question; };
  if (asked("goal")) lines += answer_goal(lake, tables, json) + '\n';
  if (asked("hole")) lines += answer_hole(lake, tables, json) + '\n';
  if (asked("wall")) lines += answer_wall(lake, tables, gamma, json) + '\n';
  if (asked("gamma")) lines += answer_gamma(lake, gamma, json) + '\n';
  lines += text("The exact table, gamma = ", exact(gamma), ":\n", action_value_table(lake, tables.exact),
                "\nThe table that frozenlake-table learns, seed ", request.seed,
                " (0 where a pair was never tried, or not since there was something to hear of):\n",
                action_value_table(lake, tables.learned));
  json["q"] = tables.exact;
  json["learned"] = tables.learned;
  const Picture picture{
      {q_plot("Exact values", lake, tables.exact), q_plot("Learned values", lake, tables.learned)}, 9.0, 4.5};
  return {lines, json.dump(), {{"tables", picture}}};
}

}  // namespace

Demo frozenlake_questions_demo() {
  return {"frozenlake-questions",
          "what pairs of state and action are worth on the lake: at the goal, at holes, at walls, for other discounts",
          {{"ask", std::string("all"), "which question", {}, {"all", "goal", "hole", "wall", "gamma"}},
           {"gamma", 0.9, "discount", {.low = 0, .high = 1, .low_open = true, .high_open = true}, {}}},
          run};
}

}  // namespace handgrad::app
