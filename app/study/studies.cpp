#include "app/study/studies.h"

#include <algorithm>

#include "app/config/presets.h"
#include "app/usage_error.h"
#include "core/suggest.h"

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

fs::path study_folder() { return data_folder(HANDGRAD_STUDY_DIR, HANDGRAD_INSTALLED_STUDY_DIR, "study"); }

}  // namespace

std::vector<std::string> study_names() { return names_in(study_folder()); }

StudyDefinition load_study(const std::string& study_or_file, const std::vector<std::string>& set_arguments) {
  const bool is_path = looks_like_a_path(study_or_file);
  if (is_path && !fs::is_regular_file(study_or_file)) wrong_use("there is no file '", study_or_file, "'");
  if (const auto names = study_names(); !is_path && std::find(names.begin(), names.end(), study_or_file) == names.end()) {
    wrong_use("there is no study '", study_or_file, "'.", did_you_mean(study_or_file, names),
              " handgrad list studies shows them all");
  }
  const fs::path file = is_path ? fs::path(study_or_file) : study_folder() / (study_or_file + ".toml");
  StudyDefinition study = read_study(file, is_path ? study_or_file : "study " + file.filename().string());
  apply_settings(study, set_arguments);
  return study;
}

bool is_study(const std::string& name_or_file) {
  if (looks_like_a_path(name_or_file)) {
    if (!fs::is_regular_file(name_or_file)) return false;
    const auto assignments = read_toml(name_or_file);
    return std::any_of(assignments.begin(), assignments.end(), [](const auto& a) { return a.key.starts_with("measure["); });
  }
  const auto names = study_names();
  return std::find(names.begin(), names.end(), name_or_file) != names.end();
}

}  // namespace handgrad::app
