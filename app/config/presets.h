#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/config/resolve.h"

namespace handgrad::app {

/// A folder of data that comes with the program: that of the source tree the program was built from, else the installed one,
/// a path from the executable's folder. `what` names one of its files: "preset". Throws Error if there is neither.
std::filesystem::path data_folder(const std::filesystem::path& in_source_tree, const std::filesystem::path& from_program,
                                  const std::string& what);

/// The names of the .toml files in a folder, sorted.
std::vector<std::string> names_in(const std::filesystem::path& folder);

/// Whether what a user wrote is a file rather than the name of one: it has a '/' or ends in .toml.
bool looks_like_a_path(const std::string& name);

/// The folder of the presets that come with the program: that of the source tree the program was built from, else the
/// installed one, ../share/handgrad/presets from the executable's folder. Throws Error if there is neither.
std::filesystem::path preset_folder();

/// The names of the presets there, sorted.
std::vector<std::string> preset_names();

/// The file behind what a user wrote: a path to a .toml file, or a preset's name. Throws UsageError with the nearest name.
std::filesystem::path find_preset(const std::string& preset_or_file);

/// Preset or file, then --set arguments, then assignments made by options of the command line.
ResolvedConfig resolve_preset(const std::string& preset_or_file, const std::vector<std::string>& set_arguments,
                              const std::vector<Assignment>& options = {});

}  // namespace handgrad::app
