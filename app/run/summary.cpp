#include "app/run/summary.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "app/format.h"
#include "app/text_table.h"
#include "core/atomic_file.h"
#include "core/error.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json to_object(const RunSummary& s) {
  Json j;
  j["preset"] = s.preset;
  j["variant"] = s.variants;
  j["env"] = s.environment;
  j["algorithm"] = s.algorithm;
  j["seed"] = s.seed;
  j["backend"] = s.backend;
  j["threads"] = s.threads;
  j["version"] = HANDGRAD_VERSION;
  j["episodes"] = s.episodes;
  j["env_steps"] = s.env_steps;
  j["train_steps"] = s.train_steps;
  j["wall_seconds"] = s.wall_seconds;
  j["env_steps_per_second"] = s.env_steps_per_second;
  j["final_train_return_mean_100"] = or_null(s.final_train_return_mean_100);
  j["eval_episodes"] = s.evaluation ? Json(s.evaluation->episodes) : Json(nullptr);
  j["eval_return_mean"] = s.evaluation ? Json(s.evaluation->mean) : Json(nullptr);
  j["eval_return_std"] = s.evaluation ? Json(s.evaluation->std) : Json(nullptr);
  j["best_eval_return_mean"] = or_null(s.best_eval_return_mean);
  j["solved"] = s.threshold ? Json(s.solved_at_env_step.has_value()) : Json(nullptr);
  j["solved_at_env_step"] = or_null(s.solved_at_env_step);
  j["solved_at_seconds"] = or_null(s.solved_at_seconds);
  if (s.interrupted) j["interrupted"] = true;
  if (!s.changes.empty()) j["changes"] = s.changes;
  j["fingerprint"] = s.fingerprint;
  return j;
}

// The figures of which a mean over seeds makes sense.
const std::vector<std::string>& averaged_figures() {
  static const std::vector<std::string> names = {"episodes",
                                                 "env_steps",
                                                 "train_steps",
                                                 "wall_seconds",
                                                 "env_steps_per_second",
                                                 "final_train_return_mean_100",
                                                 "eval_return_mean",
                                                 "eval_return_std",
                                                 "best_eval_return_mean",
                                                 "solved_at_env_step",
                                                 "solved_at_seconds"};
  return names;
}

std::vector<double> figure(const Json& rows, const std::string& name) {
  std::vector<double> values;
  for (const auto& row : rows) {
    if (row.contains(name) && row.at(name).is_number()) values.push_back(row.at(name).get<double>());
  }
  return values;
}

Json to_rows(const std::vector<SeedOutcome>& outcomes) {
  Json rows = Json::array();
  for (const auto& outcome : outcomes) {
    rows.push_back(outcome.summary ? to_object(*outcome.summary) : Json{{"seed", outcome.seed}, {"error", outcome.error}});
  }
  return rows;
}

std::string cell(const std::optional<double>& value, int digits) { return value ? fixed(*value, digits) : "-"; }

}  // namespace

RunSummary read_summary(const std::filesystem::path& file) {
  try {
    const Json j = Json::parse(read_file(file));
    const auto optional = [&](const char* name, auto& value) {
      if (!j.at(name).is_null()) value.emplace(j.at(name));
    };
    RunSummary s;
    s.preset = j.at("preset");
    s.variants = j.at("variant");
    s.environment = j.at("env");
    s.algorithm = j.at("algorithm");
    s.seed = j.at("seed");
    s.backend = j.at("backend");
    s.threads = j.at("threads");
    s.episodes = j.at("episodes");
    s.env_steps = j.at("env_steps");
    s.train_steps = j.at("train_steps");
    s.wall_seconds = j.at("wall_seconds");
    s.env_steps_per_second = j.at("env_steps_per_second");
    optional("final_train_return_mean_100", s.final_train_return_mean_100);
    optional("best_eval_return_mean", s.best_eval_return_mean);
    optional("solved_at_env_step", s.solved_at_env_step);
    optional("solved_at_seconds", s.solved_at_seconds);
    if (!j.at("eval_episodes").is_null()) {
      s.evaluation = {.episodes = j.at("eval_episodes"), .mean = j.at("eval_return_mean"), .std = j.at("eval_return_std")};
    }
    s.interrupted = j.value("interrupted", false);
    s.changes = j.value("changes", s.changes);
    s.fingerprint = j.at("fingerprint");
    return s;
  } catch (const Json::exception& error) {
    fail(file.string(), " is no summary of a run: ", error.what());
  }
}

std::string to_json(const RunSummary& summary, int indent) { return to_object(summary).dump(indent); }

std::string to_json(const std::vector<SeedOutcome>& outcomes, unsigned threads, int indent) {
  const Json rows = to_rows(outcomes);
  Json j;
  for (const auto& row : rows) {
    if (row.contains("error")) continue;
    for (const char* shared : {"preset", "variant", "env", "algorithm", "backend"}) j[shared] = row.at(shared);
    break;
  }
  j["threads"] = threads;
  j["version"] = HANDGRAD_VERSION;
  j["seeds"] = outcomes.size();
  j["solved"] = std::count_if(rows.begin(), rows.end(), [](const Json& row) { return row.value("solved", Json()) == true; });
  j["runs"] = rows;
  for (const auto& name : averaged_figures()) {
    const auto values = figure(rows, name);
    const ReturnStatistics over_seeds = values.empty() ? ReturnStatistics{} : statistics(values);
    j["mean"][name] = values.empty() ? Json(nullptr) : Json(over_seeds.mean);
    j["std"][name] = values.empty() ? Json(nullptr) : Json(over_seeds.std);
  }
  return j.dump(indent);
}

std::string to_table(const std::vector<SeedOutcome>& outcomes) {
  TextTable table(
      {"seed", "episodes", "steps", "seconds", "train mean 100", "eval mean", "eval std", "best eval", "solved at step"},
      "rrrrrrrrr");
  for (const auto& outcome : outcomes) {
    const auto seed = std::to_string(outcome.seed);
    if (!outcome.summary) {
      table.add({seed, outcome.error.starts_with("not run") ? "not run" : "failed", "-", "-", "-", "-", "-", "-", "-"});
      continue;
    }
    const RunSummary& s = *outcome.summary;
    table.add({seed, grouped(s.episodes), grouped(s.env_steps), fixed(s.wall_seconds, 1),
               cell(s.final_train_return_mean_100, 1), s.evaluation ? fixed(s.evaluation->mean, 2) : "-",
               s.evaluation ? fixed(s.evaluation->std, 2) : "-", cell(s.best_eval_return_mean, 2),
               s.solved_at_env_step ? grouped(*s.solved_at_env_step) : "-"});
  }
  const Json rows = to_rows(outcomes);
  for (const auto& [label, std_wanted] : {std::pair{"mean", false}, std::pair{"std", true}}) {
    const auto over_seeds = [&, wanted = std_wanted](const std::string& name, int digits) {
      const auto values = figure(rows, name);
      if (values.empty()) return std::string("-");
      return fixed(wanted ? statistics(values).std : statistics(values).mean, digits);
    };
    table.add({label, over_seeds("episodes", 1), over_seeds("env_steps", 0), over_seeds("wall_seconds", 1),
               over_seeds("final_train_return_mean_100", 1), over_seeds("eval_return_mean", 2),
               over_seeds("eval_return_std", 2), over_seeds("best_eval_return_mean", 2), over_seeds("solved_at_env_step", 0)});
  }
  return table.to_string();
}

}  // namespace handgrad::app
