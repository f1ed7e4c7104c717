#include "app/plots/run_pictures.h"

#include <algorithm>

#include "app/config/resolve.h"
#include "app/run/train_run.h"
#include "app/usage_error.h"
#include "core/suggest.h"

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

RecordedRun read_run(const fs::path& folder) {
  RecordedRun run{folder,
                  resolve(read_toml(folder / "config.toml")).config,
                  CsvTable::read(folder / "metrics.csv"),
                  CsvTable::read(folder / "evaluations.csv"),
                  std::nullopt,
                  std::nullopt};
  if (const fs::path episodes = folder / "final_evaluation.csv"; fs::exists(episodes)) {
    run.final_episodes = CsvTable::read(episodes);
  }
  if (const fs::path norms = folder / "norms.csv"; fs::exists(norms)) run.norms = CsvTable::read(norms);
  return run;
}

std::vector<RecordedRun> read_seeds(const fs::path& folder) {
  std::vector<RecordedRun> runs;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().filename().string().starts_with("seed-") && fs::exists(entry.path() / "metrics.csv")) {
      runs.push_back(read_run(entry.path()));
    }
  }
  std::ranges::sort(runs, {}, [](const RecordedRun& run) { return run.config.seed; });
  return runs;
}

void check_names(const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const RunPicture& picture : run_pictures()) known.push_back(picture.name);
  for (const std::string& name : names) {
    if (std::ranges::find(known, name) != known.end()) continue;
    std::string all;
    for (const auto& k : known) all += (all.empty() ? "" : ", ") + k;
    wrong_use("--what: there is no picture '", name, "'.", did_you_mean(name, known), " There are ", all);
  }
}

}  // namespace

std::string RecordedRun::title() const { return text(config.preset, " on ", config.environment.id, ", seed ", config.seed); }

std::optional<TensorFile> RecordedRun::last_model() const {
  const fs::path file = model_file(folder, "last");
  if (!fs::exists(file)) return std::nullopt;
  return read_safetensors(file);
}

const std::vector<RunPicture>& run_pictures() {
  static const std::vector<RunPicture> pictures = {
      {"returns", "returns of episodes, their mean, the evaluations", returns_picture},
      {"durations", "lengths of episodes and their mean over 100 (CartPole)", durations_picture},
      {"train-and-test", "returns in training and of the trained agent", train_and_test_picture},
      {"losses", "mean loss against train steps (DQN)", losses_picture},
      {"epsilon", "the exploration rate", epsilon_picture},
      {"norms", "L2 norms of parameters and gradients, array by array (train --watch-norms)", norms_picture},
      {"q", "action values (FrozenLake, CliffWalking, Rooms)", q_picture},
      {"policy", "state values, greedy actions and path (FrozenLake, CliffWalking, Taxi)", policy_picture},
      {"phase", "greedy actions and values over position and velocity (MountainCar)", phase_picture},
      {"slices", "greedy actions and values over angle and angular velocity (CartPole)", slices_picture},
      {"hands", "greedy actions and values by hand and dealer's card (Blackjack)", hands_picture}};
  return pictures;
}

std::vector<PlannedPicture> plan_pictures(const fs::path& folder, const PictureOptions& options,
                                          const std::vector<std::string>& only) {
  check_names(only);
  if (!fs::is_directory(folder)) wrong_use("there is no folder '", folder.string(), "'");
  std::vector<PlannedPicture> planned;
  if (fs::exists(folder / "metrics.csv")) {
    const RecordedRun run = read_run(folder);
    for (const RunPicture& candidate : run_pictures()) {
      if (!only.empty() && std::ranges::find(only, candidate.name) == only.end()) continue;
      if (auto picture = candidate.make(run, options)) {
        planned.push_back({folder / "plots" / candidate.name, std::move(*picture)});
      } else if (!only.empty()) {
        wrong_use(folder.string(), " has no picture '", candidate.name, "' (", candidate.description, ")");
      }
    }
    return planned;
  }
  const std::vector<RecordedRun> runs = read_seeds(folder);
  if (runs.empty()) wrong_use(folder.string(), " is no run folder: it has neither metrics.csv nor seed-<n> folders");
  if (only.empty() || std::ranges::find(only, "returns") != only.end()) {
    planned.push_back({folder / "plots" / "returns", seeds_picture(runs)});
  }
  return planned;
}

}  // namespace handgrad::app
