#include <algorithm>
#include <cmath>

#include "app/study/measures.h"

namespace handgrad::app {

namespace {

using Parameters = MeasureKind::Parameters;

const MeasureKind::Parameter kThreshold{"threshold", std::nullopt, "the mean return to reach"};
const MeasureKind::Parameter kEvaluationOrWindow{
    "window", 0, "0: an evaluation has to reach it; N: the mean return of N training episodes in a row"};

MeasureKind::Parameter last_episodes(double initial) { return {"window", initial, "so many episodes"}; }

std::size_t window_of(const Parameters& parameters) { return static_cast<std::size_t>(parameters.at("window")); }

// The means of `window` episodes in a row, the first one at episode number `window`.
std::vector<double> window_means(const RunRecord& record, std::size_t window) {
  std::vector<double> means;
  double sum = 0;
  for (std::size_t i = 0; i < record.episodes.size(); ++i) {
    sum += record.episodes[i].episode_return;
    if (i >= window) sum -= record.episodes[i - window].episode_return;
    if (i + 1 >= window) means.push_back(sum / static_cast<double>(window));
  }
  return means;
}

// The episode (from 1) and the environment step at which the threshold was first reached.
struct Reached {
  std::int64_t episode, env_step;
};

std::optional<Reached> first_reached(const RunRecord& record, const Parameters& parameters) {
  const double threshold = parameters.at("threshold");
  if (const std::size_t window = window_of(parameters); window > 0) {
    const auto means = window_means(record, window);
    const auto found = std::find_if(means.begin(), means.end(), [&](double mean) { return mean >= threshold; });
    if (found == means.end()) return std::nullopt;
    const std::size_t index = window - 1 + static_cast<std::size_t>(found - means.begin());
    return Reached{static_cast<std::int64_t>(index) + 1, record.episodes[index].env_step};
  }
  for (const auto& evaluation : record.evaluations) {
    if (evaluation.mean >= threshold) return Reached{evaluation.episode, evaluation.env_step};
  }
  return std::nullopt;
}

MeasureValue episodes_to_threshold(const RunRecord& record, TrainedAgent&, const Parameters& parameters) {
  if (const auto reached = first_reached(record, parameters)) return {static_cast<double>(reached->episode), false};
  return {static_cast<double>(record.episodes.size()), true};
}

MeasureValue env_steps_to_threshold(const RunRecord& record, TrainedAgent&, const Parameters& parameters) {
  if (const auto reached = first_reached(record, parameters)) return {static_cast<double>(reached->env_step), false};
  return {static_cast<double>(record.env_steps), true};
}

MeasureValue reached(const RunRecord& record, TrainedAgent&, const Parameters& parameters) {
  return {first_reached(record, parameters) ? 1.0 : 0.0};
}

MeasureValue best_evaluation(const RunRecord& record, TrainedAgent&, const Parameters&) {
  MeasureValue best;
  for (const auto& evaluation : record.evaluations) {
    if (!(evaluation.mean <= best.value)) best.value = evaluation.mean;
  }
  return best;
}

MeasureValue last_evaluation(const RunRecord& record, TrainedAgent&, const Parameters&) {
  return record.evaluations.empty() ? MeasureValue{} : MeasureValue{record.evaluations.back().mean};
}

MeasureValue best_training_mean(const RunRecord& record, TrainedAgent&, const Parameters& parameters) {
  const auto means = window_means(record, window_of(parameters));
  return means.empty() ? MeasureValue{} : MeasureValue{*std::max_element(means.begin(), means.end())};
}

// Over the last episodes, all if there are fewer.
template <class Figure>
MeasureValue mean_of_last(const RunRecord& record, std::size_t window, Figure figure) {
  const std::size_t count = std::min(window, record.episodes.size());
  if (count == 0) return {};
  double sum = 0;
  for (std::size_t i = record.episodes.size() - count; i < record.episodes.size(); ++i) sum += figure(record.episodes[i]);
  return {sum / static_cast<double>(count)};
}

MeasureValue last_training_mean(const RunRecord& record, TrainedAgent&, const Parameters& parameters) {
  return mean_of_last(record, window_of(parameters), [](const RunRecord::Episode& e) { return e.episode_return; });
}

MeasureValue last_training_success(const RunRecord& record, TrainedAgent&, const Parameters& parameters) {
  return mean_of_last(record, window_of(parameters),
                      [](const RunRecord::Episode& e) { return e.episode_return > 0 ? 1.0 : 0.0; });
}

MeasureValue episodes(const RunRecord& record, TrainedAgent&, const Parameters&) {
  return {static_cast<double>(record.episodes.size())};
}

MeasureValue env_steps(const RunRecord& record, TrainedAgent&, const Parameters&) {
  return {static_cast<double>(record.env_steps)};
}

}  // namespace

std::vector<MeasureKind> training_measures() {
  return {
      {"episodes_to_threshold",
       "episodes",
       "episodes played when the mean return first reached the threshold",
       {kThreshold, kEvaluationOrWindow},
       episodes_to_threshold,
       true},
      {"env_steps_to_threshold",
       "environment steps",
       "steps made when the mean return first reached the threshold",
       {kThreshold, kEvaluationOrWindow},
       env_steps_to_threshold,
       true},
      {"reached", "", "1 if the mean return ever reached the threshold, else 0", {kThreshold, kEvaluationOrWindow}, reached},
      {"best_evaluation", "return", "mean return of the best evaluation during training", {}, best_evaluation},
      {"last_evaluation", "return", "mean return of the last evaluation during training", {}, last_evaluation},
      {"best_training_mean",
       "return",
       "best mean return of that many training episodes in a row",
       {last_episodes(100)},
       best_training_mean},
      {"last_training_mean", "return", "mean return of the last training episodes", {last_episodes(100)}, last_training_mean},
      {"last_training_success",
       "",
       "share of the last training episodes with a return above 0",
       {last_episodes(100)},
       last_training_success},
      {"episodes", "episodes", "how many the run took", {}, episodes},
      {"env_steps", "environment steps", "how many the run took", {}, env_steps},
  };
}

}  // namespace handgrad::app
