#include "app/run/run_tables.h"

namespace handgrad::app {

namespace {

constexpr const char* kMetrics = "episode,env_step,train_step,return,length,terminated,truncated,epsilon,loss_mean";
constexpr const char* kEvaluations =
    "evaluation,episode,env_step,train_step,episodes,return_mean,return_std,return_min,return_max,best";
constexpr const char* kTiming = "episode,env_step,seconds";
constexpr auto kGathered = CsvWriter::Rows::gathered;

}  // namespace

std::filesystem::path norms_file(const std::filesystem::path& folder) { return folder / "norms.csv"; }

RunTables::RunTables(const std::filesystem::path& folder)
    : metrics_(folder / "metrics.csv", kMetrics, kGathered),
      evaluations_(folder / "evaluations.csv", kEvaluations),
      timing_(folder / "timing.csv", kTiming, kGathered) {}

RunTables::RunTables(const std::filesystem::path& folder, const RunState& record)
    : metrics_(folder / "metrics.csv", kMetrics, record.metrics, kGathered),
      evaluations_(folder / "evaluations.csv", kEvaluations, record.evaluations),
      timing_(folder / "timing.csv", kTiming, record.timing, kGathered) {}

void RunTables::watch_norms(const std::filesystem::path& folder, const Learner& learner, const RunState& record) {
  const std::filesystem::path file = norms_file(folder);
  watched_ = &learner;
  norms_ = record.norms ? std::make_unique<NormsLog>(file, learner, *record.norms) : std::make_unique<NormsLog>(file, learner);
}

std::vector<std::filesystem::path> RunTables::files() const {
  std::vector<std::filesystem::path> files = {metrics_.file(), evaluations_.file(), timing_.file()};
  if (norms_) files.push_back(norms_->file());
  return files;
}

void RunTables::add(const EpisodeRecord& r) {
  metrics_.add(r.episode).add(r.env_step).add(r.train_step).add(r.episode_return).add(r.length);
  metrics_.add(r.terminated).add(r.truncated).add(r.epsilon).add(r.loss_mean).end_row();
  if (norms_) norms_->add(r, *watched_);
}

void RunTables::add(const EvaluationRecord& r) {
  evaluations_.add(r.evaluation).add(r.episode).add(r.env_step).add(r.train_step).add(r.returns.episodes);
  evaluations_.add(r.returns.mean).add(r.returns.std).add(r.returns.min).add(r.returns.max).add(r.best).end_row();
}

void RunTables::add_timing(const Progress& progress, double seconds) {
  timing_.add(progress.episodes).add(progress.env_steps).add(seconds).end_row();
}

void RunTables::flush() {
  metrics_.flush();
  evaluations_.flush();
  timing_.flush();
  if (norms_) norms_->flush();
}

void RunTables::note_positions(RunState& record) {
  flush();
  record.metrics = metrics_.position();
  record.evaluations = evaluations_.position();
  record.timing = timing_.position();
  if (norms_) record.norms = norms_->position();
}

}  // namespace handgrad::app
