#include "app/run/train_run.h"

#include <fstream>
#include <memory>

#include "app/config/build_run.h"
#include "app/config/resolve.h"
#include "app/format.h"
#include "app/interrupt.h"
#include "app/run/csv.h"
#include "app/run/fingerprint.h"
#include "app/run/run_tables.h"
#include "core/atomic_file.h"
#include "core/checkpoint_writer.h"
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

  RecordedRun(const RunConfig& config, NewFolder& folder, const RunOptions& options, ProgressDisplay& progress,
              std::size_t index, Clock::time_point begun)
      : RecordedRun(config, RunLock(folder.path()), folder.path(), options, progress, index, begun) {
    tables_ = std::make_unique<RunTables>(folder_);
    watch_norms();
    folder.keep();
  }

  RecordedRun(ResumePoint&& point, const RunOptions& options, ProgressDisplay& progress, std::size_t index,
              Clock::time_point begun)
      : RecordedRun(point.config, std::move(point.lock), point.folder, options, progress, index, begun) {
    if (point.checkpoint) load(*point.checkpoint);
    // One that begins again has nothing but its files to tell what was asked for when it began first.
    if (!point.checkpoint) options_.watch_norms |= fs::exists(norms_file(folder_));
    tables_ = point.checkpoint ? std::make_unique<RunTables>(folder_, record_) : std::make_unique<RunTables>(folder_);
    watch_norms();
    record_.changes.insert(record_.changes.end(), point.changes.begin(), point.changes.end());
    // From now on they count, even if the next checkpoint is never reached.
    if (!point.changes.empty() && checkpoints_) write_checkpoint_and_wait();
    write_file_atomically(folder_ / "config.toml", to_toml(config_));
  }

  RunSummary train() {
    training_begun_ = reported_ = Clock::now();
    plan_checkpoint(training_begun_);
    const StopReason reason = run_or_save();
    record_.training_seconds = training_seconds();
    tables_->add_timing(run_.trainer->progress(), record_.training_seconds);
    record_.finished = reason != StopReason::callback;
    // Trap: one that is still being written writes its own last model, which is not the last any more.
    if (checkpoints_) checkpoints_->finish();
    // Whoever calls a run off may not wait for long: what it takes to go on is written before anything else.
    if (!record_.finished && checkpoints_) write_checkpoint_and_wait();
    write_model("last", model_content(config_, *run_.trainer));
    write_model("best", best_content());
    const RunSummary summary = finish();
    // Last of all: a run whose checkpoint says that it has ended lacks nothing.
    if (record_.finished && checkpoints_) write_checkpoint_and_wait();
    return summary;
  }

 private:
  RecordedRun(const RunConfig& config, RunLock lock, const fs::path& folder, const RunOptions& options,
              ProgressDisplay& progress, std::size_t index, Clock::time_point begun)
      : begun_(begun),
        config_(config),
        lock_(std::move(lock)),
        run_(build_run(config)),
        folder_(folder),
        options_(options),
        progress_(progress),
        index_(index),
        training_begun_(Clock::now()) {
    for (const char* which : {"last", "best"}) fs::create_directories(model_file(folder_, which).parent_path());
    if (options.checkpoints.enabled) {
      checkpoints_ = std::make_unique<CheckpointWriter>(checkpoint_folder(folder_), options.checkpoints.keep);
    }
  }

  void watch_norms() {
    if (options_.watch_norms || record_.norms) tables_->watch_norms(folder_, run_.trainer->learner(), record_);
  }

  static double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }
  double training_seconds() const { return seconds_before_training_ + seconds_since(training_begun_); }
  double wall_seconds() const { return seconds_before_ + seconds_since(begun_); }

  StopReason run_or_save() {
    try {
      return run_.trainer->run({[this](const EpisodeRecord& record) { on_episode(record); },
                                [this](const EvaluationRecord& record) { on_evaluation(record); },
                                [this](const Progress& progress) { return on_step(progress); }});
    } catch (...) {
      save_what_there_is();
      throw;
    }
  }

  // What was learned until then is worth keeping, whatever ends the run; what keeps it from being saved is not the reason.
  void save_what_there_is() {
    try {
      tables_->flush();
      if (checkpoints_) checkpoints_->finish();
      write_model("best", best_content());
    } catch (const std::exception& error) {
      progress_.warn(text("handgrad: nor could what was learned until then be saved: ", error.what()));
    }
    tell_where_to_go_on();
  }

  void tell_where_to_go_on() {
    try {
      if (const auto newest = newest_checkpoint(checkpoint_folder(folder_))) {
        progress_.warn(text("handgrad: the checkpoint of step ", newest->place.number, " is whole: handgrad train --resume ",
                            shell_word(folder_.string()), " goes on from there"));
      }
    } catch (const Error&) {
      // None that can be read: nowhere to go on from.
    }
  }

  void on_episode(const EpisodeRecord& record) {
    tables_->add(record);
    fingerprint_.add(record);
    if (record.loss_mean) status_.loss = record.loss_mean;
  }

  void on_evaluation(const EvaluationRecord& r) {
    tables_->add(r);
    fingerprint_.add(r);
    if (r.best) record_.best_at_env_step = r.env_step;
    note_if_solved(r.returns, r.env_step);
    status_.evaluation_mean = r.returns.mean;
    progress_.note(text("seed ", config_.seed, "  episode ", r.episode, "  step ", r.env_step, "  evaluation ",
                        brief(r.returns.mean), " +- ", brief(r.returns.std), r.best ? "  (best so far)" : ""));
  }

  bool on_step(const Progress& progress) {
    if (++steps_since_report_ >= steps_between_reports_) report(progress);
    if (progress.env_steps >= checkpoint_due_at_step_) begin_checkpoint();
    return !interrupted();
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
    tables_->add_timing(progress, training_seconds());
    if (now - flushed_ >= milliseconds(100)) {
      tables_->flush();
      flushed_ = now;
    }
    // One that takes longer than the time between two is not waited for.
    if (now >= checkpoint_due_ && !checkpoints_->busy()) begin_checkpoint();
    status_.episodes = progress.episodes;
    status_.env_steps = progress.env_steps;
    status_.epsilon = run_.trainer->learner().epsilon(progress);
    status_.recent_return = run_.trainer->recent_return_mean();
    progress_.update(index_, status_);
  }

  // By the clock or by steps; never at all if the run leaves no checkpoints.
  void plan_checkpoint(Clock::time_point now) {
    const CheckpointPlan& plan = options_.checkpoints;
    const std::int64_t steps = plan.every_env_steps, done = run_.trainer->progress().env_steps;
    checkpoint_due_ = Clock::time_point::max();
    checkpoint_due_at_step_ = INT64_MAX;
    if (!plan.enabled) return;
    if (plan.every_seconds > 0) {
      checkpoint_due_ = now + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(plan.every_seconds));
    }
    if (steps > 0) checkpoint_due_at_step_ = (done / steps + 1) * steps;
  }

  void serialize(StateArchive& state) {
    {
      const auto section = state.section("trainer");
      run_.trainer->serialize(state);
    }
    const auto section = state.section("run");
    record_.serialize(state);
  }

  void load(const Checkpoint& checkpoint) {
    auto state = StateArchive::loading(checkpoint.state);
    serialize(state);
    state.finish();
    record_.finished = false;  // it goes on
    seconds_before_ = record_.wall_seconds;
    seconds_before_training_ = record_.training_seconds;
    fingerprint_ = Fingerprint(record_.fingerprint);
    const Progress& progress = run_.trainer->progress();
    progress_.begin_at(index_, {.episodes = progress.episodes, .env_steps = progress.env_steps});
  }

  // Everything is copied here and now; another thread writes it down, and with it the models as they are.
  void begin_checkpoint() {
    run_.trainer->learner().check_health();  // numbers that are none must not take the place of good ones
    tables_->note_positions(record_);
    record_.fingerprint = fingerprint_.so_far();
    record_.training_seconds = training_seconds();
    record_.wall_seconds = wall_seconds();
    Checkpoint checkpoint{to_toml(config_), {}};
    auto state = StateArchive::saving(checkpoint.state);
    serialize(state);
    const auto before = [this, last = model_content(config_, *run_.trainer), best = best_content(), files = tables_->files()] {
      write_model("last", last);
      write_model("best", best);
      for (const fs::path& file : files) sync_file(file);
    };
    checkpoints_->write(run_.trainer->progress().env_steps, std::move(checkpoint), before);
    plan_checkpoint(Clock::now());
  }

  void write_checkpoint_and_wait() {
    begin_checkpoint();
    checkpoints_->finish();
  }

  void note_if_solved(const ReturnStatistics& returns, std::int64_t env_step) {
    const auto& threshold = config_.trainer.solved_threshold;
    if (record_.solved_at_env_step || !threshold || returns.episodes < kEpisodesToSolve || returns.mean < *threshold) return;
    record_.solved_at_env_step = env_step;
    record_.solved_at_seconds = wall_seconds();
  }

  RunSummary finish() {
    tables_->flush();
    RunSummary summary = summarise();
    if (record_.finished) summary.evaluation = judge();
    summary.solved_at_env_step = record_.solved_at_env_step;
    summary.solved_at_seconds = record_.solved_at_seconds;
    summary.wall_seconds = wall_seconds();
    write_file_atomically(folder_ / "summary.json", to_json(summary, 2) + "\n");
    return summary;
  }

  RunSummary summarise() const {
    const Trainer& trainer = *run_.trainer;
    RunSummary s;
    s.preset = config_.preset;
    s.variants = config_.variants;
    s.environment = config_.environment.id;
    s.algorithm = config_.algorithm;
    s.seed = config_.seed;
    s.backend = config_.backend;
    s.threads = options_.threads;
    s.episodes = trainer.progress().episodes;
    s.env_steps = trainer.progress().env_steps;
    s.train_steps = trainer.learner().train_steps();
    const double seconds = record_.training_seconds;
    s.env_steps_per_second = seconds > 0 ? static_cast<double>(s.env_steps) / seconds : 0;
    s.final_train_return_mean_100 = trainer.recent_return_mean();
    s.best_eval_return_mean = trainer.best_evaluation_mean();
    s.threshold = config_.trainer.solved_threshold;
    s.interrupted = !record_.finished;
    s.changes = record_.changes;
    s.fingerprint = fingerprint_.with(trainer.learner().model());
    return s;
  }

  // The final evaluation plays the model file, not the learner: so `handgrad eval` gets the same figure from the same file.
  ReturnStatistics judge() {
    Policy policy = Policy::load(model_file(folder_, "last"), config_.backend);
    const auto act = [&](std::span<const float> observations, std::span<std::int32_t> actions) {
      policy.act(observations, actions);
    };
    const EvaluationResult result = play(config_, act, config_.final_evaluation_episodes, final_evaluation_seed(config_.seed));
    CsvWriter episodes(folder_ / "final_evaluation.csv", "episode,return,length");
    for (std::size_t i = 0; i < result.returns.size(); ++i) {
      episodes.add(static_cast<std::int64_t>(i) + 1).add(result.returns[i]).add(result.lengths[i]).end_row();
    }
    note_if_solved(result.statistics, run_.trainer->progress().env_steps);
    return result.statistics;
  }

  void write_model(const std::string& which, const TensorFile& content) const {
    write_safetensors(model_file(folder_, which), content);
  }

  // Where there is nothing to choose from, the last is the best there is.
  TensorFile best_content() const {
    TensorFile content = model_content(config_, *run_.trainer);
    if (run_.trainer->best_model().empty()) return content;
    content.tensors = run_.trainer->best_model();
    content.metadata["env_step"] = std::to_string(record_.best_at_env_step);
    return content;
  }

  Clock::time_point begun_;
  RunConfig config_;
  RunLock lock_;
  Run run_;
  fs::path folder_;
  RunOptions options_;
  ProgressDisplay& progress_;
  std::size_t index_;
  RunState record_;
  Fingerprint fingerprint_;
  std::unique_ptr<RunTables> tables_;
  std::unique_ptr<CheckpointWriter> checkpoints_;  // none if the run leaves none
  RunStatus status_;
  Clock::time_point training_begun_, reported_, flushed_, checkpoint_due_;
  std::int64_t checkpoint_due_at_step_ = INT64_MAX;
  double seconds_before_ = 0, seconds_before_training_ = 0;  // of the programs that had a part in this run before
  std::int64_t steps_since_report_ = 0, steps_between_reports_ = 64;
};

}  // namespace

RunSummary train_run(const RunConfig& config, NewFolder& folder, const RunOptions& options, ProgressDisplay& progress,
                     std::size_t index, std::chrono::steady_clock::time_point begun) {
  // First of all: a folder that has it can be gone on with, one that has not is empty.
  write_at_once(folder.path() / "config.toml", to_toml(config));
  return RecordedRun(config, folder, options, progress, index, begun).train();
}

RunSummary resume_run(ResumePoint&& point, const RunOptions& options, ProgressDisplay& progress, std::size_t index,
                      std::chrono::steady_clock::time_point begun) {
  return RecordedRun(std::move(point), options, progress, index, begun).train();
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
