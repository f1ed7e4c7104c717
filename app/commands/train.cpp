#include <algorithm>
#include <atomic>
#include <iostream>
#include <thread>

#include "app/commands/commands.h"
#include "app/config/presets.h"
#include "app/format.h"
#include "app/interrupt.h"
#include "app/plots/run_pictures.h"
#include "app/process_start.h"
#include "app/run/train_agents.h"
#include "app/run/train_run.h"
#include "app/usage_error.h"
#include "core/atomic_file.h"
#include "core/backends.h"

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

constexpr int kInterruptedExit = 130;  // 128 + SIGINT, as shells have it
constexpr std::int64_t kMostSeeds = 100'000, kMostThreads = 1024;

bool on_cuda(const std::string& backend) { return backend == "cuda" || backend.starts_with("cuda:"); }

// The preset with --set, --seed and --backend over it. Many agents at once have backends of their own; a model of theirs is
// played on an ordinary one.
RunConfig resolve_options(const TrainOptions& options) {
  std::vector<Assignment> more;
  if (!options.variant.empty()) more.push_back({"variant", options.variant, "--variant"});
  if (options.seed) more.push_back({"seed", static_cast<std::int64_t>(parse_seed(*options.seed)), "--seed"});
  if (options.backend && !(options.seeds && on_cuda(*options.backend))) {
    more.push_back({"backend", *options.backend, "--backend"});
  }
  return resolve_preset(options.preset, options.set, more).config;
}

NewFolder make_folder(const TrainOptions& options, const std::string& default_name) {
  return options.out.empty() ? NewFolder::numbered(fs::path("runs") / default_name) : NewFolder::exactly(options.out);
}

// A picture that cannot be drawn costs a line, never a run. Returns whether it could.
bool draw_pictures(const fs::path& folder, const std::vector<std::string>& only = {}) {
  try {
    for (const PlannedPicture& planned : plan_pictures(folder, {}, only)) draw(planned.picture, planned.stem);
    return true;
  } catch (const std::exception& error) {
    std::cerr << "handgrad: no picture: " << error.what() << '\n';
    return false;
  }
}

std::string result_lines(const RunSummary& s, const fs::path& folder) {
  std::string lines;
  if (s.threshold && s.solved_at_env_step) {
    lines += text("solved      at step ", grouped(*s.solved_at_env_step), ", after ", fixed(*s.solved_at_seconds, 2),
                  " s (mean return of 100 episodes >= ", brief(*s.threshold), ")\n");
  } else if (s.threshold) {
    lines += text("not solved  (that takes a mean return of 100 episodes >= ", brief(*s.threshold), ")\n");
  }
  if (s.evaluation) {
    lines += text("evaluation  ", fixed(s.evaluation->mean, 2), " +- ", fixed(s.evaluation->std, 2), " over ",
                  s.evaluation->episodes, " episodes, the last model acting greedily\n");
  }
  lines += text("training    ", grouped(s.episodes), " episodes, ", grouped(s.env_steps), " steps in ",
                fixed(s.wall_seconds, 2), " s\nfolder      ", folder.string(), "\n");
  return lines;
}

// --threads are workers over the environments here: one run learns on one thread.
int train_one(const TrainOptions& options, RunConfig config) {
  if (options.threads)
    config.environment.threads = static_cast<int>(parse_count(*options.threads, "--threads", 1, kMostThreads));
  NewFolder folder = make_folder(options, text(run_name(config), "-seed", config.seed));
  RunSummary summary;
  {
    ProgressDisplay progress(choose_progress_mode(options.quiet), text(run_name(config), " seed ", config.seed), 1,
                             {config.trainer.max_episodes, config.trainer.max_env_steps});
    summary = train_run(config, folder, static_cast<unsigned>(config.environment.threads), progress, 0, process_start());
  }
  if (summary.interrupted) std::cerr << "handgrad: interrupted; what there is lies in " << folder.path().string() << '\n';
  // Pictures take longer than many a run: nobody has to wait for them to see what came of it.
  std::cout << (options.json ? to_json(summary) + "\n" : result_lines(summary, folder.path())) << std::flush;
  draw_pictures(folder.path());
  return summary.interrupted ? kInterruptedExit : 0;
}

fs::path seed_folder(const fs::path& folder, std::uint64_t seed) { return folder / text("seed-", seed); }

// One of several runs: what goes wrong is told and noted, and stops nobody else.
void train_seed(RunConfig config, SeedOutcome& outcome, unsigned threads, const fs::path& folder, ProgressDisplay& progress,
                std::size_t index) {
  config.seed = outcome.seed;
  try {
    NewFolder run_folder = NewFolder::exactly(seed_folder(folder, outcome.seed));
    outcome.summary = train_run(config, run_folder, threads, progress, index);
  } catch (const std::exception& error) {
    outcome.error = error.what();
    progress.warn(text("handgrad: seed ", outcome.seed, ": ", error.what()));
  }
  progress.finish(index);
}

// All seeds, `threads` at a time. Runs share nothing, so that no figure depends on how many are going on beside it.
void train_seeds(const RunConfig& config, std::vector<SeedOutcome>& outcomes, unsigned threads, const fs::path& folder,
                 ProgressDisplay& progress) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < outcomes.size() && !interrupted(); i = next++) {
      train_seed(config, outcomes[i], threads, folder, progress, i);
    }
  };
  std::vector<std::jthread> workers;
  for (unsigned t = 1; t < threads; ++t) workers.emplace_back(work);
  work();
}

// Of each seed and of all together; what keeps one from being drawn would keep all.
void draw_all(const std::vector<SeedOutcome>& outcomes, const fs::path& folder) {
  for (const SeedOutcome& outcome : outcomes) {
    if (outcome.summary && !draw_pictures(seed_folder(folder, outcome.seed), {"returns"})) return;
  }
  draw_pictures(folder);
}

struct Seeds {
  std::size_t count;
  unsigned threads;
  std::string folder;  ///< by default
};

Seeds seeds_of(const TrainOptions& options, const RunConfig& config) {
  const auto count = static_cast<std::size_t>(parse_count(*options.seeds, "--seeds", 1, kMostSeeds));
  const std::uint64_t last = config.seed + count - 1;
  if (last > static_cast<std::uint64_t>(INT64_MAX)) {
    wrong_use("--seeds ", count, ": the last seed would be larger than 2^63-1");
  }
  const auto processors = std::max(1U, std::thread::hardware_concurrency());
  const auto wanted = options.threads ? parse_count(*options.threads, "--threads", 1, kMostThreads) : processors;
  const auto threads = static_cast<unsigned>(std::min<std::int64_t>(wanted, static_cast<std::int64_t>(count)));
  return {count, threads, text(run_name(config), "-seeds", config.seed, "-", last)};
}

int train_several(const TrainOptions& options, const RunConfig& config) {
  const auto [count, threads, default_folder] = seeds_of(options, config);
  NewFolder folder = make_folder(options, default_folder);
  std::vector<SeedOutcome> outcomes;
  for (std::size_t i = 0; i < count; ++i) outcomes.push_back({config.seed + i, {}, "not run: interrupted"});
  {
    ProgressDisplay progress(choose_progress_mode(options.quiet), run_name(config), count,
                             {config.trainer.max_episodes, config.trainer.max_env_steps});
    train_seeds(config, outcomes, threads, folder.path(), progress);
  }
  require(!fs::is_empty(folder.path()), "none of the runs could begin");
  folder.keep();
  const bool all_done = std::all_of(outcomes.begin(), outcomes.end(), [](const auto& o) { return o.summary.has_value(); });
  write_file_atomically(folder.path() / "summary.json", to_json(outcomes, threads, 2) + "\n");
  std::cout << to_table(outcomes) << "folder: " << folder.path().string() << '\n';
  if (options.json) std::cout << to_json(outcomes, threads) << '\n';
  std::cout << std::flush;
  draw_all(outcomes, folder.path());
  if (interrupted()) return kInterruptedExit;
  return all_done ? 0 : 1;
}

// All seeds as agents that learn side by side on a GPU.
int train_at_once(const TrainOptions& options, RunConfig config, const std::string& backend) {
  const auto begun = process_start();
  if (on_cuda(config.backend)) config.backend = default_backend();
  const Seeds seeds = seeds_of(options, config);
  const ManyAgentsSpec spec = agents_spec(config, static_cast<std::int64_t>(seeds.count), static_cast<int>(seeds.threads));
  NewFolder folder = make_folder(options, seeds.folder);
  AgentsSummary summary;
  {
    ProgressDisplay progress(choose_progress_mode(options.quiet), run_name(config), seeds.count,
                             {config.trainer.max_episodes, config.trainer.max_env_steps});
    summary = train_agents(config, spec, backend, folder, progress, begun);
  }
  if (summary.interrupted) std::cerr << "handgrad: interrupted; what there is lies in " << folder.path().string() << '\n';
  std::cout << to_lines(summary) << "folder      " << folder.path().string() << '\n';
  if (options.json) std::cout << to_json(summary) << '\n';
  return summary.interrupted ? kInterruptedExit : 0;
}

}  // namespace

int train_command(const TrainOptions& options) {
  const RunConfig config = resolve_options(options);
  if (options.threads) parse_count(*options.threads, "--threads", 1, kMostThreads);
  const InterruptScope interruptible;
  const std::string backend = options.backend.value_or(config.backend);
  if (options.seeds && on_cuda(backend)) return train_at_once(options, config, backend);
  return options.seeds ? train_several(options, config) : train_one(options, config);
}

}  // namespace handgrad::app
