#pragma once

#include <functional>
#include <optional>

namespace handgrad::app {

/// What the command line asks for: something to run, which returns the exit code; or nothing, if it was --help or --version,
/// which has been answered. Throws UsageError for a command line that makes no sense.
std::optional<std::function<int()>> parse_command_line(int argc, char** argv);

}  // namespace handgrad::app
