#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "app/run/csv.h"
#include "app/run/norms_log.h"
#include "app/run/run_state.h"
#include "rl/trainer.h"

namespace handgrad::app {

/// Where the norms are.
std::filesystem::path norms_file(const std::filesystem::path& folder);

/// The tables that grow while a run goes on: metrics.csv, evaluations.csv, timing.csv, and norms.csv if somebody asks for it.
class RunTables {
 public:
  /// New ones.
  explicit RunTables(const std::filesystem::path& folder);
  /// Goes on with those of a run that was stopped; rows that are newer than `record` are cut off. Throws Error as CsvWriter does.
  RunTables(const std::filesystem::path& folder, const RunState& record);

  /// From now on, or from where `record` stopped, norms.csv too. The learner must outlive the tables.
  void watch_norms(const std::filesystem::path& folder, const Learner& learner, const RunState& record);

  void add(const EpisodeRecord& record);
  void add(const EvaluationRecord& record);
  void add_timing(const Progress& progress, double seconds);

  /// Writes all rows there are. Throws Error if it cannot.
  void flush();
  /// Tells `record` where the tables stand, all rows written.
  void note_positions(RunState& record);
  /// The files.
  std::vector<std::filesystem::path> files() const;

 private:
  CsvWriter metrics_, evaluations_, timing_;
  std::unique_ptr<NormsLog> norms_;  // none unless they are watched
  const Learner* watched_ = nullptr;
};

}  // namespace handgrad::app
