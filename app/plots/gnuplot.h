#pragma once

#include <filesystem>
#include <string>

namespace handgrad::app {

/// Whether there is a gnuplot to run, and which: "gnuplot 5.4 patchlevel 4", or "" if there is none.
std::string gnuplot_version();

/// Runs gnuplot on a script whose terminal writes to its standard output, and makes `picture` of that. The picture appears
/// complete or not at all. No shell is involved and no path is in the script, so file names may hold anything.
/// `before`: a command that is run first, to set a variable of the script.
/// Throws Error if there is no gnuplot or if it fails, with what it said.
void run_gnuplot(const std::filesystem::path& script, const std::filesystem::path& picture, const std::string& before = "");

/// A text as a gnuplot string literal.
std::string gnuplot_string(const std::string& text);

}  // namespace handgrad::app
