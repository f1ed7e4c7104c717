#include "app/study/results.h"

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "core/atomic_file.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

/// The text is JSON, but no result.
struct NoResult {};

void expect(bool condition) {
  if (!condition) throw NoResult{};
}

double read_number(const Json& j) {
  expect(j.is_null() || j.is_number());
  return j.is_null() ? std::numeric_limits<double>::quiet_NaN() : j.get<double>();
}

// Trap: the JSON library turns 1e300 into an integer by a cast, whose result C++ does not define.
std::int64_t read_whole(const Json& j) {
  expect(j.is_number_integer() && (!j.is_number_unsigned() || j.get<std::uint64_t>() <= INT64_MAX));
  return j.get<std::int64_t>();
}

std::vector<std::int64_t> read_wholes(const Json& list) {
  expect(list.is_array());
  std::vector<std::int64_t> values;
  for (const Json& j : list) values.push_back(read_whole(j));
  return values;
}

Json curve_to_json(const RunCurve& curve) {
  Json means = Json::array();
  for (const double mean : curve.mean) means.push_back(number(mean));
  return {{"episode", curve.episode}, {"env_step", curve.env_step}, {"mean", means}};
}

RunCurve read_curve(const Json& j) {
  RunCurve curve{read_wholes(j.at("episode")), read_wholes(j.at("env_step")), {}};
  for (const Json& mean : j.at("mean")) curve.mean.push_back(read_number(mean));
  expect(curve.env_step.size() == curve.episode.size() && curve.mean.size() == curve.episode.size());
  return curve;
}

RunResult from_json(const Json& j, const StudyDefinition& study) {
  RunResult result;
  j.at("arm").get_to(result.arm);
  result.seed = static_cast<std::uint64_t>(read_whole(j.at("seed")));
  result.error = j.value("error", "");
  result.episodes = read_whole(j.at("episodes"));
  result.env_steps = read_whole(j.at("env_steps"));
  result.train_steps = read_whole(j.at("train_steps"));
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
  std::optional<RunResult> result = parse_result(read_file(file), study);
  if (result && (result->arm != arm.label || result->seed != seed)) return std::nullopt;
  return result;
}

std::optional<RunResult> parse_result(const std::string& content, const StudyDefinition& study) {
  try {
    return from_json(Json::parse(content), study);
  } catch (const Json::exception&) {
    return std::nullopt;
  } catch (const NoResult&) {
    return std::nullopt;
  }
}

}  // namespace handgrad::app
