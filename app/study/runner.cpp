#include "app/study/runner.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "app/config/resolve.h"
#include "app/interrupt.h"
#include "core/atomic_file.h"

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

struct Job {
  std::size_t arm, seed;  // indices
};

// What is missing, seed by seed, so that a study cut short has something of every arm.
std::vector<Job> missing(const StudyResults& results) {
  std::vector<Job> jobs;
  for (std::size_t s = 0; s < results.front().size(); ++s) {
    for (std::size_t a = 0; a < results.size(); ++a) {
      if (!results[a][s]) jobs.push_back({a, s});
    }
  }
  return jobs;
}

// What ends every run, for the time that is left; none where arms end at different points.
ProgressDisplay::Limits common_limits(const Study& study) {
  const auto& first = study.arms.front().config.trainer;
  for (const auto& arm : study.arms) {
    const auto& trainer = arm.config.trainer;
    if (trainer.max_episodes != first.max_episodes || trainer.max_env_steps != first.max_env_steps) return {};
  }
  return {first.max_episodes, first.max_env_steps};
}

// Works off the jobs on several threads; the first error of a thread ends the others' work and is thrown.
template <class Work>
void work_off(std::size_t jobs, unsigned threads, Work work) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  const auto loop = [&] {
    try {
      for (std::size_t i = next++; i < jobs && !interrupted(); i = next++) work(i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      next = jobs;
    }
  };
  {
    std::vector<std::jthread> workers;
    for (unsigned t = 1; t < std::min<std::size_t>(threads, jobs); ++t) workers.emplace_back(loop);
    loop();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

StudyResults run_study(const Study& study, const fs::path& folder, unsigned threads, ProgressMode mode) {
  StudyResults results = read_results(study, folder);
  const std::vector<Job> jobs = missing(results);
  if (jobs.empty()) return results;
  const std::size_t before = study.runs() - jobs.size();
  const std::string title = study.definition.id + (before > 0 ? text(" (", before, " runs were there)") : "");
  ProgressDisplay progress(mode, title, jobs.size(), common_limits(study));
  work_off(jobs.size(), threads, [&](std::size_t i) {
    const Arm& arm = study.arms[jobs[i].arm];
    const std::uint64_t seed = study.definition.first_seed + jobs[i].seed;
    auto result = run_once(study, arm, seed, progress, i);
    if (!result) return;
    write_result(result_file(folder, arm, seed), study.definition, *result);
    results[jobs[i].arm][jobs[i].seed] = std::move(result);
    progress.finish(i);
  });
  return results;
}

}  // namespace handgrad::app
