#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/study/definition.h"

namespace handgrad::app {

/// The names of the studies that come with the program, sorted.
std::vector<std::string> study_names();

/// Reads a study by its name, or a .toml file, with --set arguments put over it. Throws UsageError with the nearest name.
StudyDefinition load_study(const std::string& study_or_file, const std::vector<std::string>& set_arguments = {});

/// Whether what a user wrote means a study: the name of one, or a file that has measures in it.
bool is_study(const std::string& name_or_file);

/// What a study asks, its arms with the settings in which they differ, what it measures, draws and expects. For `explain`.
std::string explain_study(const StudyDefinition& study);
std::string explain_study_as_json(const StudyDefinition& study);

}  // namespace handgrad::app
