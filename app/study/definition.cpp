#include "app/study/definition.h"

#include "app/study/fields.h"
#include "app/usage_error.h"

namespace handgrad::app {

namespace {

// Lines of a TOML file; what is empty or absent is left out.
class TomlLines {
 public:
  TomlLines& section(const std::string& header) {
    lines_ += "\n" + header + "\n";
    return *this;
  }
  TomlLines& add(const std::string& key, const SettingValue& value) {
    lines_ += key + " = " + to_toml(value) + "\n";
    return *this;
  }
  TomlLines& add(const std::string& key, const std::string& value) {
    return value.empty() ? *this : add(key, SettingValue(value));
  }
  TomlLines& add(const std::string& key, const std::optional<double>& value) {
    return value ? add(key, SettingValue(*value)) : *this;
  }
  TomlLines& add(const std::string& key, const std::optional<std::int64_t>& value) {
    return value ? add(key, SettingValue(*value)) : *this;
  }
  void add_settings(const std::string& table, const std::vector<Assignment>& assignments) {
    for (const auto& assignment : assignments) add(table + "." + assignment.key, assignment.value);
  }
  const std::string& text() const { return lines_; }

 private:
  std::string lines_;
};

// Values of any kind side by side: as texts, which are read as --set reads them.
SettingValue list_of(const std::vector<SettingValue>& values) {
  std::vector<std::string> words;
  for (const auto& value : values) words.push_back(to_toml(value));
  return words;
}

void write_figure(TomlLines& lines, const FigureSpec& figure) {
  lines.section("[[figure]]");
  const bool is_map = figure.kind == FigureSpec::Kind::heat_map;
  const bool is_curves = figure.kind == FigureSpec::Kind::curves;
  lines.add("kind", std::string(is_curves ? "curves" : is_map ? "heat_map" : "bars"));
  lines.add("file", figure.file).add("title", figure.title).add("x_label", figure.x_label).add("y_label", figure.y_label);
  if (is_curves) lines.add("y", figure.y).add("x", figure.x).add("threshold", figure.threshold);
  if (is_map) lines.add("x", figure.x).add("y", figure.other_key);
  if (!is_curves) lines.add("measure", figure.measure).add("statistic", figure.statistic);
  if (!figure.arms.empty()) lines.add("arms", SettingValue(figure.arms));
}

void write_bar(TomlLines& lines, const BarSpec& bar) {
  lines.section("[[bar]]");
  lines.add("text", bar.text).add("measure", bar.measure).add("arm", bar.arm).add("is", bar.comparison);
  lines.add("value", bar.value).add("within", bar.within).add("at_least", bar.at_least).add("at_most", bar.at_most);
  lines.add("of", std::optional(bar.of)).add("statistic", bar.statistic).add("than", bar.than);
  lines.add("than_measure", bar.than_measure).add("setting", bar.setting).add("extreme", bar.extreme);
  if (bar.at) lines.add("at", *bar.at);
}

bool is_the_sweep(const StudyDefinition& study, const Assignment& assignment) {
  if (assignment.key != "key" && assignment.key != "values") return false;
  if (study.sweeps.size() == 1) return true;
  wrong_use(assignment.where, ": ", study.id, " has ", study.sweeps.size(),
            " sweeps: 'key' and 'values' are for studies with one");
}

std::string text_of(const Assignment& assignment) {
  const auto* words = std::get_if<std::string>(&assignment.value);
  if (words == nullptr) wrong_use(assignment.where, ": expected a name, found ", describe(assignment.value));
  return *words;
}

}  // namespace

std::string to_toml(const StudyDefinition& study) {
  TomlLines lines;
  lines.add("id", study.id).add("title", study.title).add("description", study.description);
  lines.add("question", study.question).add("preset", study.preset);
  lines.add("seed", SettingValue(static_cast<std::int64_t>(study.first_seed)));
  lines.add("seeds", SettingValue(study.seeds)).add("window", SettingValue(study.window));
  lines.add_settings("set", study.set);
  lines.add_settings("set_last", study.set_last);
  for (const auto& arm : study.arms) {
    lines.section("[[arm]]").add("label", arm.label).add("preset", arm.preset);
    lines.add_settings("set", arm.set);
  }
  for (const auto& sweep : study.sweeps) {
    lines.section("[[sweep]]").add("key", sweep.key).add("name", sweep.name).add("values", list_of(sweep.values));
  }
  for (const auto& measure : study.measures) {
    lines.section("[[measure]]").add("kind", measure.kind).add("as", measure.as);
    for (const auto& [name, value] : measure.parameters) lines.add(name, SettingValue(value));
  }
  for (const auto& figure : study.figures) write_figure(lines, figure);
  for (const auto& bar : study.bars) write_bar(lines, bar);
  return lines.text();
}

void apply_settings(StudyDefinition& study, const std::vector<std::string>& set_arguments) {
  bool has_key = false, has_values = false;
  for (const auto& argument : set_arguments) {
    const Assignment assignment = parse_set(argument);
    if (assignment.key == "preset") {
      study.preset = text_of(assignment);
    } else if (!is_the_sweep(study, assignment)) {
      study.set_last.push_back(assignment);
    } else if (assignment.key == "key") {
      study.sweeps.front().key = study.sweeps.front().name = text_of(assignment);
      has_key = true;
    } else {
      study.sweeps.front().values = list_of_values(assignment.value, study.sweeps.front().key);
      has_values = true;
    }
  }
  if (has_key && !has_values) wrong_use("--set key=", study.sweeps.front().key, ": which values? --set 'values=[...]'");
  if (has_values && study.sweeps.front().values.empty()) wrong_use("--set values: expected an array with something in it");
}

const std::vector<std::string>& statistic_names() {
  static const std::vector<std::string> names = {"mean", "median", "min", "max", "q1", "q3", "std", "reached"};
  return names;
}

}  // namespace handgrad::app
