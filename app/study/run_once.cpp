#include <algorithm>

#include "app/config/build_run.h"
#include "app/interrupt.h"
#include "app/plots/series.h"
#include "app/run/train_run.h"
#include "app/study/runner.h"
#include "app/study/trained_agent.h"

namespace handgrad::app {

namespace {

constexpr std::int64_t kStepsBetweenReports = 64;  // as in train_run
constexpr std::int64_t kCurvePoints = 200;         // of training returns: more than a picture shows

// A run under way, and what it has gone through.
class ObservedRun {
 public:
  ObservedRun(const RunConfig& config, ProgressDisplay& progress, std::size_t index)
      : run_(build_run(config)), progress_(progress), index_(index) {}

  StopReason train() {
    return run_.trainer->run({[this](const EpisodeRecord& r) { on_episode(r); },
                              [this](const EvaluationRecord& r) { on_evaluation(r); },
                              [this](const Progress& progress) { return on_step(progress); }});
  }

  const RunRecord& record() {
    record_.env_steps = run_.trainer->progress().env_steps;
    record_.train_steps = run_.trainer->learner().train_steps();
    return record_;
  }
  const Trainer& trainer() const { return *run_.trainer; }

 private:
  void on_episode(const EpisodeRecord& r) { record_.episodes.push_back({r.episode_return, r.length, r.env_step}); }

  void on_evaluation(const EvaluationRecord& r) {
    record_.evaluations.push_back({r.episode, r.env_step, r.returns.mean});
    status_.evaluation_mean = r.returns.mean;
  }

  bool on_step(const Progress& progress) {
    if (++steps_ % kStepsBetweenReports == 0) {
      status_.episodes = progress.episodes;
      status_.env_steps = progress.env_steps;
      status_.recent_return = run_.trainer->recent_return_mean();
      progress_.update(index_, status_);
    }
    return !interrupted();
  }

  Run run_;
  ProgressDisplay& progress_;
  std::size_t index_;
  RunRecord record_;
  RunStatus status_;
  std::int64_t steps_ = 0;
};

RunCurve evaluation_curve(const RunRecord& record) {
  RunCurve curve;
  for (const auto& evaluation : record.evaluations) {
    curve.episode.push_back(evaluation.episode);
    curve.env_step.push_back(evaluation.env_step);
    curve.mean.push_back(evaluation.mean);
  }
  return curve;
}

// Running means at the same episodes in every run of an arm: as many as its limit says, whether it got there or not.
RunCurve training_curve(const RunRecord& record, std::int64_t window, std::int64_t most_episodes) {
  const auto count = static_cast<std::int64_t>(record.episodes.size());
  const std::int64_t stride = std::max<std::int64_t>(1, (most_episodes > 0 ? most_episodes : count) / kCurvePoints);
  std::vector<double> returns;
  for (const auto& episode : record.episodes) returns.push_back(episode.episode_return);
  const std::vector<double> means = running_mean(returns, static_cast<std::size_t>(window));
  RunCurve curve;
  for (std::int64_t e = 1; e <= count; ++e) {
    if (e % stride != 0 && e != count) continue;
    curve.episode.push_back(e);
    curve.env_step.push_back(record.episodes[static_cast<std::size_t>(e - 1)].env_step);
    curve.mean.push_back(means[static_cast<std::size_t>(e - 1)]);
  }
  return curve;
}

std::vector<MeasureValue> measure(const StudyDefinition& study, const RunRecord& record, TrainedAgent& agent) {
  std::vector<MeasureValue> values;
  for (const auto& spec : study.measures) {
    values.push_back(find_measure_kind(spec.kind).compute(record, agent, spec.parameters));
  }
  return values;
}

}  // namespace

std::optional<RunResult> run_once(const Study& study, const Arm& arm, std::uint64_t seed, ProgressDisplay& progress,
                                  std::size_t index) {
  RunConfig config = arm.config;
  config.seed = seed;
  RunResult result{.arm = arm.label, .seed = seed};
  ObservedRun run(config, progress, index);
  try {
    if (run.train() == StopReason::callback) return std::nullopt;
    TrainedAgent agent(config, model_content(config, run.trainer()));
    result.measures = measure(study.definition, run.record(), agent);
  } catch (const Error& error) {
    result.error = error.what();
    progress.warn(text("handgrad: ", arm.label, ", seed ", seed, ": ", error.what()));
  }
  const RunRecord& record = run.record();
  result.episodes = static_cast<std::int64_t>(record.episodes.size());
  result.env_steps = record.env_steps;
  result.train_steps = record.train_steps;
  result.evaluation = evaluation_curve(record);
  result.training = training_curve(record, study.definition.window, config.trainer.max_episodes);
  return result;
}

}  // namespace handgrad::app
