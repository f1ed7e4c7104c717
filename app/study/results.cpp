#include "app/study/results.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

double read_number(const Json& j) { return j.is_null() ? std::numeric_limits<double>::quiet_NaN() : j.get<double>(); }

Json curve_to_json(const RunCurve& curve) {
  Json means = Json::array();
  for (const double mean : curve.mean) means.push_back(number(mean));
  return {{"episode", curve.episode}, {"env_step", curve.env_step}, {"mean", means}};
}

RunCurve read_curve(const Json& j) {
  RunCurve curve;
  j.at("episode").get_to(curve.episode);
  j.at("env_step").get_to(curve.env_step);
  for (const Json& mean : j.at("mean")) curve.mean.push_back(read_number(mean));
  return curve;
}

RunResult from_json(const Json& j, const StudyDefinition& study) {
  RunResult result;
  j.at("arm").get_to(result.arm);
  j.at("seed").get_to(result.seed);
  result.error = j.value("error", "");
  j.at("episodes").get_to(result.episodes);
  j.at("env_steps").get_to(result.env_steps);
  j.at("train_steps").get_to(result.train_steps);
  if (result.error.empty()) {
    for (const auto& spec : study.measures) {
      const Json& measure = j.at("measures").at(spec.as);
      result.measures.push_back({read_number(measure.at("value")), measure.value("censored", false)});
    }
  }
  result.evaluation = read_curve(j.at("curves").at("evaluation"));
  result.training = read_curve(j.at("curves").at("training"));
  return result;
}

}  // namespace

std::filesystem::path result_file(const std::filesystem::path& folder, const Arm& arm, std::uint64_t seed) {
  return folder / "runs" / arm.folder / text("seed-", seed, ".json");
}

StudyResults read_results(const Study& study, const std::filesystem::path& folder) {
  StudyResults results(study.arms.size());
  for (std::size_t a = 0; a < study.arms.size(); ++a) {
    for (std::int64_t s = 0; s < study.definition.seeds; ++s) {
      const std::uint64_t seed = study.definition.first_seed + static_cast<std::uint64_t>(s);
      results[a].push_back(read_result(result_file(folder, study.arms[a], seed), study.definition, study.arms[a], seed));
    }
  }
  return results;
}

void write_result(const std::filesystem::path& file, const StudyDefinition& study, const RunResult& result) {
  Json j{{"arm", result.arm}, {"seed", result.seed}};
  if (!result.error.empty()) j["error"] = result.error;
  j["episodes"] = result.episodes;
  j["env_steps"] = result.env_steps;
  j["train_steps"] = result.train_steps;
  for (std::size_t m = 0; m < result.measures.size(); ++m) {
    Json& measure = j["measures"][study.measures[m].as];
    measure["value"] = number(result.measures[m].value);
    if (result.measures[m].censored) measure["censored"] = true;
  }
  j["curves"] = {{"evaluation", curve_to_json(result.evaluation)}, {"training", curve_to_json(result.training)}};
  write_file_atomically(file, j.dump() + "\n");
}

std::optional<RunResult> read_result(const std::filesystem::path& file, const StudyDefinition& study, const Arm& arm,
                                     std::uint64_t seed) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return std::nullopt;
  try {
    RunResult result = from_json(Json::parse(read_file(file)), study);
    if (result.arm != arm.label || result.seed != seed) return std::nullopt;
    return result;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace handgrad::app
