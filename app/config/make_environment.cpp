#include "app/config/make_environment.h"

#include <algorithm>

#include "app/config/toml_input.h"
#include "app/usage_error.h"
#include "core/suggest.h"
#include "envs/registry.h"

namespace handgrad::app {

std::unique_ptr<Environment> make_environment(const std::string& id, const std::vector<std::string>& set) {
  const Registry registry = Registry::gymnasium();
  EnvironmentOptions environment_options;
  std::optional<std::int64_t> limit;
  try {
    const EnvironmentSpec& spec = registry.find(id);
    for (const auto& argument : set) {
      const Assignment assignment = parse_set(argument);
      if (assignment.key == "max_episode_steps") {
        const auto* steps = std::get_if<std::int64_t>(&assignment.value);
        if (steps == nullptr) wrong_use(assignment.where, ": expected a whole number, found ", describe(assignment.value));
        limit = *steps;
        continue;
      }
      const auto& known = spec.option_names;
      if (std::find(known.begin(), known.end(), assignment.key) == known.end()) {
        wrong_use(assignment.where, ": ", spec.id, " has no option '", assignment.key, "'.",
                  did_you_mean(assignment.key, known));
      }
      environment_options[assignment.key] = to_option(assignment.value);
    }
    return registry.make(spec.id, environment_options, limit);
  } catch (const UsageError&) {
    throw;
  } catch (const Error& error) {
    wrong_use(error.what());
  }
}

}  // namespace handgrad::app
