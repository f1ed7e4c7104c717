#pragma once

#include <filesystem>
#include <string>

#include "app/study/bars.h"
#include "app/study/results.h"

namespace handgrad::app {

/// A study that has been run, for its files and for the terminal. No times and no number of threads are in it: the same study
/// gives the same bytes.
struct StudyReport {
  const Study& study;
  const StudyResults& results;
  std::string command;  ///< that makes it
  std::vector<BarOutcome> bars;
  std::vector<std::string> pictures = {};  ///< paths in the study's folder

  std::int64_t done() const;    ///< runs with a result
  std::int64_t failed() const;  ///< of them, runs that have only an error
};

/// summary.json: what was run, an object an arm with its settings and the aggregates of its measures, an object a bar. indent
/// -1: on one line.
std::string to_json(const StudyReport& report, int indent = -1);

/// The same to read: mean and interval, median, what was reached; the bars.
std::string to_text(const StudyReport& report);

/// The same to paste: title, question, command, table, bars.
std::string to_markdown(const StudyReport& report);

/// results.csv (a row a run), summary.csv (a row an arm and measure), curves.csv (mean over seeds with its band).
std::string results_csv(const StudyReport& report);
std::string summary_csv(const StudyReport& report);
std::string curves_csv(const StudyReport& report);

/// All of these files.
void write_report(const StudyReport& report, const std::filesystem::path& folder);

}  // namespace handgrad::app
