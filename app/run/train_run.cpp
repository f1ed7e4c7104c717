#include "app/run/train_run.h"

#include <fstream>

#include "app/config/build_run.h"
#include "app/config/resolve.h"
#include "app/format.h"
#include "app/interrupt.h"
#include "app/run/csv.h"
#include "core/atomic_file.h"
#include "rl/policy.h"

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kEpisodesToSolve = 100;

// Into the file as it is, without waiting for the disk.
void write_at_once(const fs::path& file, const std::string& content) {
  std::ofstream out(file, std::ios::binary);
  out << content;
  out.close();
  require(out.good(), "cannot write ", file.string());
}

class RecordedRun {
 public:
  using Clock = std::chrono::steady_clock;

  RecordedRun(const RunConfig& config, NewFolder& folder, ProgressDisplay& progress, std::size_t index,
              Clock::time_point begun)
      : begun_(begun),
        config_(config),
        run_(build_run(config)),
        folder_(folder.path()),
        progress_(progress),
        index_(index),
        metrics_(folder_ / "metrics.csv", "episode,env_step,train_step,return,length,terminated,truncated,epsilon,loss_mean",
                 CsvWriter::Rows::gathered),
        evaluations_(folder_ / "evaluations.csv",
                     "evaluation,episode,env_step,train_step,episodes,return_mean,return_std,return_min,return_max,best"),
        timing_(folder_ / "timing.csv", "episode,env_step,seconds", CsvWriter::Rows::gathered) {
    write_at_once(folder_ / "config.toml", to_toml(config));
    fs::create_directories(folder_ / "checkpoint" / "last");
    fs::create_directories(folder_ / "checkpoint" / "best");
    folder.keep();
  }

  RunSummary train(unsigned threads) {
    training_begun_ = reported_ = saved_ = Clock::now();
    const StopReason reason = run_and_save();
    training_seconds_ = seconds_since(training_begun_);
    write_timing(run_.trainer->progress());
    metrics_.flush();
    timing_.flush();
    write_model("last", model_content(config_, *run_.trainer));
    if (run_.trainer->best_model().empty()) {  // nothing to choose from: the last is the best there is
      write_model("best", model_content(config_, *run_.trainer));
    }
    RunSummary summary = summarise(threads);
    summary.interrupted = reason == StopReason::callback;
    if (!summary.interrupted) judge(summary);
    summary.wall_seconds = seconds_since(begun_);
    write_file_atomically(folder_ / "summary.json", to_json(summary, 2) + "\n");
    return summary;
  }

 private:
  static double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

  // What was learned until then is worth keeping, whatever ends the run.
  StopReason run_and_save() {
    try {
      const StopReason reason = run_.trainer->run({[this](const EpisodeRecord& record) { on_episode(record); },
                                                   [this](const EvaluationRecord& record) { on_evaluation(record); },
                                                   [this](const Progress& progress) { return on_step(progress); }});
      save();
      return reason;
    } catch (...) {
      save();
      throw;
    }
  }

  // What has to outlive a crash of the machine. Waits for the disk.
  void save() {
    saved_ = Clock::now();
    if (!config_is_safe_) write_file_atomically(folder_ / "config.toml", to_toml(config_));
    config_is_safe_ = true;
    if (best_is_new_) write_model("best", best_content());
    best_is_new_ = false;
  }

  void on_episode(const EpisodeRecord& r) {
    metrics_.add(r.episode).add(r.env_step).add(r.train_step).add(r.episode_return).add(r.length);
    metrics_.add(r.terminated).add(r.truncated).add(r.epsilon).add(r.loss_mean).end_row();
    if (r.loss_mean) status_.loss = r.loss_mean;
  }

  void on_evaluation(const EvaluationRecord& r) {
    evaluations_.add(r.evaluation).add(r.episode).add(r.env_step).add(r.train_step).add(r.returns.episodes);
    evaluations_.add(r.returns.mean).add(r.returns.std).add(r.returns.min).add(r.returns.max).add(r.best).end_row();
    if (r.best) best_at_env_step_ = r.env_step;
    best_is_new_ |= r.best;
    note_if_solved(r.returns, r.env_step);
    status_.evaluation_mean = r.returns.mean;
    progress_.note(text("seed ", config_.seed, "  episode ", r.episode, "  step ", r.env_step, "  evaluation ",
                        brief(r.returns.mean), " +- ", brief(r.returns.std), r.best ? "  (best so far)" : ""));
  }

  bool on_step(const Progress& progress) {
    if (++steps_since_report_ >= steps_between_reports_) report(progress);
    return !interrupted();
  }

  void write_timing(const Progress& progress) {
    timing_.add(progress.episodes).add(progress.env_steps).add(seconds_since(training_begun_)).end_row();
  }

  // Looking at the clock after every step would cost more than a step of a table. So steps are counted, as many as make a
  // few milliseconds, whatever a step costs here.
  void report(const Progress& progress) {
    using std::chrono::milliseconds;
    const auto now = Clock::now();
    const auto since = now - reported_;
    if (since < milliseconds(2)) steps_between_reports_ *= 2;
    if (since > milliseconds(10)) steps_between_reports_ = std::max<std::int64_t>(1, steps_between_reports_ / 2);
    steps_since_report_ = 0;
    reported_ = now;
    write_timing(progress);
    if (now - flushed_ >= milliseconds(100)) {
      metrics_.flush();
      timing_.flush();
      flushed_ = now;
    }
    if (now - saved_ >= std::chrono::seconds(1)) save();
    status_.episodes = progress.episodes;
    status_.env_steps = progress.env_steps;
    status_.epsilon = run_.trainer->learner().epsilon(progress);
    status_.recent_return = run_.trainer->recent_return_mean();
    progress_.update(index_, status_);
  }

  void note_if_solved(const ReturnStatistics& returns, std::int64_t env_step) {
    const auto& threshold = config_.trainer.solved_threshold;
    if (solved_at_env_step_ || !threshold || returns.episodes < kEpisodesToSolve || returns.mean < *threshold) return;
    solved_at_env_step_ = env_step;
    solved_at_seconds_ = seconds_since(begun_);
  }

  RunSummary summarise(unsigned threads) const {
    const Trainer& trainer = *run_.trainer;
    RunSummary s;
    s.preset = config_.preset;
    s.variants = config_.variants;
    s.environment = config_.environment.id;
    s.algorithm = config_.algorithm;
    s.seed = config_.seed;
    s.backend = config_.backend;
    s.threads = threads;
    s.episodes = trainer.progress().episodes;
    s.env_steps = trainer.progress().env_steps;
    s.train_steps = trainer.learner().train_steps();
    s.env_steps_per_second = training_seconds_ > 0 ? static_cast<double>(s.env_steps) / training_seconds_ : 0;
    s.final_train_return_mean_100 = trainer.recent_return_mean();
    s.best_eval_return_mean = trainer.best_evaluation_mean();
    s.threshold = config_.trainer.solved_threshold;
    s.solved_at_env_step = solved_at_env_step_;
    s.solved_at_seconds = solved_at_seconds_;
    return s;
  }

  // The final evaluation plays the model file, not the learner: so `handgrad eval` gets the same figure from the same file.
  void judge(RunSummary& summary) {
    Policy policy = Policy::load(model_file(folder_, "last"), config_.backend);
    const auto act = [&](std::span<const float> observations, std::span<std::int32_t> actions) {
      policy.act(observations, actions);
    };
    const EvaluationResult result = play(config_, act, config_.final_evaluation_episodes, final_evaluation_seed(config_.seed));
    summary.evaluation = result.statistics;
    CsvWriter episodes(folder_ / "final_evaluation.csv", "episode,return,length");
    for (std::size_t i = 0; i < result.returns.size(); ++i) {
      episodes.add(static_cast<std::int64_t>(i) + 1).add(result.returns[i]).add(result.lengths[i]).end_row();
    }
    note_if_solved(*summary.evaluation, summary.env_steps);
    summary.solved_at_env_step = solved_at_env_step_;
    summary.solved_at_seconds = solved_at_seconds_;
  }

  void write_model(const std::string& which, const TensorFile& content) const {
    write_safetensors(model_file(folder_, which), content);
  }

  TensorFile best_content() const {
    TensorFile content = model_content(config_, *run_.trainer);
    content.tensors = run_.trainer->best_model();
    content.metadata["env_step"] = std::to_string(best_at_env_step_);
    return content;
  }

  Clock::time_point begun_;
  RunConfig config_;
  Run run_;
  fs::path folder_;
  ProgressDisplay& progress_;
  std::size_t index_;
  CsvWriter metrics_, evaluations_, timing_;
  RunStatus status_;
  Clock::time_point training_begun_, reported_, flushed_, saved_;
  bool config_is_safe_ = false, best_is_new_ = false;
  std::int64_t best_at_env_step_ = 0;
  double training_seconds_ = 0;
  std::int64_t steps_since_report_ = 0, steps_between_reports_ = 64;
  std::optional<std::int64_t> solved_at_env_step_;
  std::optional<double> solved_at_seconds_;
};

}  // namespace

RunSummary train_run(const RunConfig& config, NewFolder& folder, unsigned threads, ProgressDisplay& progress,
                     std::size_t index, std::chrono::steady_clock::time_point begun) {
  return RecordedRun(config, folder, progress, index, begun).train(threads);
}

TensorFile model_content(const RunConfig& config, const Trainer& trainer) {
  TensorFile file{trainer.learner().model_metadata(), trainer.learner().model()};
  file.metadata.merge(std::map<std::string, std::string>{{"preset", config.preset},
                                                         {"environment", config.environment.id},
                                                         {"algorithm", config.algorithm},
                                                         {"seed", std::to_string(config.seed)},
                                                         {"env_step", std::to_string(trainer.progress().env_steps)},
                                                         {"handgrad_version", HANDGRAD_VERSION}});
  return file;
}

fs::path model_file(const fs::path& run_folder, const std::string& which) {
  return run_folder / "checkpoint" / which / "model.safetensors";
}

}  // namespace handgrad::app
