#pragma once

#include <filesystem>
#include <vector>

#include "app/config/toml_input.h"
#include "app/run/train_run.h"

namespace handgrad::app {

/// Several seeds of one run, `first.seed` and those after it.
struct SeedsPlan {
  RunConfig first;
  std::size_t count;
};

/// seeds.toml of a folder of several seeds: what is to be in it, so that one that was stopped can be gone on with.
void write_plan(const std::filesystem::path& folder, const SeedsPlan& plan);
/// Reads it, with `over_it` put over its settings. Throws UsageError for what is none.
SeedsPlan read_plan(const std::filesystem::path& folder, const std::vector<Assignment>& over_it);
/// Whether there is one.
bool holds_seeds(const std::filesystem::path& folder);

/// The run folder of a seed.
std::filesystem::path seed_folder(const std::filesystem::path& folder, std::uint64_t seed);

/// Trains those seeds that have not ended yet, `threads` at a time: ones that were stopped go on, with `over_it` put over their
/// settings. Runs share nothing, so no figure depends on how many are going on beside it. What goes wrong with one is told and
/// noted, and stops nobody else.
std::vector<SeedOutcome> train_seeds(const SeedsPlan& plan, const std::filesystem::path& folder,
                                     const std::vector<Assignment>& over_it, const RunOptions& options,
                                     ProgressDisplay& progress);

}  // namespace handgrad::app
