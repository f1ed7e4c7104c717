#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "app/run/csv.h"
#include "app/run/run_state.h"
#include "rl/trainer.h"

namespace handgrad::app {

/// The tables that grow while a run goes on: metrics.csv, evaluations.csv and timing.csv.
class RunTables {
 public:
  /// New ones.
  explicit RunTables(const std::filesystem::path& folder);
  /// Goes on with those of a run that was stopped; rows that are newer than `record` are cut off. Throws Error as CsvWriter does.
  RunTables(const std::filesystem::path& folder, const RunState& record);

  void add(const EpisodeRecord& record);
  void add(const EvaluationRecord& record);
  void add_timing(const Progress& progress, double seconds);

  /// Writes all rows there are. Throws Error if it cannot.
  void flush();
  /// Tells `record` where the tables stand, all rows written.
  void note_positions(RunState& record);
  /// The files.
  std::vector<std::filesystem::path> files() const { return {metrics_.file(), evaluations_.file(), timing_.file()}; }

 private:
  CsvWriter metrics_, evaluations_, timing_;
};

}  // namespace handgrad::app
