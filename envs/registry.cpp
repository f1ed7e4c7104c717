#include "registry.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "../core/error.h"
#include "../core/suggest.h"
#include "world_environment.h"

namespace handgrad {
namespace {

/// "CartPole-v1" taken apart. An id without version has none; a version too large for a number counts as none that exists.
struct ParsedId {
  std::string name;
  std::optional<std::int64_t> version;
};

ParsedId parse(const std::string& id) {
  const std::size_t dash = id.rfind("-v");
  if (dash == std::string::npos || dash + 2 == id.size()) return {id, {}};
  const std::string_view digits = std::string_view(id).substr(dash + 2);
  if (digits.find_first_not_of("0123456789") != std::string_view::npos) return {id, {}};
  std::int64_t version = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  return {id.substr(0, dash), read.ec == std::errc{} ? version : INT64_MAX};
}

std::string join(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) {
    if (!joined.empty()) joined += ", ";
    joined += name;
  }
  return joined;
}

/// All versions of one name, oldest first.
std::vector<const EnvironmentSpec*> versions(const std::vector<EnvironmentSpec>& specs, const std::string& name) {
  std::vector<const EnvironmentSpec*> found;
  for (const EnvironmentSpec& spec : specs) {
    if (parse(spec.id).name == name) found.push_back(&spec);
  }
  std::sort(found.begin(), found.end(),
            [](const auto* a, const auto* b) { return parse(a->id).version < parse(b->id).version; });
  return found;
}

[[noreturn]] void unknown_name(const std::vector<EnvironmentSpec>& specs, const std::string& id, const ParsedId& parsed) {
  std::vector<std::string> names, ids;
  for (const EnvironmentSpec& spec : specs) {
    names.push_back(parse(spec.id).name);
    ids.push_back(spec.id);
  }
  const std::string nearest = nearest_name(parsed.name, names);
  if (nearest.empty()) fail("there is no environment '", id, "'. There are ", join(ids), ".");
  fail("there is no environment '", id, "'. Did you mean '", versions(specs, nearest).back()->id, "'?");
}

void check_options(const EnvironmentSpec& spec, const EnvironmentOptions& options) {
  for (const auto& [name, value] : options) {
    if (std::find(spec.option_names.begin(), spec.option_names.end(), name) != spec.option_names.end()) continue;
    require(!spec.option_names.empty(), spec.id, " takes no options, got '", name, "'");
    fail(spec.id, " has no option '", name, "'.", did_you_mean(name, spec.option_names), " It takes ", join(spec.option_names),
         ".");
  }
}

/// The caller's options, and the registry's where the caller gave none.
EnvironmentOptions checked_options(const EnvironmentSpec& spec, const EnvironmentOptions& options) {
  check_options(spec, options);
  EnvironmentOptions merged = options;
  merged.insert(spec.defaults.begin(), spec.defaults.end());  // keeps what the caller gave
  return merged;
}

/// Arrays of fewer environments than this take longer than the environments one by one.
constexpr std::int64_t kFewestSideBySide = 4;

/// -1: none.
std::int64_t checked_limit(const EnvironmentSpec& spec, std::optional<std::int64_t> max_episode_steps) {
  require(!max_episode_steps || *max_episode_steps > 0 || *max_episode_steps == -1, spec.id,
          ": max_episode_steps is a number of steps above 0, or -1 for no limit; got ", max_episode_steps.value_or(0));
  return max_episode_steps.value_or(spec.max_episode_steps.value_or(-1));
}

std::vector<std::string> fast_ids(const std::vector<EnvironmentSpec>& specs) {
  std::vector<std::string> ids;
  for (const EnvironmentSpec& spec : specs) {
    if (spec.make_fast_world) ids.push_back(spec.id);
  }
  return ids;
}

}  // namespace

void Registry::add(EnvironmentSpec spec) {
  const ParsedId parsed = parse(spec.id);
  require(parsed.version && !parsed.name.empty(), "an environment id is a name and a version such as Corridor-v0, got '",
          spec.id, "'");
  require(spec.make != nullptr, spec.id, ": a spec needs a function that makes the environment");
  for (const EnvironmentSpec* known : versions(specs_, parsed.name)) {
    require(parse(known->id).version != parsed.version, "the id '", spec.id, "' is taken");
  }
  specs_.push_back(std::move(spec));
}

const EnvironmentSpec& Registry::find(const std::string& id) const {
  const ParsedId parsed = parse(id);
  const std::vector<const EnvironmentSpec*> known = versions(specs_, parsed.name);
  if (known.empty()) unknown_name(specs_, id, parsed);
  const EnvironmentSpec& newest = *known.back();
  if (!parsed.version) return newest;

  std::vector<std::string> ids;
  for (const EnvironmentSpec* spec : known) {
    if (parse(spec->id).version == parsed.version) return *spec;
    ids.push_back(spec->id);
  }
  if (parsed.version < parse(newest.id).version) fail("'", id, "' is retired; its successor is '", newest.id, "'");
  fail("there is no version '", id, "'. There ", ids.size() == 1 ? "is " : "are ", join(ids), ".");
}

std::unique_ptr<Environment> Registry::make(const std::string& id, const EnvironmentOptions& options,
                                            std::optional<std::int64_t> max_episode_steps) const {
  const EnvironmentSpec& spec = find(id);
  const EnvironmentOptions merged = checked_options(spec, options);
  const std::int64_t limit = checked_limit(spec, max_episode_steps);
  std::unique_ptr<Environment> environment = spec.make(merged);
  if (limit == -1) return environment;
  return std::make_unique<TimeLimit>(std::move(environment), limit);
}

std::unique_ptr<VectorEnvironment> Registry::make_vector(const std::string& id, const EnvironmentOptions& options,
                                                         std::int64_t count, const VectorSettings& settings) const {
  const EnvironmentSpec& spec = find(id);
  require(!settings.fast || spec.make_fast_world, spec.id, " has no fast mode: there is one for ", join(fast_ids(specs_)),
          ". Leave it out; the exact mode is there for every environment.");
  const EnvironmentOptions merged = checked_options(spec, options);
  const std::int64_t limit = checked_limit(spec, settings.max_episode_steps);
  require(settings.threads >= 1, "environments are stepped by 1 or more threads, got ", settings.threads);
  require(!settings.fast || limit <= WorldEnvironment::kLongestLimit, spec.id, ": with fast, max_episode_steps is at most ",
          WorldEnvironment::kLongestLimit, ", got ", limit);
  const auto& make_world = settings.fast ? spec.make_fast_world : spec.make_world;
  const bool too_few = !settings.fast && count < kFewestSideBySide;
  if (!make_world || too_few || limit > WorldEnvironment::kLongestLimit) {
    return std::make_unique<SyncVectorEnvironment>([&] { return make(id, options, settings.max_episode_steps); }, count,
                                                   settings.mode);
  }
  WorldEnvironmentSettings world{.mode = settings.mode, .threads = settings.threads};
  if (limit != -1) world.max_episode_steps = limit;
  return std::make_unique<WorldEnvironment>(make_world(merged, count), world);
}

}  // namespace handgrad
