#include "app/config/resolve.h"
#include "app/study/runner.h"
#include "app/usage_error.h"
#include "core/atomic_file.h"

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void other_study(const fs::path& folder, const std::string& difference) {
  wrong_use(folder.string(), " belongs to a study with other settings: ", difference, ". Choose another --out");
}

fs::path arm_file(const fs::path& folder, const Arm& arm) { return folder / "runs" / arm.folder / "config.toml"; }

// Every setting of an arm, the seed aside, as its file has it.
std::map<std::string, SettingValue> settings_in(const fs::path& file) {
  std::map<std::string, SettingValue> settings;
  for (const auto& assignment : read_toml(file)) settings[assignment.key] = assignment.value;
  return settings;
}

void check_arm(const fs::path& folder, const Arm& arm) {
  const fs::path file = arm_file(folder, arm);
  if (!fs::exists(file)) return;  // a new arm contradicts nothing
  const auto there = settings_in(file);
  for (const auto& [key, value] : all_values(arm.config)) {
    if (key == "seed" || key == "description") continue;
    const auto found = there.find(key);
    const std::string here = plain(value), of_file = found == there.end() ? "not set" : plain(found->second);
    if (found == there.end() || !same_value(found->second, value)) {
      other_study(folder, text("arm '", arm.label, "': ", key, " is ", of_file, " there and ", here, " here"));
    }
  }
}

void check_measures(const fs::path& folder, const StudyDefinition& there, const StudyDefinition& here) {
  if (there.window != here.window) other_study(folder, text("window is ", there.window, " there and ", here.window, " here"));
  for (const auto& measure : here.measures) {
    const MeasureSpec* same = find_measure(there, measure.as);
    if (same == nullptr) other_study(folder, "its runs have no measure '" + measure.as + "'");
    if (same->kind != measure.kind || same->parameters != measure.parameters) {
      other_study(folder, "the measure '" + measure.as + "' is another one there");
    }
  }
}

void check_same_study(const Study& study, const fs::path& folder) {
  const StudyDefinition there = read_study(folder / "study.toml", (folder / "study.toml").string());
  if (there.id != study.definition.id) other_study(folder, "it is " + there.id + ", this is " + study.definition.id);
  check_measures(folder, there, study.definition);
  for (const auto& arm : study.arms) check_arm(folder, arm);
}

void write_study(const Study& study, const fs::path& folder) {
  fs::create_directories(folder);
  write_file_atomically(folder / "study.toml", to_toml(study.definition));  // first: it says whose folder this is
  for (const auto& arm : study.arms) {
    fs::create_directories(arm_file(folder, arm).parent_path());
    write_file_atomically(arm_file(folder, arm), to_toml(arm.config));
  }
}

}  // namespace

void claim_folder(const Study& study, const fs::path& folder) {
  if (fs::exists(folder / "study.toml")) {
    check_same_study(study, folder);
  } else if (fs::exists(folder) && !(fs::is_directory(folder) && fs::is_empty(folder))) {
    wrong_use(folder.string(), " exists already and holds no study: choose another --out");
  }
  try {
    write_study(study, folder);
  } catch (const fs::filesystem_error& error) {
    fail("cannot make the folder ", folder.string(), ": ", error.code().message());
  }
}

}  // namespace handgrad::app
