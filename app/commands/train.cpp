#include <algorithm>
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
#include "app/run/train_seeds.h"
#include "app/usage_error.h"
#include "core/atomic_file.h"
#include "core/backends.h"

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

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

RunOptions run_options(const TrainOptions& options, unsigned threads) {
  return {threads, parse_checkpoint_plan(options.checkpoint_every, options.keep), options.watch_norms};
}

std::string how_to_go_on(const fs::path& folder) { return "handgrad train --resume " + shell_word(folder.string()); }

// Pictures take longer than many a run: nobody has to wait for them to see what came of it.
int show_one(const TrainOptions& options, const RunSummary& summary, const fs::path& folder) {
  if (summary.interrupted) {
    std::cerr << "handgrad: interrupted at step " << grouped(summary.env_steps);
    if (options.checkpoint_every == "never") {
      std::cerr << "; what there is lies in " << folder.string() << '\n';
    } else {
      std::cerr << "; to go on: " << how_to_go_on(folder) << '\n';
    }
  }
  std::cout << (options.json ? to_json(summary) + "\n" : result_lines(summary, folder)) << std::flush;
  draw_pictures(folder);
  return summary.interrupted ? interrupt_exit_code() : 0;
}

// --threads are workers over the environments here: one run learns on one thread.
unsigned take_threads(const TrainOptions& options, RunConfig& config) {
  if (options.threads)
    config.environment.threads = static_cast<int>(parse_count(*options.threads, "--threads", 1, kMostThreads));
  return static_cast<unsigned>(config.environment.threads);
}

ProgressDisplay progress_of(const TrainOptions& options, const RunConfig& config, const std::string& title, std::size_t runs) {
  return ProgressDisplay(choose_progress_mode(options.quiet), title, runs,
                         {config.trainer.max_episodes, config.trainer.max_env_steps});
}

int train_one(const TrainOptions& options, RunConfig config) {
  const RunOptions how = run_options(options, take_threads(options, config));
  NewFolder folder = make_folder(options, text(run_name(config), "-seed", config.seed));
  RunSummary summary;
  {
    ProgressDisplay progress = progress_of(options, config, text(run_name(config), " seed ", config.seed), 1);
    summary = train_run(config, folder, how, progress, 0, process_start());
  }
  return show_one(options, summary, folder.path());
}

int go_on_with_one(const TrainOptions& options, const fs::path& folder, const std::vector<Assignment>& over_it) {
  ResumePoint point = find_resume_point(folder, over_it);
  for (const std::string& note : point.notes) std::cerr << "handgrad: " << note << '\n';
  if (point.ended) {
    wrong_use("--resume: the run in ", folder.string(), " has ended. To go on with it raise what ended it, train.episodes, ",
              "train.env_steps or train.stop_at: --set train.episodes=N");
  }
  const RunOptions how = run_options(options, take_threads(options, point.config));
  RunSummary summary;
  {
    const std::string title = text(run_name(point.config), " seed ", point.config.seed);
    ProgressDisplay progress = progress_of(options, point.config, title, 1);
    for (const std::string& change : point.changes) progress.note(change);
    summary = resume_run(std::move(point), how, progress, 0, process_start());
  }
  return show_one(options, summary, folder);
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

unsigned threads_for(const TrainOptions& options, std::size_t runs) {
  const auto processors = std::max(1U, std::thread::hardware_concurrency());
  const auto wanted = options.threads ? parse_count(*options.threads, "--threads", 1, kMostThreads) : processors;
  return static_cast<unsigned>(std::min<std::int64_t>(wanted, static_cast<std::int64_t>(runs)));
}

Seeds seeds_of(const TrainOptions& options, const RunConfig& config) {
  const auto count = static_cast<std::size_t>(parse_count(*options.seeds, "--seeds", 1, kMostSeeds));
  const std::uint64_t last = config.seed + count - 1;
  if (last > static_cast<std::uint64_t>(INT64_MAX)) {
    wrong_use("--seeds ", count, ": the last seed would be larger than 2^63-1");
  }
  return {count, threads_for(options, count), text(run_name(config), "-seeds", config.seed, "-", last)};
}

int train_plan(const TrainOptions& options, const SeedsPlan& plan, const fs::path& folder,
               const std::vector<Assignment>& over_it) {
  const RunOptions how = run_options(options, threads_for(options, plan.count));
  std::vector<SeedOutcome> outcomes;
  {
    ProgressDisplay progress = progress_of(options, plan.first, run_name(plan.first), plan.count);
    outcomes = train_seeds(plan, folder, over_it, how, progress);
  }
  const auto is_done = [](const SeedOutcome& outcome) { return outcome.summary.has_value(); };
  const bool all_done = std::ranges::all_of(outcomes, is_done);
  write_file_atomically(folder / "summary.json", to_json(outcomes, how.threads, 2) + "\n");
  if (interrupted()) std::cerr << "handgrad: interrupted; to go on: " << how_to_go_on(folder) << '\n';
  std::cout << to_table(outcomes) << "folder: " << folder.string() << '\n';
  if (options.json) std::cout << to_json(outcomes, how.threads) << '\n';
  std::cout << std::flush;
  draw_all(outcomes, folder);
  if (interrupted()) return interrupt_exit_code();
  return all_done ? 0 : 1;
}

int train_several(const TrainOptions& options, const RunConfig& config) {
  const Seeds seeds = seeds_of(options, config);
  NewFolder folder = make_folder(options, seeds.folder);
  const RunLock lock(folder.path());
  const SeedsPlan plan{config, seeds.count};
  write_plan(folder.path(), plan);
  folder.keep();
  return train_plan(options, plan, folder.path(), {});
}

int go_on_with_several(const TrainOptions& options, const fs::path& folder, const std::vector<Assignment>& over_it) {
  const RunLock lock(folder);
  const SeedsPlan plan = read_plan(folder, over_it);
  if (!over_it.empty()) write_plan(folder, plan);
  return train_plan(options, plan, folder, over_it);
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
    ProgressDisplay progress = progress_of(options, config, run_name(config), seeds.count);
    summary = train_agents(config, spec, backend, folder, progress, begun);
  }
  if (summary.interrupted) std::cerr << "handgrad: interrupted; what there is lies in " << folder.path().string() << '\n';
  std::cout << to_lines(summary) << "folder      " << folder.path().string() << '\n';
  if (options.json) std::cout << to_json(summary) << '\n';
  return summary.interrupted ? interrupt_exit_code() : 0;
}

// What a run is made of was settled when it began.
void refuse_beside_resume(const TrainOptions& options) {
  const auto refuse = [](bool given, const std::string& what) {
    if (given)
      wrong_use(what, " does not go with --resume: the run has its own. Settings that may change on the way are changed ",
                "with --set");
  };
  refuse(!options.preset.empty(), "a preset");
  refuse(options.seed.has_value(), "--seed");
  refuse(options.seeds.has_value(), "--seeds");
  refuse(!options.out.empty(), "--out");
  refuse(!options.variant.empty(), "--variant");
}

int go_on(const TrainOptions& options) {
  refuse_beside_resume(options);
  std::vector<Assignment> over_it;
  for (const std::string& argument : options.set) over_it.push_back(parse_set(argument));
  if (options.backend) over_it.push_back({"backend", *options.backend, "--backend"});
  const fs::path folder = options.resume;
  check_may_change(over_it);
  return holds_seeds(folder) ? go_on_with_several(options, folder, over_it) : go_on_with_one(options, folder, over_it);
}

}  // namespace

int train_command(const TrainOptions& options) {
  if (options.threads) parse_count(*options.threads, "--threads", 1, kMostThreads);
  run_options(options, 1);
  const InterruptScope interruptible;
  if (!options.resume.empty()) return go_on(options);
  if (options.preset.empty()) wrong_use("train what? A preset (handgrad list presets), a .toml file, or --resume DIR");
  const RunConfig config = resolve_options(options);
  const std::string backend = options.backend.value_or(config.backend);
  if (options.seeds && on_cuda(backend)) return train_at_once(options, config, backend);
  return options.seeds ? train_several(options, config) : train_one(options, config);
}

}  // namespace handgrad::app
