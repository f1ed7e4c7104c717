#include "app/run/train_seeds.h"

#include <atomic>
#include <thread>

#include "app/config/resolve.h"
#include "app/interrupt.h"
#include "app/usage_error.h"
#include "core/atomic_file.h"

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kMostSeeds = 100'000;
constexpr const char* kCount = "seeds";  // the one key of seeds.toml that is no setting

fs::path plan_file(const fs::path& folder) { return folder / "seeds.toml"; }

RunSummary train_from_the_start(const RunConfig& config, const fs::path& folder, const RunOptions& options,
                                ProgressDisplay& progress, std::size_t index) {
  std::error_code ignored;
  fs::remove(folder, ignored);  // an empty one, of a run that was stopped before it began
  NewFolder made = NewFolder::exactly(folder);
  return train_run(config, made, options, progress, index);
}

RunSummary train_or_go_on(const RunConfig& config, const fs::path& folder, const std::vector<Assignment>& over_it,
                          const RunOptions& options, ProgressDisplay& progress, std::size_t index) {
  if (!fs::exists(folder / "config.toml")) return train_from_the_start(config, folder, options, progress, index);
  ResumePoint point = find_resume_point(folder, over_it);
  if (point.ended) {
    RunSummary summary = read_summary(folder / "summary.json");
    summary.threshold = config.trainer.solved_threshold;
    return summary;
  }
  for (const std::string& note : point.notes) progress.warn("handgrad: " + note);
  return resume_run(std::move(point), options, progress, index);
}

}  // namespace

void write_plan(const fs::path& folder, const SeedsPlan& plan) {
  write_file_atomically(plan_file(folder),
                        text(kCount, " = ", plan.count, "  # how many, from the seed below on\n\n", to_toml(plan.first)));
}

SeedsPlan read_plan(const fs::path& folder, const std::vector<Assignment>& over_it) {
  std::vector<Assignment> settings = read_toml(plan_file(folder));
  std::int64_t count = 0;
  std::erase_if(settings, [&](const Assignment& assignment) {
    if (assignment.key != kCount) return false;
    const auto* number = std::get_if<std::int64_t>(&assignment.value);
    count = number == nullptr ? 0 : *number;
    return true;
  });
  if (count < 1 || count > kMostSeeds) {
    wrong_use(plan_file(folder).string(), ": seeds has to be a whole number from 1 to ", kMostSeeds);
  }
  return {resolve(settings, over_it).config, static_cast<std::size_t>(count)};
}

bool holds_seeds(const fs::path& folder) { return fs::is_regular_file(plan_file(folder)); }

fs::path seed_folder(const fs::path& folder, std::uint64_t seed) { return folder / text("seed-", seed); }

std::vector<SeedOutcome> train_seeds(const SeedsPlan& plan, const fs::path& folder, const std::vector<Assignment>& over_it,
                                     const RunOptions& options, ProgressDisplay& progress) {
  std::vector<SeedOutcome> outcomes;
  for (std::size_t i = 0; i < plan.count; ++i) outcomes.push_back({plan.first.seed + i, {}, "not run: interrupted"});
  const auto train_one = [&](std::size_t i) {
    SeedOutcome& outcome = outcomes[i];
    RunConfig config = plan.first;
    config.seed = outcome.seed;
    try {
      outcome.summary = train_or_go_on(config, seed_folder(folder, outcome.seed), over_it, options, progress, i);
    } catch (const std::exception& error) {
      outcome.error = error.what();
      progress.warn(text("handgrad: seed ", outcome.seed, ": ", error.what()));
    }
    progress.finish(i);
  };

  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < outcomes.size() && !interrupted(); i = next++) train_one(i);
  };
  std::vector<std::jthread> workers;
  for (unsigned t = 1; t < options.threads; ++t) workers.emplace_back(work);
  work();
  workers.clear();  // waits
  return outcomes;
}

}  // namespace handgrad::app
