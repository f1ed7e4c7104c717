#pragma once

#include <string>
#include <vector>

#include "app/config/toml_input.h"

namespace handgrad::app {

/// A named set of settings inside a preset, table [variants.NAME], for a run to choose by `variant`.
struct Variant {
  std::string name;
  std::string description;              ///< its key `description`: a line about it
  std::vector<Assignment> assignments;  ///< keys as everywhere: "dqn.gamma", not "variants.NAME.dqn.gamma"
};

/// Takes the variants out of what a file says, in file order; what is left holds whichever is chosen.
std::vector<Variant> take_variants(std::vector<Assignment>& of_file);

/// What a file says, the variants that the last assignment to `variant` chooses from left to right, and what was said over
/// it: later ones go over earlier ones, so that a single setting goes over a variant. `variant` becomes an array.
/// Throws UsageError, with those there are, for a variant that does not exist.
std::vector<Assignment> choose_variants(std::vector<Assignment> of_file, const std::vector<Variant>& variants,
                                        std::vector<Assignment> over_it);

}  // namespace handgrad::app
