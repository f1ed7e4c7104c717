// From runs to figures: measures, aggregates, bootstrap and bars, against values worked out by hand.

#include <cmath>

#include "app/config/resolve.h"
#include "app/study/aggregate.h"
#include "app/study/bars.h"
#include "app/study/studies.h"
#include "app/study/trained_agent.h"
#include "core/random.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

// Returns 1, 0, 0, 1, 1, 1, a step each; evaluations after episodes 2, 4 and 6.
RunRecord record() {
  RunRecord r;
  std::int64_t step = 0;
  for (const double episode_return : {1.0, 0.0, 0.0, 1.0, 1.0, 1.0}) {
    step += 10;
    r.episodes.push_back({episode_return, 10, step});
  }
  r.evaluations = {{2, 20, 5.0}, {4, 40, 9.0}, {6, 60, 7.0}};
  r.env_steps = 65;
  return r;
}

MeasureValue measure(const std::string& kind, const MeasureKind::Parameters& parameters, TrainedAgent& agent) {
  return find_measure_kind(kind).compute(record(), agent, parameters);
}

std::optional<RunResult> result(double value, bool censored = false) {
  RunResult r;
  r.measures = {{value, censored}};
  return r;
}

std::optional<RunResult> failed() {
  RunResult r;
  r.error = "the loss is not finite";
  return r;
}

// A table for FrozenLake 4x4 on firm ice that a network holds: no hidden layer, one-hot weights are not possible with the
// state's number as input, so the network gives the same values everywhere.
TensorFile constant_values(const std::vector<float>& values) {
  const auto A = static_cast<std::int64_t>(values.size());
  TensorFile file;
  file.metadata = {{"activation", "relu"}};
  file.tensors = {{"0.weight", {A, 1}, std::vector<float>(values.size(), 0.0F)}, {"0.bias", {A}, values}};
  return file;
}

RunConfig config_of(const std::string& environment, const std::vector<Assignment>& more) {
  std::vector<Assignment> assignments = {{"env.id", environment, ""}, {"train.episodes", std::int64_t{1}, ""}};
  assignments.insert(assignments.end(), more.begin(), more.end());
  return resolve(assignments).config;
}

TrainedAgent on_firm_ice(const std::vector<float>& values) {
  return {config_of("FrozenLake-v1", {{"env.is_slippery", false, ""}, {"dqn.gamma", 0.9, ""}}), constant_values(values)};
}

// A study of two arms of one measure, with a bar.
Study study_with(const std::string& bar) {
  const TemporaryFolder folder;
  put_bytes(folder / "s.toml",
            "title = \"S\"\npreset = \"cartpole\"\nseeds = 4\n[[sweep]]\nkey = \"dqn.gamma\"\nname = \"gamma\"\n"
            "values = [0.5, 0.9]\n[[measure]]\nkind = \"final_return\"\nas = \"final\"\n[[bar]]\ntext = \"t\"\n"
            "measure = \"final\"\n" +
                bar);
  return resolve_study(load_study((folder / "s.toml").string()));
}

BarOutcome judge(const std::string& bar, const StudyResults& results) {
  const Study study = study_with(bar);
  return judge_bars(study, results).front();
}

}  // namespace

TEST_CASE("every measure is described, once") {
  std::vector<std::string> names;
  for (const auto& kind : all_measures()) {
    CAPTURE(kind.name);
    CHECK(std::find(names.begin(), names.end(), kind.name) == names.end());
    CHECK_FALSE(kind.meaning.empty());
    for (const auto& parameter : kind.parameters) CHECK_FALSE(parameter.meaning.empty());
    names.push_back(kind.name);
  }
}

TEST_CASE("measures of the training, by hand") {
  TrainedAgent agent = on_firm_ice({0, 0, 0, 0});
  const auto of_evaluations = measure("episodes_to_threshold", {{"threshold", 8}, {"window", 0}}, agent);
  CHECK(of_evaluations.value == 4);
  CHECK_FALSE(of_evaluations.censored);
  CHECK(measure("env_steps_to_threshold", {{"threshold", 8}, {"window", 0}}, agent).value == 40);
  const auto never = measure("episodes_to_threshold", {{"threshold", 10}, {"window", 0}}, agent);
  CHECK(never.value == 6);
  CHECK(never.censored);
  CHECK(measure("env_steps_to_threshold", {{"threshold", 10}, {"window", 0}}, agent).value == 65);
  // Means of two episodes: 0.5, 0, 0.5, 1, 1.
  CHECK(measure("episodes_to_threshold", {{"threshold", 1}, {"window", 2}}, agent).value == 5);
  CHECK(measure("reached", {{"threshold", 1}, {"window", 2}}, agent).value == 1);
  CHECK(measure("reached", {{"threshold", 1}, {"window", 4}}, agent).value == 0);
  CHECK(measure("best_evaluation", {}, agent).value == 9);
  CHECK(measure("last_evaluation", {}, agent).value == 7);
  CHECK(measure("best_training_mean", {{"window", 4}}, agent).value == 0.75);
  CHECK(std::isnan(measure("best_training_mean", {{"window", 7}}, agent).value));
  CHECK(measure("last_training_mean", {{"window", 4}}, agent).value == 0.75);
  CHECK(measure("last_training_success", {{"window", 100}}, agent).value == 4.0 / 6.0);
}

TEST_CASE("measures of a model that always goes down on firm ice") {
  TrainedAgent agent = on_firm_ice({0.1F, 0.5F, 0.2F, 0.3F});
  // Down from 0 over 4 and 8 into the hole at 12: three steps, nothing won.
  CHECK(measure("greedy_length", {{"episodes", 1}}, agent).value == 3);
  CHECK(measure("greedy_return", {{"episodes", 1}}, agent).value == 0);
  CHECK(measure("greedy_success", {{"episodes", 1}, {"above", -1}, {"within_steps", 3}}, agent).value == 1);
  CHECK(measure("greedy_success", {{"episodes", 1}, {"above", -1}, {"within_steps", 2}}, agent).value == 0);
  CHECK(measure("greedy_success", {{"episodes", 1}, {"above", 0}, {"within_steps", 0}}, agent).value == 0);
  CHECK(measure("start_value", {}, agent).value == Approx(0.5));
  CHECK(measure("exact_value", {}, agent).value == 0);
  CHECK(measure("optimal_value", {}, agent).value == 1);
  CHECK(measure("value_gap", {}, agent).value == 1);
  // Exact values: the smallest are 0 (into holes), where 0.5 for down is too much by 0.5; the largest is 1 at the goal's
  // neighbour, too little by 0.5; and down is the best choice (or one of them) in 0, 4? no (a hole lies under it) ...
  CHECK(measure("largest_excess", {}, agent).value == Approx(0.5));
  CHECK(measure("largest_state_error", {}, agent).value == Approx(0.5));
  CHECK(measure("largest_end_value", {}, agent).value == Approx(0.5));
  // Down is among the best actions in 0, 2, 4, 6, 9 and 10 of the eleven states.
  CHECK(measure("optimal_states", {}, agent).value == Approx(6.0 / 11));
}

TEST_CASE("what a slippery lake gives is planned exactly") {
  TrainedAgent agent(config_of("FrozenLake-v1", {}), constant_values({1, 0, 0, 0}));
  // Left on slippery ice is left, up or down: along the left edge, from where a slip down ends in the hole at 12.
  CHECK(measure("exact_value", {}, agent).value == 0);
  CHECK(measure("optimal_value", {}, agent).value == Approx(0.74).margin(0.01));
}

TEST_CASE("aggregates leave out runs without a value, and count what is censored as it ended") {
  const Aggregate a = aggregate({result(1), failed(), result(2), result(9, true), std::nullopt}, 0, 5);
  CHECK(a.n == 3);
  CHECK(a.reached == 2);
  CHECK(a.mean == 4);
  CHECK(a.std == Approx(std::sqrt((9 + 4 + 25) / 3.0)));
  CHECK(a.min == 1);
  CHECK(a.q1 == 1.5);
  CHECK(a.median == 2);
  CHECK(a.q3 == 5.5);
  CHECK(a.max == 9);
  CHECK(aggregate({result(1), result(5)}, 0, 1).max == 1);
  CHECK(aggregate({failed()}, 0, 1).n == 0);
  CHECK(std::isnan(aggregate({failed()}, 0, 1).mean));
}

TEST_CASE("a bootstrap interval is that of the resampled means, and always the same") {
  const std::vector<double> alike = {3, 3, 3};
  CHECK(bootstrap_mean(alike).low == 3);
  CHECK(bootstrap_mean(alike).high == 3);
  // Of 0 and 1 a quarter of all resamples have the mean 0, a half 0.5, a quarter 1.
  const std::vector<double> two = {0, 1};
  CHECK(bootstrap_mean(two).low == 0);
  CHECK(bootstrap_mean(two).high == 1);
  // Many values: near the normal interval, mean ± 1.96 σ/√n.
  std::vector<double> many;
  Generator random(1);
  for (int i = 0; i < 400; ++i) many.push_back(random.normal());
  const ReturnStatistics of_many = statistics(many);
  const Interval interval = bootstrap_mean(many);
  const double half = 1.96 * of_many.std / std::sqrt(400.0);
  CHECK(interval.low == Approx(of_many.mean - half).margin(0.15 * half));
  CHECK(interval.high == Approx(of_many.mean + half).margin(0.15 * half));
  CHECK(bootstrap_mean(many).low == interval.low);
}

TEST_CASE("a mean curve keeps the last value of runs that have ended") {
  RunResult longer, shorter;
  longer.evaluation = {{10, 20, 30}, {100, 200, 300}, {1, 2, 3}};
  shorter.evaluation = {{10, 15}, {90, 150}, {5, 7}};
  const MeanCurve curve = mean_curve({longer, shorter, std::nullopt}, CurveKind::evaluation, false);
  CHECK(curve.x == std::vector<double>{10, 15, 20, 30});
  CHECK(curve.mean == std::vector<double>{3, 4, 4.5, 5});
  CHECK(curve.low.front() == 1);
  CHECK(curve.high.front() == 5);
  const MeanCurve by_steps = mean_curve({longer, shorter}, CurveKind::evaluation, true);
  CHECK(by_steps.x == std::vector<double>{90, 100, 150, 200, 300});
  CHECK(by_steps.mean.front() == 5);  // the other one has not begun
}

TEST_CASE("bars that count seeds") {
  const StudyResults results = {{result(1), result(2), result(3), failed()},
                                {result(4), result(5, true), result(6), result(7)}};
  const BarOutcome enough = judge("arm = \"gamma 0.5\"\nis = \">=\"\nvalue = 2\nat_least = 2\n", results);
  CHECK(enough.met == true);
  CHECK(enough.measured == "2 of 4 seeds");
  CHECK(judge("arm = \"gamma 0.5\"\nis = \">=\"\nvalue = 2\nat_least = 3\n", results).met == false);
  CHECK(judge("arm = \"gamma 0.5\"\nis = \">\"\nvalue = 2\nat_most = 1\n", results).met == true);
  CHECK(judge("arm = \"gamma 0.5\"\nis = \"near\"\nvalue = 2.5\nwithin = 0.5\nat_least = 2\n", results).met == true);
  CHECK(judge("arm = \"gamma 0.9\"\nis = \"reached\"\nat_least = 4\n", results).met == false);
  CHECK(judge("arm = \"gamma 0.9\"\nis = \"<=\"\nvalue = 5\nat_least = 2\n", results).met == false);  // censored
  CHECK(judge("arm = \"gamma 0.9\"\nis = \">\"\nvalue = 3\nat_least = 2\nof = 2\n", results).measured == "1 of 2 seeds");
  const BarOutcome everywhere = judge("arm = \"*\"\nis = \">=\"\nvalue = 3\nat_least = 1\n", results);
  CHECK(everywhere.met == true);
  CHECK(everywhere.measured == "1, 3 of 4 seeds");
}

TEST_CASE("bars that compare statistics") {
  const StudyResults results = {{result(1), result(2), result(3), result(8)}, {result(4), result(4), result(4), result(4)}};
  const BarOutcome less = judge("arm = \"gamma 0.5\"\nstatistic = \"median\"\nis = \"<\"\nthan = \"gamma 0.9\"\n", results);
  CHECK(less.met == true);
  CHECK(less.measured == "median 2.5 against 4");
  CHECK(judge("arm = \"gamma 0.5\"\nstatistic = \"max\"\nis = \"<\"\nthan = \"gamma 0.9\"\n", results).met == false);
  CHECK(judge("arm = \"*\"\nstatistic = \"mean\"\nis = \">=\"\nvalue = 3.5\n", results).met == true);
  const std::string extreme = "statistic = \"mean\"\nsetting = \"dqn.gamma\"\nextreme = \"largest\"\n";
  CHECK(judge(extreme + "at = 0.9\n", results).met == true);
  CHECK(judge(extreme + "at = 0.5\n", results).met == false);
}

TEST_CASE("a bar is not judged on fewer seeds than it is stated for") {
  const StudyResults results = {{result(1), result(2), std::nullopt, result(3)}, {result(4), result(4), result(4), result(4)}};
  const BarOutcome outcome = judge("arm = \"gamma 0.9\"\nis = \">\"\nvalue = 1\nat_least = 1\n", results);
  CHECK_FALSE(outcome.met.has_value());
  CHECK(contains(outcome.measured, "stated for 4 seeds, run with 2"));
}
