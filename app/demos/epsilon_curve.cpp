// Any exploration schedule, as numbers and as a curve.

#include <nlohmann/json.hpp>

#include "app/demos/demos.h"
#include "app/format.h"
#include "app/text_table.h"
#include "app/usage_error.h"
#include "rl/schedule.h"

namespace handgrad::app {

namespace {

constexpr std::int64_t kPoints = 400;  // of the curve

Schedule schedule_of(const DemoValues& values) {
  Schedule schedule;
  const std::string& kind = values.name("kind");
  schedule.kind = kind == "constant" ? Schedule::Kind::constant
                  : kind == "linear" ? Schedule::Kind::linear
                                     : Schedule::Kind::exponential;
  schedule.start = values.number("start");
  schedule.end = values.number("end");
  schedule.span = values.number("span");
  schedule.floor = values.number("floor");
  schedule.unit = values.name("unit") == "step" ? Schedule::Unit::step : Schedule::Unit::episode;
  return schedule;
}

std::string formula(const Schedule& s, const std::string& kind) {
  if (kind == "constant") return text("epsilon(n) = ", exact(s.start));
  const std::string fall = kind == "linear" ? "max(0, 1 - n/" + exact(s.span) + ")" : "exp(-n/" + exact(s.span) + ")";
  const std::string least = s.floor > 0.0 ? ", but at least " + exact(s.floor) : "";
  return text("epsilon(n) = ", exact(s.end), " + (", exact(s.start), " - ", exact(s.end), ") ", fall, least);
}

DemoReport run(const DemoRequest& request) {
  const Schedule schedule = schedule_of(request.values);
  const std::string unit = request.values.name("unit"), kind = request.values.name("kind");
  const std::int64_t until = request.values.whole("until");

  TextTable table({unit + " n", "epsilon"}, "rr");
  nlohmann::ordered_json json = {{"kind", kind}, {"at", nlohmann::json::array()}, {"epsilon", nlohmann::json::array()}};
  for (const std::int64_t n : request.values.wholes("at")) {
    table.add({grouped(n), fixed(schedule.at(n), 6)});
    json["at"].push_back(n);
    json["epsilon"].push_back(schedule.at(n));
  }

  LineChart chart{"Exploration", unit == "step" ? "Environment step" : "Episode", "epsilon", {Curve{kind, {}, {}, {}, {}}}};
  for (std::int64_t k = 0; k <= kPoints; ++k) {
    const std::int64_t n = until / kPoints * k + until % kPoints * k / kPoints;
    if (!chart.curves[0].x.empty() && chart.curves[0].x.back() == static_cast<double>(n)) continue;
    chart.curves[0].x.push_back(static_cast<double>(n));
    chart.curves[0].y.push_back(schedule.at(n));
  }
  DemoReport report{
      formula(schedule, kind) + ", n finished " + unit + "s\n\n" + table.to_string(), json.dump(), {{"epsilon", {{chart}}}}};
  if (request.values.standard({"kind", "start", "end", "span", "floor"})) {
    for (const auto& [n, value] : {std::pair{0, 0.9}, {2500, 0.337413}, {10000, 0.026301}}) {
      report.bars.push_back(close_to(text("epsilon(", n, ") is ", value, " to 1e-6"), schedule.at(n), value, 1e-6, 6));
    }
  }
  return report;
}

}  // namespace

Demo epsilon_curve_demo() {
  return {"epsilon-curve",
          "an exploration schedule in numbers and as a curve",
          {{"kind", std::string("exponential"), "how it falls", {}, {"constant", "linear", "exponential"}},
           {"start", 0.9, "its value at 0", within(0, 1), {}},
           {"end", 0.01, "what it falls to; unused by constant", within(0, 1), {}},
           {"span", 2500.0, "how long that takes; of exponential, until 1/e of the way is left", above(0), {}},
           {"floor", 0.0, "it never falls below this", within(0, 1), {}},
           {"unit", std::string("step"), "what n counts", {}, {"step", "episode"}},
           {"at", std::vector<std::int64_t>{0, 2500, 10000}, "where to print it", within(0, 1e15), {}},
           {"until", std::int64_t{10000}, "where the curve ends", within(1, 1e15), {}}},
          run};
}

}  // namespace handgrad::app
