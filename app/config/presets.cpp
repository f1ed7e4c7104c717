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

}  // namespace

bool looks_like_a_path(const std::string& name) {
  return name.find('/') != std::string::npos || fs::path(name).extension() == ".toml";
}

fs::path data_folder(const fs::path& in_source_tree, const fs::path& from_program, const std::string& what) {
  if (is_folder(in_source_tree)) return in_source_tree;
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path installed = (program.parent_path() / from_program).lexically_normal();
  if (is_folder(installed)) return installed;
  fail("there is no folder of ", what, "s: expected it at ", installed.string(), "; a ", what,
       " can also be the path of a .toml file");
}

fs::path preset_folder() { return data_folder(HANDGRAD_PRESET_DIR, HANDGRAD_INSTALLED_PRESET_DIR, "preset"); }

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> preset_names() { return names_in(preset_folder()); }

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
