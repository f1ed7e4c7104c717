// Exponential schedules of several speeds side by side. With call = lagged a value is recorded before it is recomputed, and
// recomputed with a counter that has not been increased yet: entry i is that of episode max(0, i - 1).

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/demos/demos.h"
#include "app/format.h"
#include "app/text_table.h"
#include "rl/schedule.h"

namespace handgrad::app {

namespace {

/// Entries 1, 2, 100 and 999 of the lagged curves.
std::vector<DemoBar> bars_of(const Picture& picture) {
  constexpr std::size_t kEntries[] = {1, 2, 100, 999};
  constexpr double kKnown[4][4] = {{0.9, 0.362698, 0.05, 0.05},
                                   {0.9, 0.891542, 0.365840, 0.050039},
                                   {0.9, 0.899575, 0.858949, 0.566067},
                                   {0.9, 0.899915, 0.891627, 0.819266}};
  std::vector<DemoBar> bars;
  const auto& curves = std::get<LineChart>(picture.panels[0]).curves;
  for (std::size_t f = 0; f < curves.size(); ++f) {
    DemoBar bar{curves[f].label + ": the known values to 1e-6", "", true};
    for (std::size_t k = 0; k < 4; ++k) {
      const double value = curves[f].y[kEntries[k]];
      bar.measured += (k == 0 ? "" : ", ") + fixed(value, 6);
      bar.met = bar.met && std::abs(value - kKnown[f][k]) <= 1e-6;
    }
    bars.push_back(bar);
  }
  return bars;
}

DemoReport run(const DemoRequest& request) {
  const bool lagged = request.values.name("call") == "lagged";
  const std::int64_t episodes = request.values.whole("episodes");
  Schedule schedule{Schedule::Kind::exponential, request.values.number("start"), request.values.number("end"), 1.0,
                    Schedule::Unit::episode};

  LineChart chart;
  chart.title = "Epsilon vs N";
  if (!lagged) {
    chart.x_label = "Finished episodes N";
    chart.y_label = "epsilon";
  }
  std::vector<std::int64_t> shown;
  for (const std::int64_t i : {std::int64_t{0}, std::int64_t{1}, std::int64_t{2}, std::int64_t{100}, episodes - 1}) {
    if (i < episodes && (shown.empty() || i > shown.back())) shown.push_back(i);
  }
  std::vector<std::string> header{"decrease factor"};
  for (const std::int64_t i : shown) header.push_back(text("i = ", i));
  TextTable table(header, "r" + std::string(shown.size(), 'r'));
  nlohmann::ordered_json json = {{"call", request.values.name("call")}, {"i", shown}, {"curves", nlohmann::json::array()}};

  for (const double factor : request.values.numbers("factors")) {
    schedule.span = factor;
    Curve curve{"Decrease Factor: " + exact(factor), {}, {}, {}, {}};
    for (std::int64_t i = 0; i < episodes; ++i) {
      curve.x.push_back(static_cast<double>(i));
      curve.y.push_back(schedule.at(lagged ? std::max<std::int64_t>(0, i - 1) : i));
    }
    std::vector<std::string> row{exact(factor)};
    std::vector<double> values;
    for (const std::int64_t i : shown) {
      values.push_back(curve.y[static_cast<std::size_t>(i)]);
      row.push_back(fixed(values.back(), 6));
    }
    table.add(row);
    json["curves"].push_back({{"factor", factor}, {"epsilon", values}});
    chart.curves.push_back(std::move(curve));
  }
  const std::string about =
      lagged ? "entry i is recorded before it is recomputed, with a counter that lags: n = max(0, i - 1)\n\n"
             : "entry i is the rate of episode i: n = i\n\n";
  DemoReport report{about + table.to_string(), json.dump(), {{"schedules", {{chart}}}}};
  if (request.values.all_standard()) report.bars = bars_of(report.pictures[0].picture);
  return report;
}

}  // namespace

Demo epsilon_schedules_demo() {
  return {"epsilon-schedules",
          "exploration that falls at four speeds: epsilon(n) = end + (start - end) exp(-n/factor)",
          {{"factors", std::vector<double>{1, 100, 2000, 10000}, "decrease factors, in episodes", above(0), {}},
           {"start", 0.9, "the rate at first", within(0, 1), {}},
           {"end", 0.05, "the rate it falls to", within(0, 1), {}},
           {"episodes", std::int64_t{1000}, "how many", within(1, 1'000'000), {}},
           {"call",
            std::string("lagged"),
            "lagged as in the documents, or current: what an episode really has (with axis labels)",
            {},
            {"lagged", "current"}}},
          run};
}

}  // namespace handgrad::app
