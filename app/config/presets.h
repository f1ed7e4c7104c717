#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/config/resolve.h"

namespace handgrad::app {

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
