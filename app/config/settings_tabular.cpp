#include "app/config/settings_tabular.h"

#include "app/config/setting_kinds.h"

namespace handgrad::app {

namespace {

// An array of numbers, whole or not; an array that is empty in TOML is one of whole numbers.
std::optional<std::vector<double>> as_numbers(const SettingValue& value) {
  if (const auto* reals = std::get_if<std::vector<double>>(&value)) return *reals;
  if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&value))
    return std::vector<double>(whole->begin(), whole->end());
  return std::nullopt;
}

// Where values begin: one number, or two that they are drawn between.
Setting initial_values() {
  const std::string allowed = "a number, or [low, high]";
  return {"tabular.initial",
          allowed,
          "return",
          "what every value begins with, or is drawn between at random (terminal states' too)",
          "handgrad",
          [](const RunConfig& c) -> SettingValue {
            const TabularConfig& t = c.tabular;
            if (t.initial_low == t.initial_high) return t.initial_low;
            return std::vector<double>{t.initial_low, t.initial_high};
          },
          [allowed](RunConfig& c, const SettingValue& value) {
            std::vector<double> ends;
            if (const auto* whole = std::get_if<std::int64_t>(&value)) ends = {static_cast<double>(*whole)};
            if (const auto* real = std::get_if<double>(&value)) ends = {*real};
            if (const auto pair = as_numbers(value); pair && pair->size() == 2) ends = *pair;
            if (ends.empty() || !std::isfinite(ends.front()) || !std::isfinite(ends.back()) || ends.front() > ends.back()) {
              unexpected(allowed, value);
            }
            c.tabular.initial_low = ends.front();
            c.tabular.initial_high = ends.back();
          }};
}

void add_method(std::vector<Setting>& table) {
  table.push_back(real_setting("tabular.gamma", [](auto& c) -> auto& { return c.tabular.gamma; }, within(0, 1),
                               {"", "discount an environment step", "handgrad"}));
  table.push_back(whole_setting("tabular.n_step", [](auto& c) -> auto& { return c.tabular.n_step; }, 1, 10'000,
                                {"steps", "rewards summed before bootstrapping: nstep_sarsa", "handgrad"}));
  table.push_back(real_setting("tabular.lambda", [](auto& c) -> auto& { return c.tabular.lambda; }, within(0, 1),
                               {"", "how slowly traces fade: q_lambda", "handgrad"}));
  table.push_back(choice_setting(
      "tabular.tie", [](auto& c) -> auto& { return c.tabular.tie; },
      Names<TieBreak>{{"random", TieBreak::random}, {"first", TieBreak::first}, {"all_equal", TieBreak::all_equal}},
      {"", "of equally good actions: any, the lowest, or any only if all are equal", "handgrad"}));
  table.push_back(
      choice_setting("tabular.terminal", [](auto& c) -> auto& { return c.tabular.terminal_bootstraps; },
                     Names<bool>{{"mask", false}, {"bootstrap", true}},
                     {"", "nothing comes after the end, or (a mistake, for comparison) what the table says", "Watkins 1989"}));
  table.push_back(flag_setting("tabular.truncation_as_terminal",
                               [](auto& c) -> auto& { return c.tabular.truncation_as_terminal; },
                               {"", "the mistake of taking a time limit for an end, for comparison", "handgrad"}));
  table.push_back(initial_values());
}

void add_alpha(std::vector<Setting>& table) {
  table.push_back(choice_setting("alpha.kind", [](auto& c) -> auto& { return c.tabular.alpha.kind; },
                                 Names<Schedule::Kind>{{"constant", Schedule::Kind::constant},
                                                       {"linear", Schedule::Kind::linear},
                                                       {"exponential", Schedule::Kind::exponential}},
                                 {"", "how the step size falls", "handgrad"}));
  table.push_back(real_setting("alpha.start", [](auto& c) -> auto& { return c.tabular.alpha.start; }, within(0, 1),
                               {"", "share of the error that an update corrects, at first", "Sutton & Barto 2018"}));
  table.push_back(real_setting("alpha.end", [](auto& c) -> auto& { return c.tabular.alpha.end; }, within(0, 1),
                               {"", "and in the end; unused by constant", "handgrad"}));
  table.push_back(
      real_setting("alpha.span", [](auto& c) -> auto& { return c.tabular.alpha.span; }, above(0),
                   {"alpha.unit", "linear: until the end is reached; exponential: until 1/e is left", "handgrad"}));
  table.push_back(choice_setting("alpha.unit", [](auto& c) -> auto& { return c.tabular.alpha.unit; },
                                 Names<Schedule::Unit>{{"step", Schedule::Unit::step}, {"episode", Schedule::Unit::episode}},
                                 {"", "what alpha.span counts", "handgrad"}));
  table.push_back(floor_setting("alpha.floor", [](auto& c) -> auto& { return c.tabular.alpha.floor; },
                                {"", "never below it: max(floor, ...)", "handgrad"}));
}

// One end of every component of an observation.
template <class Access>
Setting ends_setting(const std::string& key, Access access, const std::string& meaning) {
  const std::string allowed = "an array of numbers, one a component of an observation";
  return {key,
          allowed,
          "",
          meaning,
          "the bounds of the environment's observations",
          [access](const RunConfig& c) -> SettingValue { return access(c); },
          [access, allowed](RunConfig& c, const SettingValue& value) {
            const auto numbers = as_numbers(value);
            if (!numbers) unexpected(allowed, value);
            for (const double number : *numbers) {
              if (!std::isfinite(number)) unexpected(allowed, value);
            }
            access(c) = *numbers;
          }};
}

void add_features(std::vector<Setting>& table) {
  table.push_back(choice_setting(
      "features.kind", [](auto& c) -> auto& { return c.features.kind; },
      Names<FeatureSpec::Kind>{
          {"identity", FeatureSpec::Kind::identity}, {"bins", FeatureSpec::Kind::bins}, {"tiles", FeatureSpec::Kind::tiles}},
      {"", "states by number, in bins, or in overlapping tilings", "handgrad"}));
  const std::string allowed = "an array of whole numbers from 1 to 65536";
  table.push_back({"features.bins", allowed, "",
                   "bins, or tiles of a tiling, a component of an observation; unused by identity", "there is none",
                   [](const RunConfig& c) -> SettingValue { return c.features.bins; },
                   [allowed](RunConfig& c, const SettingValue& value) {
                     const auto* bins = std::get_if<std::vector<std::int64_t>>(&value);
                     if (bins == nullptr) unexpected(allowed, value);
                     for (const std::int64_t n : *bins) {
                       if (n < 1 || n > 65'536) unexpected(allowed, value);
                     }
                     c.features.bins = *bins;
                   }});
  table.push_back(ends_setting(
      "features.low", [](auto& c) -> auto& { return c.features.low; },
      "where the first bin of each component begins; lower values fall into it"));
  table.push_back(ends_setting(
      "features.high", [](auto& c) -> auto& { return c.features.high; },
      "where the last bin of each component ends; higher values fall into it"));
  table.push_back(whole_setting("features.tilings", [](auto& c) -> auto& { return c.features.tilings; }, 1, 1024,
                                {"", "grids, each shifted against the others; tiles only", "Sutton & Barto 2018"}));
}

}  // namespace

void add_tabular(std::vector<Setting>& table) {
  add_method(table);
  add_alpha(table);
  add_features(table);
}

}  // namespace handgrad::app
