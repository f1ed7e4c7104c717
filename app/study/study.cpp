#include "app/study/study.h"

#include <algorithm>
#include <map>
#include <set>

#include "app/config/build_run.h"
#include "app/config/presets.h"
#include "app/format.h"
#include "app/study/measures.h"
#include "app/usage_error.h"
#include "core/suggest.h"
#include "envs/tabular.h"

namespace handgrad::app {

namespace {

constexpr std::size_t kMostArms = 10'000;

// An arm before it is resolved: what is set over the preset, in order.
struct Draft {
  std::string label, base, preset;
  std::vector<Assignment> set;
  std::map<std::string, SettingValue> at;
};

void append(std::vector<Assignment>& list, const std::vector<Assignment>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

std::vector<Draft> drafts_of_arms(const StudyDefinition& study) {
  std::vector<Draft> drafts;
  if (study.arms.size() > kMostArms) wrong_use(study.id, ": more than ", kMostArms, " arms");
  for (const auto& arm : study.arms) {
    Draft draft{arm.label, arm.label, arm.preset.empty() ? study.preset : arm.preset, study.set, {}};
    append(draft.set, arm.set);
    drafts.push_back(std::move(draft));
  }
  if (drafts.empty()) drafts.push_back({"", "", study.preset, study.set, {}});
  return drafts;
}

// Every draft with every value of the sweep.
std::vector<Draft> times(const std::vector<Draft>& drafts, const SweepSpec& sweep, const std::string& where) {
  if (drafts.size() * sweep.values.size() > kMostArms) wrong_use(where, ": more than ", kMostArms, " combinations");
  std::vector<Draft> result;
  for (const auto& draft : drafts) {
    for (const auto& value : sweep.values) {
      Draft next = draft;
      next.label += (draft.label.empty() ? "" : ", ") + sweep.name + " " + plain(value);
      next.set.push_back({sweep.key, value, where});
      next.at[sweep.key] = value;
      result.push_back(std::move(next));
    }
  }
  return result;
}

RunConfig resolve_draft(const Draft& draft) {
  try {
    return draft.preset.empty() ? resolve(draft.set).config : resolve_preset(draft.preset, {}, draft.set).config;
  } catch (const UsageError& error) {
    wrong_use("arm '", draft.label, "': ", error.what());
  }
}

// Letters, digits, '.', '_'; everything else is a '-', never two in a row.
std::string folder_name(const std::string& label) {
  std::string name;
  for (const char c : label) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
    if (is_plain) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (!name.empty() && (name.back() == '-' || name.back() == '.')) name.pop_back();
  while (!name.empty() && name.front() == '.') name.erase(0, 1);
  return name.empty() ? "arm" : name.substr(0, 80);
}

// A number behind a name that is taken. Counting goes on where it has stopped, so that ten thousand arms of one name do not
// try a million numbers each.
class FolderNames {
 public:
  std::string of(const std::string& label) {
    const std::string name = folder_name(label);
    std::string unique = name;
    for (int& i = numbers_[name]; !taken_.insert(unique).second; ++i) unique = text(name, "-", i + 2);
    return unique;
  }

 private:
  std::set<std::string> taken_;
  std::map<std::string, int> numbers_;
};

void check_arm_name(const Study& study, const std::string& label, const std::string& where) {
  std::vector<std::string> labels;
  for (const auto& arm : study.arms) {
    if (arm.label == label) return;
    labels.push_back(arm.label);
  }
  wrong_use(study.definition.id, ": ", where, ": there is no arm '", label, "'.", did_you_mean(label, labels));
}

void check_bar(const Study& study, const BarSpec& bar) {
  const std::string where = "bar \"" + bar.text + "\"";
  if (!bar.than.empty()) check_arm_name(study, bar.than, where);
  if (!bar.extreme.empty()) {
    const bool is_there = std::any_of(study.arms.begin(), study.arms.end(), [&](const Arm& arm) {
      const auto at = arm.at.find(bar.setting);
      return at != arm.at.end() && same_value(at->second, *bar.at);
    });
    if (!is_there) {
      wrong_use(study.definition.id, ": ", where, ": no arm has the swept setting ", bar.setting, " at ", plain(*bar.at));
    }
    return;
  }
  if (bar.arm == "*" || (bar.arm.empty() && study.arms.size() == 1)) return;
  if (bar.arm.empty()) wrong_use(study.definition.id, ": ", where, ": which arm? (\"*\": every one)");
  check_arm_name(study, bar.arm, where);
}

void check_figure(const Study& study, const FigureSpec& figure) {
  for (const auto& label : figure.arms) check_arm_name(study, label, "figure " + figure.file);
  if (figure.kind != FigureSpec::Kind::heat_map) return;
  for (const std::string& key : {figure.x, figure.other_key}) {
    const auto& sweeps = study.definition.sweeps;
    if (std::any_of(sweeps.begin(), sweeps.end(), [&](const SweepSpec& sweep) { return sweep.key == key; })) continue;
    wrong_use(study.definition.id, ": figure ", figure.file, ": '", key, "' is not swept");
  }
  if (study.definition.sweeps.size() != 2 || study.definition.arms.size() > 1) {
    wrong_use(study.definition.id, ": figure ", figure.file, ": a heat map is of two sweeps and nothing else");
  }
}

void check_measures(const Study& study) {
  for (const auto& measure : study.definition.measures) {
    if (!find_measure_kind(measure.kind).needs_table) continue;
    for (const auto& arm : study.arms) {
      if (plays_a_table(arm.config)) continue;
      wrong_use("arm '", arm.label, "': the measure ", measure.kind, " needs an environment that is a table of transitions, ",
                arm.config.environment.id, " is none");
    }
  }
}

}  // namespace

Study resolve_study(StudyDefinition definition) {
  std::vector<Draft> drafts = drafts_of_arms(definition);
  for (const auto& sweep : definition.sweeps) drafts = times(drafts, sweep, definition.id + ": [[sweep]] " + sweep.key);
  Study study{std::move(definition), {}};
  FolderNames folders;
  for (Draft& draft : drafts) {
    append(draft.set, study.definition.set_last);
    if (draft.label.empty()) draft.label = draft.preset.empty() ? study.definition.id : draft.preset;
    const auto is_same = [&](const Arm& arm) { return arm.label == draft.label; };
    if (std::any_of(study.arms.begin(), study.arms.end(), is_same)) {
      wrong_use(study.definition.id, ": two arms are called '", draft.label, "'");
    }
    RunConfig config = resolve_draft(draft);
    config.seed = study.definition.first_seed;
    study.arms.push_back({draft.label, draft.base, folders.of(draft.label), std::move(config), std::move(draft.at)});
  }
  for (const auto& bar : study.definition.bars) check_bar(study, bar);
  for (const auto& figure : study.definition.figures) check_figure(study, figure);
  check_measures(study);
  return study;
}

std::vector<std::string> differing_keys(const Study& study) {
  std::map<std::string, std::map<std::string, std::size_t>> counts;  // by key, by value: how many arms have it
  std::vector<std::string> order, result;
  for (const auto& arm : study.arms) {
    for (const auto& [key, value] : all_values(arm.config)) {
      if (key == "preset" || key == "description") continue;
      auto& of_key = counts[key];
      if (of_key.empty()) order.push_back(key);
      ++of_key[plain(value)];
    }
  }
  for (const auto& key : order) {
    if (counts[key].begin()->second != study.arms.size()) result.push_back(key);
  }
  return result;
}

std::string value_in(const Arm& arm, const std::string& key) {
  for (const auto& [name, value] : all_values(arm.config)) {
    if (name == key) return plain(value);
  }
  return "";
}

std::string plain(const SettingValue& value) {
  if (const auto* words = std::get_if<std::string>(&value)) return *words;
  if (const auto* number = std::get_if<double>(&value)) return exact(*number);
  return to_toml(value);
}

bool same_value(const SettingValue& a, const SettingValue& b) {
  const auto number = [](const SettingValue& value) -> std::optional<double> {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
    if (const auto* real = std::get_if<double>(&value)) return *real;
    return std::nullopt;
  };
  const auto x = number(a), y = number(b);
  return x && y ? *x == *y : to_toml(a) == to_toml(b);  // an empty array is one of whole numbers in TOML
}

bool plays_a_table(const RunConfig& config) {
  return dynamic_cast<const TabularEnvironment*>(&environment_maker(config.environment)()->unwrapped()) != nullptr;
}

}  // namespace handgrad::app
