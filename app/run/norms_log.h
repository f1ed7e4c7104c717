#pragma once

#include <filesystem>

#include "app/run/csv.h"
#include "rl/trainer.h"

namespace handgrad::app {

/// norms.csv of a run: a row an episode, with its number, the steps made when it ended, and the learner's norms by the names
/// that it gives them (see Learner::norms). For those who ask for it: every row copies all parameters.
class NormsLog {
 public:
  /// Throws Error if the file cannot be made, and for a learner that has no norms to tell.
  NormsLog(const std::filesystem::path& file, const Learner& learner);
  /// Goes on with a file that is there, as CsvWriter does.
  NormsLog(const std::filesystem::path& file, const Learner& learner, const CsvPosition& position);

  void add(const EpisodeRecord& record, const Learner& learner);
  /// As CsvWriter's.
  void flush() { rows_.flush(); }
  CsvPosition position() const { return rows_.position(); }
  const std::filesystem::path& file() const { return rows_.file(); }

 private:
  CsvWriter rows_;
};

}  // namespace handgrad::app
