#include <algorithm>
#include <iostream>
#include <thread>

#include "app/commands/commands.h"
#include "app/format.h"
#include "app/interrupt.h"
#include "app/run/new_folder.h"
#include "app/study/figures.h"
#include "app/study/report.h"
#include "app/study/runner.h"
#include "app/study/studies.h"
#include "app/usage_error.h"

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kMostSeeds = 100'000, kMostThreads = 1024;

Study resolve_options(const StudyOptions& options) {
  StudyDefinition definition = load_study(options.study, options.set);
  if (options.seed) definition.first_seed = parse_seed(*options.seed);
  if (options.seeds) definition.seeds = parse_count(*options.seeds, "--seeds", 1, kMostSeeds);
  if (definition.first_seed + static_cast<std::uint64_t>(definition.seeds) - 1 > static_cast<std::uint64_t>(INT64_MAX)) {
    wrong_use("--seeds ", definition.seeds, ": the last seed would be larger than 2^63-1");
  }
  return resolve_study(std::move(definition));
}

unsigned thread_count(const StudyOptions& options) {
  if (options.threads) return static_cast<unsigned>(parse_count(*options.threads, "--threads", 1, kMostThreads));
  return std::max(1U, std::thread::hardware_concurrency());
}

// A setting that holds for all arms although they were to differ in it is meant as it is said; but it should be known.
void warn_of_levelled_settings(const StudyDefinition& study) {
  for (const auto& last : study.set_last) {
    const auto sets_it = [&](const auto& list) {
      return std::any_of(list.begin(), list.end(), [&](const Assignment& a) { return a.key == last.key; });
    };
    const bool in_arms = std::any_of(study.arms.begin(), study.arms.end(), [&](const auto& arm) { return sets_it(arm.set); });
    const bool in_sweeps =
        std::any_of(study.sweeps.begin(), study.sweeps.end(), [&](const auto& sweep) { return sweep.key == last.key; });
    if (in_arms || in_sweeps) {
      std::cerr << "handgrad: " << last.where << " goes over what the study's arms say of " << last.key << '\n';
    }
  }
}

// What makes this study again; neither the folder nor the number of threads is part of it.
std::string command_of(const StudyOptions& options) {
  std::string command = "handgrad study " + shell_word(options.study);
  if (options.seed) command += " --seed " + *options.seed;
  if (options.seeds) command += " --seeds " + *options.seeds;
  for (const auto& argument : options.set) command += " --set " + shell_word(argument);
  return command;
}

fs::path choose_folder(const StudyOptions& options, const Study& study) {
  if (!options.out.empty()) return options.out;
  NewFolder folder = NewFolder::numbered(fs::path("runs") / study.definition.id);
  folder.keep();
  return folder.path();
}

// What keeps a picture from being drawn costs a line; results are on disk anyway.
std::vector<std::string> draw_all(const Study& study, const StudyResults& results, const fs::path& folder) {
  std::vector<std::string> pictures;
  try {
    for (const PlannedPicture& planned : plan_figures(study, results, folder)) {
      draw(planned.picture, planned.stem);
      pictures.push_back(text("plots/", planned.stem.filename().string(), ".png"));
    }
  } catch (const std::exception& error) {
    std::cerr << "handgrad: no picture: " << error.what() << '\n';
  }
  return pictures;
}

}  // namespace

int study_command(const StudyOptions& options) {
  const Study study = resolve_options(options);
  const unsigned threads = thread_count(options);
  if (!options.quiet) warn_of_levelled_settings(study.definition);
  const InterruptScope interruptible;
  const fs::path folder = choose_folder(options, study);
  claim_folder(study, folder);
  const StudyResults results = run_study(study, folder, threads, choose_progress_mode(options.quiet));
  StudyReport report{study, results, command_of(options), judge_bars(study, results)};
  if (interrupted()) {
    std::cerr << "handgrad: interrupted after " << report.done() << " of " << study.runs()
              << " runs; to go on: " << report.command << " --out " << shell_word(folder.string()) << '\n';
    return interrupt_exit_code();
  }
  write_report(report, folder);
  report.pictures = draw_all(study, results, folder);
  if (!report.pictures.empty()) write_report(report, folder);
  std::cout << to_text(report) << "\nfolder: " << folder.string() << '\n';
  if (options.json) std::cout << to_json(report) << '\n';
  return report.failed() == report.done() ? 1 : 0;
}

}  // namespace handgrad::app
