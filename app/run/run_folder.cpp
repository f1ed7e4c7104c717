#include "app/run/run_folder.h"

#include "app/config/build_run.h"
#include "app/config/resolve.h"
#include "app/run/train_agents.h"
#include "app/run/train_run.h"
#include "app/usage_error.h"

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

// A folder of several seeds is no run, but has some.
std::string a_seed_in(const fs::path& folder) {
  std::string first;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("seed-") || !fs::is_regular_file(entry.path() / "config.toml", ignored)) continue;
    if (first.empty() || name < first) first = name;
  }
  return first.empty() ? "" : "; did you mean one of its seeds, such as " + (folder / first).string() + "?";
}

}  // namespace

RunConfig read_run_folder(const fs::path& folder, const std::vector<std::string>& set) {
  if (!fs::is_directory(folder)) wrong_use("there is no run folder '", folder.string(), "'");
  if (!fs::is_regular_file(folder / "config.toml")) {
    wrong_use(folder.string(), " is no run folder: it has no config.toml", a_seed_in(folder));
  }
  auto assignments = read_toml(folder / "config.toml");
  for (const auto& argument : set) assignments.push_back(parse_set(argument));
  return resolve(assignments).config;
}

Policy load_policy(const fs::path& folder, const std::string& which, const RunConfig& config) {
  const std::string other = holds_agents(folder) ? "median" : "last";
  if (which != other && which != "best") {
    wrong_use("--model '", which, "': expected ", other, " or best", holds_agents(folder) ? ", the agents that are kept" : "");
  }
  const fs::path file = model_file(folder, which);
  Policy policy = Policy::load(file, config.backend);
  // A model file of somebody else's network would otherwise be played until its first observation.
  const auto environment = environment_maker(config.environment)();
  require(policy.observation_size() == environment->observation_size() && policy.actions() == environment->action_space().n,
          file.string(), ": the model takes ", policy.observation_size(), " values and knows ", policy.actions(),
          " actions, but ", config.environment.id, " has ", environment->observation_size(), " and ",
          environment->action_space().n);
  return policy;
}

}  // namespace handgrad::app
