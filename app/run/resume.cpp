#include "app/run/resume.h"

#include <algorithm>
#include <array>
#include <map>

#include "app/config/resolve.h"
#include "app/config/settings.h"
#include "app/format.h"
#include "app/run/train_agents.h"
#include "app/usage_error.h"

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

constexpr std::array kSectionsThatMayChange = {"train", "eval", "epsilon", "alpha", "clip", "target"};
constexpr std::array kMayChange = {"description",         "backend",         "optimizer.lr",        "optimizer.weight_decay",
                                   "optimizer.eps",       "optimizer.beta1", "optimizer.beta2",     "optimizer.alpha",
                                   "loss.name",           "loss.delta",      "loss.reduction",      "dqn.gamma",
                                   "dqn.double",          "dqn.batch_size",  "dqn.train_frequency", "dqn.gradient_steps",
                                   "dqn.learning_starts", "tabular.gamma",   "tabular.lambda"};

void check_is_run(const fs::path& folder) {
  if (!fs::is_directory(folder)) wrong_use("--resume: there is no run folder '", folder.string(), "'");
  if (holds_agents(folder)) {
    wrong_use("--resume: the agents in ", folder.string(),
              " were trained at once, which leaves no checkpoints; train them anew");
  }
  if (!fs::is_regular_file(folder / "config.toml") && list_checkpoints(checkpoint_folder(folder)).empty()) {
    wrong_use("--resume: ", folder.string(),
              " holds no run: it has neither config.toml nor a checkpoint. If a run was stopped ",
              "before it began, remove the folder and train again");
  }
}

std::map<std::string, std::string> values_of(const std::vector<Assignment>& assignments) {
  std::map<std::string, std::string> values;
  for (const Assignment& assignment : assignments) values[assignment.key] = to_toml(assignment.value);
  return values;
}

// What differs from the settings that a run had until then, as it notes that.
std::vector<std::string> differences(const std::vector<Assignment>& settings, const RunConfig& now, std::int64_t env_step) {
  const auto before = values_of(settings);
  std::vector<std::string> lines;
  for (const auto& [key, value] : all_values(now)) {
    const auto old = before.find(key);
    if (old == before.end() || old->second == to_toml(value)) continue;
    lines.push_back(text("step ", env_step, ": ", key, " = ", to_toml(value), ", before ", old->second));
  }
  return lines;
}

void note_edited_settings(ResumePoint& point, const std::vector<Assignment>& settings) {
  const fs::path file = point.folder / "config.toml";
  try {
    if (values_of(read_toml(file)) == values_of(settings)) return;
  } catch (const Error&) {
    // It is gone, or makes no sense: it is written anew.
  }
  point.notes.push_back(text(file.string(),
                             " does not say what the checkpoint was made with; the checkpoint's settings count, ",
                             "and the file is written anew. Settings are changed with --set"));
}

}  // namespace

fs::path checkpoint_folder(const fs::path& run_folder) { return run_folder / "checkpoint"; }

bool may_change_on_the_way(const std::string& key) {
  return std::ranges::find(kSectionsThatMayChange, section_of(key)) != kSectionsThatMayChange.end() ||
         std::ranges::find(kMayChange, key) != kMayChange.end();
}

void check_may_change(const std::vector<Assignment>& over_it) {
  for (const Assignment& assignment : over_it) {
    if (may_change_on_the_way(assignment.key)) continue;
    wrong_use(assignment.where, ": ", assignment.key,
              " cannot be changed while a run goes on. Step sizes, schedules, losses, ",
              "limits and evaluations can; for anything else train a new run");
  }
}

RunState read_run_state(const Checkpoint& checkpoint) {
  auto state = StateArchive::loading(checkpoint.state);
  const auto section = state.section("run");
  RunState record;
  record.serialize(state);
  return record;
}

ResumePoint find_resume_point(const fs::path& folder, const std::vector<Assignment>& over_it) {
  check_is_run(folder);
  check_may_change(over_it);
  ResumePoint point{folder, RunLock(folder), {}, {}, {}, false, {}};
  auto newest = newest_checkpoint(checkpoint_folder(folder));
  const auto settings =
      newest ? parse_toml(newest->checkpoint.configuration, (newest->place.folder / "state.json").string() + ", configuration")
             : read_toml(folder / "config.toml");
  point.config = resolve(settings, over_it).config;
  point.changes = differences(settings, point.config, newest ? newest->place.number : 0);
  if (!newest) {
    point.notes.push_back(text(folder.string(), " has no checkpoint yet: the run begins again"));
    return point;
  }
  for (const std::string& refused : newest->refused) point.notes.push_back("passed over: " + refused);
  note_edited_settings(point, settings);
  point.checkpoint = std::move(newest->checkpoint);
  point.ended = point.changes.empty() && read_run_state(*point.checkpoint).finished;
  return point;
}

}  // namespace handgrad::app
