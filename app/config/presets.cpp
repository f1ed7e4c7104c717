#include "app/config/presets.h"

#include <algorithm>

#include "app/usage_error.h"
#include "core/suggest.h"

namespace handgrad::app {

namespace fs = std::filesystem;

namespace {

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool looks_like_a_path(const std::string& name) {
  return name.find('/') != std::string::npos || fs::path(name).extension() == ".toml";
}

}  // namespace

fs::path preset_folder() {
  if (is_folder(HANDGRAD_PRESET_DIR)) return HANDGRAD_PRESET_DIR;
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path installed = (program.parent_path() / HANDGRAD_INSTALLED_PRESET_DIR).lexically_normal();
  if (is_folder(installed)) return installed;
  fail("there is no folder of presets: expected it at ", installed.string(),
       "; a preset can also be the path of a .toml file");
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(preset_folder())) {
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

fs::path find_preset(const std::string& preset_or_file) {
  if (looks_like_a_path(preset_or_file)) {
    if (!is_file(preset_or_file)) wrong_use("there is no file '", preset_or_file, "'");
    return preset_or_file;
  }
  const std::vector<std::string> names = preset_names();
  if (std::find(names.begin(), names.end(), preset_or_file) == names.end()) {
    wrong_use("there is no preset '", preset_or_file, "'.", did_you_mean(preset_or_file, names),
              " handgrad list presets shows them all");
  }
  return preset_folder() / (preset_or_file + ".toml");
}

ResolvedConfig resolve_preset(const std::string& preset_or_file, const std::vector<std::string>& set_arguments,
                              const std::vector<Assignment>& options) {
  const fs::path file = find_preset(preset_or_file);
  const std::string name = looks_like_a_path(preset_or_file) ? file.string() : "preset " + file.filename().string();
  std::vector<Assignment> of_file = {{"preset", file.stem().string(), name}};
  for (auto& assignment : read_toml(file, name)) of_file.push_back(std::move(assignment));
  std::vector<Assignment> over_it;
  for (const auto& argument : set_arguments) over_it.push_back(parse_set(argument));
  over_it.insert(over_it.end(), options.begin(), options.end());
  return resolve(std::move(of_file), over_it);
}

}  // namespace handgrad::app
