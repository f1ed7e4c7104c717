#include "app/study/report.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "app/format.h"
#include "app/study/aggregate.h"
#include "app/text_table.h"
#include "core/atomic_file.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

std::int64_t failures(const std::vector<std::optional<RunResult>>& results) {
  return std::count_if(results.begin(), results.end(), [](const auto& r) { return r && !r->error.empty(); });
}

std::int64_t successes(const std::vector<std::optional<RunResult>>& results) {
  return std::count_if(results.begin(), results.end(), [](const auto& r) { return r && r->error.empty(); });
}

Aggregate over_all_seeds(const StudyReport& report, std::size_t arm, std::size_t measure) {
  return aggregate(report.results[arm], measure, report.results[arm].size());
}

Json aggregate_to_json(const StudyReport& report, std::size_t arm, std::size_t measure) {
  const Aggregate a = over_all_seeds(report, arm, measure);
  return {{"n", a.n},
          {"mean", number(a.mean)},
          {"std", number(a.std)},
          {"mean_low", number(a.low)},
          {"mean_high", number(a.high)},
          {"median", number(a.median)},
          {"q1", number(a.q1)},
          {"q3", number(a.q3)},
          {"min", number(a.min)},
          {"max", number(a.max)},
          {"reached", a.reached}};
}

Json arm_to_json(const StudyReport& report, std::size_t index, const std::vector<std::string>& keys) {
  const Arm& arm = report.study.arms[index];
  Json j{{"label", arm.label}, {"preset", arm.config.preset}, {"env", arm.config.environment.id}};
  j["settings"] = Json::object();
  for (const auto& key : keys) j["settings"][key] = value_in(arm, key);
  j["runs"] = successes(report.results[index]);
  j["failed"] = failures(report.results[index]);
  j["errors"] = Json::array();
  for (const auto& result : report.results[index]) {
    if (result && !result->error.empty()) j["errors"].push_back({{"seed", result->seed}, {"error", result->error}});
  }
  const auto& measures = report.study.definition.measures;
  for (std::size_t m = 0; m < measures.size(); ++m) j["measures"][measures[m].as] = aggregate_to_json(report, index, m);
  return j;
}

Json measure_to_json(const MeasureSpec& spec) {
  const MeasureKind& kind = find_measure_kind(spec.kind);
  Json j{{"as", spec.as}, {"kind", spec.kind}, {"unit", kind.unit}, {"meaning", kind.meaning}};
  j["parameters"] = Json::object();
  for (const auto& [name, value] : spec.parameters) j["parameters"][name] = value;
  return j;
}

const char* verdict(const BarOutcome& bar) { return !bar.met ? "not measured" : *bar.met ? "met" : "NOT MET"; }

bool can_be_censored(const MeasureSpec& spec) { return find_measure_kind(spec.kind).can_be_censored; }

// Values are 0 or 1, every one of them: nothing else between 0 and 1 has so large a deviation.
bool all_yes_or_no(const Aggregate& a) {
  return a.min >= 0 && a.max <= 1 && std::abs(a.std * a.std - a.mean * (1 - a.mean)) < 1e-12;
}

// What a table says of one measure in one arm: "212.4 [180, 243], median 195"; "17/20"; where a run can end without, "17/20,
// median 195".
std::string cell(const Aggregate& a, const MeasureSpec& spec) {
  const MeasureKind& kind = find_measure_kind(spec.kind);
  if (a.n == 0) return "-";
  if (kind.can_be_censored) {
    const bool median_is_known = 2 * a.reached > a.n;
    return text(a.reached, "/", a.n, median_is_known ? ", median " + brief(a.median, 5) : "");
  }
  if (kind.unit.empty() && all_yes_or_no(a)) return text(std::llround(a.mean * static_cast<double>(a.n)), "/", a.n);
  if (a.low == a.high) return brief(a.mean);
  return brief(a.mean) + " [" + brief(a.low, 3) + ", " + brief(a.high, 3) + "], median " + brief(a.median);
}

std::vector<std::string> header(const StudyReport& report) {
  std::vector<std::string> cells = {"arm", "runs"};
  for (const auto& measure : report.study.definition.measures) cells.push_back(measure.as);
  return cells;
}

std::vector<std::string> row(const StudyReport& report, std::size_t arm) {
  const std::int64_t failed = failures(report.results[arm]);
  std::vector<std::string> cells = {report.study.arms[arm].label, text(successes(report.results[arm]))};
  if (failed > 0) cells.back() += text(" + ", failed, " failed");
  for (std::size_t m = 0; m < report.study.definition.measures.size(); ++m) {
    const MeasureSpec& spec = report.study.definition.measures[m];
    cells.push_back(cell(over_all_seeds(report, arm, m), spec));
  }
  return cells;
}

// How to read the cells.
std::string legend(const StudyReport& report) {
  const auto& measures = report.study.definition.measures;
  std::string words = "mean over seeds [its 95 % bootstrap interval] and median; of yes or no, how many";
  if (std::any_of(measures.begin(), measures.end(), can_be_censored)) {
    words += "; of a threshold, how many reached it, and the median if more than half did";
  }
  return words;
}

std::string markdown_row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const auto& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

std::string seeds_in_words(const Study& study) {
  return study.definition.seeds == 1 ? text("seed ", study.definition.first_seed)
                                     : text("seeds ", study.definition.first_seed, " to ", study.last_seed());
}

// RFC 4180: quotation marks where a cell needs them.
std::string csv_cell(const std::string& words) {
  if (words.find_first_of(",\"\n") == std::string::npos) return words;
  std::string result = "\"";
  for (const char c : words) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + "\"";
}

std::string csv_number(double value) { return std::isfinite(value) ? exact(value) : ""; }

std::string csv_row(const std::vector<std::string>& cells) {
  std::string line;
  for (const auto& cell : cells) line += (line.empty() ? "" : ",") + csv_cell(cell);
  return line + "\n";
}

}  // namespace

std::int64_t StudyReport::done() const {
  std::int64_t count = 0;
  for (const auto& of_arm : results) count += successes(of_arm) + failures(of_arm);
  return count;
}

std::int64_t StudyReport::failed() const {
  std::int64_t count = 0;
  for (const auto& of_arm : results) count += failures(of_arm);
  return count;
}

std::string to_json(const StudyReport& report, int indent) {
  const StudyDefinition& d = report.study.definition;
  const std::vector<std::string> keys = differing_keys(report.study);
  Json j{{"study", d.id}, {"title", d.title}, {"description", d.description}, {"question", d.question}};
  j["command"] = report.command;
  j["version"] = HANDGRAD_VERSION;
  j["first_seed"] = d.first_seed;
  j["seeds"] = d.seeds;
  j["runs"] = report.study.runs();
  j["done"] = report.done();
  j["failed"] = report.failed();
  j["measures"] = Json::array();
  for (const auto& measure : d.measures) j["measures"].push_back(measure_to_json(measure));
  j["arms"] = Json::array();
  for (std::size_t a = 0; a < report.study.arms.size(); ++a) j["arms"].push_back(arm_to_json(report, a, keys));
  j["bars"] = Json::array();
  std::int64_t met = 0;
  for (const auto& bar : report.bars) {
    j["bars"].push_back({{"text", bar.text}, {"measured", bar.measured}, {"met", bar.met ? Json(*bar.met) : Json(nullptr)}});
    met += bar.met.value_or(false) ? 1 : 0;
  }
  j["bars_met"] = met;
  j["pictures"] = report.pictures;
  return j.dump(indent);
}

std::string to_text(const StudyReport& report) {
  TextTable table(header(report), std::string(report.study.definition.measures.size() + 2, 'l'));
  for (std::size_t a = 0; a < report.study.arms.size(); ++a) table.add(row(report, a));
  std::string result = report.study.definition.title + "\n\n" + table.to_string() + "(" + legend(report) + ")\n";
  for (const auto& bar : report.bars) {
    result += text("\n", verdict(bar), ": ", bar.text, "\n  measured: ", bar.measured, "\n");
  }
  return result;
}

std::string to_markdown(const StudyReport& report) {
  const StudyDefinition& d = report.study.definition;
  std::string result = "# " + d.title + "\n\n";
  if (!d.description.empty()) result += d.description + "\n\n";
  if (!d.question.empty()) result += "Question: " + d.question + "\n\n";
  result += "`" + report.command + "`, " + seeds_in_words(report.study) + ", handgrad " + HANDGRAD_VERSION + "\n\n";
  const auto columns = header(report);
  result += markdown_row(columns) + markdown_row(std::vector<std::string>(columns.size(), "---"));
  for (std::size_t a = 0; a < report.study.arms.size(); ++a) result += markdown_row(row(report, a));
  result += "\nIn each cell: " + legend(report) + ".\n";
  if (!report.bars.empty()) result += "\nExpected:\n\n";
  for (const auto& bar : report.bars) result += text("- ", bar.text, ": ", bar.measured, ", **", verdict(bar), "**\n");
  for (const auto& picture : report.pictures) result += "\n![" + picture + "](" + picture + ")\n";
  return result;
}

std::string results_csv(const StudyReport& report) {
  const auto& measures = report.study.definition.measures;
  std::vector<std::string> names = {"arm", "seed", "episodes", "env_steps", "train_steps"};
  for (const auto& measure : measures) {
    names.push_back(measure.as);
    names.push_back(measure.as + " censored");
  }
  names.push_back("error");
  std::string table = csv_row(names);
  for (const auto& of_arm : report.results) {
    for (const auto& result : of_arm) {
      if (!result) continue;
      std::vector<std::string> cells = {result->arm, text(result->seed), text(result->episodes), text(result->env_steps),
                                        text(result->train_steps)};
      for (std::size_t m = 0; m < measures.size(); ++m) {
        const MeasureValue value = result->error.empty() ? result->measures[m] : MeasureValue{};
        cells.push_back(csv_number(value.value));
        cells.push_back(value.censored ? "1" : "0");
      }
      cells.push_back(result->error);
      table += csv_row(cells);
    }
  }
  return table;
}

std::string summary_csv(const StudyReport& report) {
  std::string table = csv_row({"arm", "measure", "unit", "n", "failed", "mean", "mean_low", "mean_high", "std", "median", "q1",
                               "q3", "min", "max", "reached"});
  const auto& measures = report.study.definition.measures;
  for (std::size_t arm = 0; arm < report.study.arms.size(); ++arm) {
    for (std::size_t m = 0; m < measures.size(); ++m) {
      const Aggregate a = over_all_seeds(report, arm, m);
      std::vector<std::string> cells = {report.study.arms[arm].label, measures[m].as, find_measure_kind(measures[m].kind).unit,
                                        text(a.n), text(failures(report.results[arm]))};
      for (const double value : {a.mean, a.low, a.high, a.std, a.median, a.q1, a.q3, a.min, a.max}) {
        cells.push_back(csv_number(value));
      }
      cells.push_back(text(a.reached));
      table += csv_row(cells);
    }
  }
  return table;
}

std::string curves_csv(const StudyReport& report) {
  std::string table = csv_row({"arm", "curve", "episode", "mean", "low", "high"});
  for (std::size_t a = 0; a < report.study.arms.size(); ++a) {
    for (const auto kind : {CurveKind::evaluation, CurveKind::training}) {
      const MeanCurve curve = mean_curve(report.results[a], kind, false);
      for (std::size_t i = 0; i < curve.x.size(); ++i) {
        table +=
            csv_row({report.study.arms[a].label, kind == CurveKind::evaluation ? "evaluation" : "training",
                     csv_number(curve.x[i]), csv_number(curve.mean[i]), csv_number(curve.low[i]), csv_number(curve.high[i])});
      }
    }
  }
  return table;
}

void write_report(const StudyReport& report, const std::filesystem::path& folder) {
  write_file_atomically(folder / "results.csv", results_csv(report));
  write_file_atomically(folder / "summary.csv", summary_csv(report));
  write_file_atomically(folder / "curves.csv", curves_csv(report));
  write_file_atomically(folder / "summary.md", to_markdown(report));
  write_file_atomically(folder / "summary.json", to_json(report, 2) + "\n");
}

}  // namespace handgrad::app
