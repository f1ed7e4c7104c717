// What tables cannot do: many dimensions, another world than the one they were trained in, pairs that were never tried.

#include <algorithm>
#include <cmath>
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

std::string memory(double bytes) {
  if (bytes < 1e4) return grouped(std::llround(bytes)) + " B ";
  if (bytes < 1e7) return grouped(std::llround(bytes / 1e3)) + " kB";
  return grouped(std::llround(bytes / 1e6)) + " MB";
}

/// Entries of a table for CartPole's four numbers and two actions.
std::string sizes(const DemoValues& values, Json& json, DemoReport& report) {
  TextTable table({"bins a dimension", "states n^4", "entries", "memory"}, "rrrr");
  Curve curve{"entries", {}, {}, {}, {}, Curve::Style::line_and_points};
  for (const std::int64_t n : values.wholes("bins")) {
    const std::int64_t states = n * n * n * n, entries = 2 * states;
    table.add({grouped(n), grouped(states), grouped(entries), memory(static_cast<double>(entries) * sizeof(double))});
    json["sizes"].push_back({{"bins", n}, {"states", states}, {"entries", entries}});
    curve.x.push_back(static_cast<double>(n)), curve.y.push_back(static_cast<double>(entries));
  }
  LineChart chart{"A table for CartPole", "Bins a dimension", "Entries", {curve}};
  chart.log_x = chart.log_y = true;
  report.pictures.push_back({"sizes", {{chart}}});
  return "1. A table grows with the power of its dimensions. CartPole, four numbers and two actions:\n" + table.to_string(3);
}

/// Whether the greedy walk of a table arrives on a map.
bool arrives(const FrozenLakeMap& map, const std::vector<double>& q) {
  const FrozenLake lake({.desc = map, .is_slippery = false});
  return reaches_goal(lake, greedy_walk(lake, q));
}

/// One table on many maps, and a new one for each.
std::string other_maps(const DemoRequest& request, Json& json, DemoReport& report) {
  const double gamma = request.values.number("gamma");
  const std::int64_t count = request.values.whole("maps");
  const std::vector<double> old_table = learn_lake(frozen_lake_map("4x4"), gamma, request.seed).q;
  std::int64_t before = 0, after = 0;
  std::string maps;
  for (std::int64_t k = 0; k < count; ++k) {
    const std::uint64_t seed = request.seed + static_cast<std::uint64_t>(k);
    const FrozenLakeMap map = generate_random_map(4, 0.8, seed);
    const bool old_one = arrives(map, old_table), new_one = arrives(map, learn_lake(map, gamma, seed).q);
    before += old_one, after += new_one;
    std::string rows;
    for (const std::string& row : map) rows += (rows.empty() ? "" : "/") + row;
    maps += text("   ", rows, "   old table ", old_one ? "arrives" : "fails  ", "   trained again ",
                 new_one ? "arrives" : "fails", "\n");
    json["maps"].push_back({{"map", rows}, {"before", old_one}, {"after", new_one}});
    request.progress(k + 1, count);
  }
  report.bars.push_back({"trained again, a table arrives on more lakes than one from elsewhere",
                         text(after, " against ", before, " of ", count), after > before});
  json["before"] = before;
  json["after"] = after;
  return text("2. A table knows one world. Trained on the usual lake (there it ",
              arrives(frozen_lake_map("4x4"), old_table) ? "arrives" : "fails", "), it arrives on ", before, " of ", count,
              " other lakes;\n   trained again on each, on ", after, " of ", count, ":\n", maps);
}

/// How much of a table its training ever touches, for each preset that learns one.
std::string visits(const DemoRequest& request, Json& json, DemoReport& report) {
  TextTable table({"preset", "entries", "ever tried"}, "lrr");
  BarChart bars{"Entries ever tried", "Share", {}, {}, {}, {}};
  for (const std::string& preset : preset_names()) {
    RunConfig config = resolve_preset(preset, {}).config;
    if (!is_one_table(config)) continue;
    config.seed = request.seed;
    const LearnedTable learned = learn_table(config);
    table.add({preset, grouped(static_cast<std::int64_t>(learned.q.size())), fixed(100 * learned.visited_share(), 1) + " %"});
    json["visited"].push_back({{"preset", preset}, {"entries", learned.q.size()}, {"share", learned.visited_share()}});
    bars.names.push_back(preset), bars.values.push_back(learned.visited_share());
  }
  const bool some = std::all_of(bars.values.begin(), bars.values.end(), [](double share) { return share > 0 && share < 1; });
  report.bars.push_back(
      {"no table is ever full",
       text("at most ", fixed(100 * *std::max_element(bars.values.begin(), bars.values.end()), 1), " % tried"), some});
  report.pictures.push_back({"visited", {{bars}}});
  return "3. A pair that is never tried is never learned, and nothing is known of it from its neighbours:\n" +
         table.to_string(3);
}

DemoReport run(const DemoRequest& request) {
  const std::string& part = request.values.name("part");
  const auto asked = [&](const char* name) { return part == "all" || part == name; };
  DemoReport report;
  Json json = Json::object();
  const auto add = [&](const std::string& lines) { report.text += (report.text.empty() ? "" : "\n") + lines; };
  if (asked("sizes")) add(sizes(request.values, json, report));
  if (asked("maps")) add(other_maps(request, json, report));
  if (asked("visits")) add(visits(request, json, report));
  report.json = json.dump();
  return report;
}

}  // namespace

Demo table_limits_demo() {
  return {"table-limits",
          "what tables cannot do: many dimensions, other worlds, pairs that were never tried",
          {{"part", std::string("all"), "which of the three", {}, {"all", "sizes", "maps", "visits"}},
           {"bins",
            std::vector<std::int64_t>{2, 6, 10, 20, 50, 100},
            "bins a dimension of CartPole's table",
            within(1, 10'000),
            {}},
           {"maps", std::int64_t{20}, "other lakes to try, random ones of seeds N, N+1 ...", within(1, 10'000), {}},
           {"gamma", 0.9, "discount on the lakes", within(0, 1), {}}},
          run};
}

}  // namespace handgrad::app
