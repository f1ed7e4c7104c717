#include <algorithm>
#include <set>

#include "app/study/definition.h"
#include "app/study/fields.h"
#include "app/study/measures.h"
#include "app/usage_error.h"
#include "core/atomic_file.h"
#include "core/suggest.h"

namespace handgrad::app {

namespace {

constexpr std::int64_t kMostSeeds = 100'000;

// Files and folders are called so. Trap: "../../" in a file from elsewhere would lead out of the study's folder.
std::string take_file_name(Fields& fields, const std::string& key, const std::string& otherwise) {
  const std::string name = fields.take_text(key, otherwise);
  const auto is_wrong = [](char c) { return c == '/' || static_cast<unsigned char>(c) < 0x20; };
  if (name.empty() || name.front() == '.' || name.size() > 100 || std::any_of(name.begin(), name.end(), is_wrong)) {
    fields.problem(key, "'" + name + "' cannot name a file: at most 100 letters, no '/', and not '.' first");
  }
  return name;
}

ArmSpec read_arm(Fields fields) {
  ArmSpec arm;
  arm.label = fields.take_required_text("label");
  if (arm.label == "*") fields.problem("label", "\"*\" means every arm");
  arm.preset = fields.take_text("preset");
  arm.set = fields.take_table("set");
  fields.finish();
  return arm;
}

SweepSpec read_sweep(Fields fields) {
  SweepSpec sweep;
  sweep.key = fields.take_required_text("key");
  sweep.name = fields.take_text("name", sweep.key);
  const auto values = fields.take("values");
  if (values) sweep.values = list_of_values(*values, sweep.key);
  if (sweep.values.empty()) wrong_use(fields.where(), ": [[sweep]] needs 'values', an array with something in it");
  fields.finish();
  return sweep;
}

const MeasureKind& kind_of(Fields& fields) {
  const std::string name = fields.take_required_text("kind");
  try {
    return find_measure_kind(name);
  } catch (const Error& error) {
    fields.problem("kind", error.what());
  }
}

MeasureSpec read_measure(Fields fields) {
  const MeasureKind& kind = kind_of(fields);
  MeasureSpec measure;
  measure.kind = kind.name;
  measure.as = fields.take_text("as", kind.name);
  for (const auto& parameter : kind.parameters) {
    const auto given = fields.take_number(parameter.name);
    if (!given && !parameter.initial) {
      wrong_use(fields.where(), ": the measure ", kind.name, " needs '", parameter.name, "': ", parameter.meaning);
    }
    measure.parameters[parameter.name] = given ? *given : *parameter.initial;
  }
  fields.finish();
  return measure;
}

// Throws unless `name` is one of the study's measures.
void check_measure(const StudyDefinition& study, const Fields& fields, const std::string& key, const std::string& name) {
  if (find_measure(study, name) != nullptr) return;
  std::vector<std::string> names;
  for (const auto& measure : study.measures) names.push_back(measure.as);
  fields.problem(key, "this study has no measure '" + name + "'." + did_you_mean(name, names));
}

FigureSpec read_figure(const StudyDefinition& study, Fields fields) {
  FigureSpec figure;
  const std::string kind = fields.take_choice("kind", {"curves", "bars", "heat_map"}, "curves");
  figure.kind = kind == "curves" ? FigureSpec::Kind::curves
                : kind == "bars" ? FigureSpec::Kind::bars
                                 : FigureSpec::Kind::heat_map;
  figure.title = fields.take_text("title", study.title);
  figure.x_label = fields.take_text("x_label");
  figure.y_label = fields.take_text("y_label");
  figure.arms = fields.take_texts("arms");
  if (figure.kind == FigureSpec::Kind::curves) {
    figure.y = fields.take_choice("y", {"evaluation", "training"}, "evaluation");
    figure.x = fields.take_choice("x", {"episode", "env_step"}, "episode");
    figure.threshold = fields.take_number("threshold");
    figure.file = take_file_name(fields, "file", figure.y == "evaluation" ? "evaluations" : "training");
  } else {
    figure.measure = fields.take_required_text("measure");
    check_measure(study, fields, "measure", figure.measure);
    figure.statistic = fields.take_choice("statistic", statistic_names(), "mean");
    figure.file = take_file_name(fields, "file", figure.measure);
    if (figure.kind == FigureSpec::Kind::heat_map) {
      figure.x = fields.take_required_text("x");
      figure.other_key = fields.take_required_text("y");
    }
  }
  fields.finish();
  return figure;
}

void check_form(const Fields& fields, const BarSpec& bar) {
  const bool counts = bar.at_least || bar.at_most;
  const int forms = (counts ? 1 : 0) + (bar.statistic.empty() ? 0 : 1);
  if (forms != 1) wrong_use(fields.where(), ": [[bar]] needs either at_least or at_most (seeds), or a statistic");
  if (!bar.extreme.empty()) {
    if (bar.statistic.empty() || bar.setting.empty() || !bar.at) {
      wrong_use(fields.where(), ": [[bar]] with 'extreme' needs statistic, setting and at");
    }
    return;
  }
  if (bar.comparison.empty()) wrong_use(fields.where(), ": [[bar]] needs 'is': one of >=, >, <=, <, near, reached");
  const bool against_arm = !bar.than.empty() || !bar.than_measure.empty();
  if (bar.comparison != "reached" && !bar.value && !against_arm) {
    wrong_use(fields.where(), ": [[bar]] needs the 'value' to compare with");
  }
  if (bar.comparison == "near" && !bar.within) wrong_use(fields.where(), ": [[bar]] with is = \"near\" needs 'within'");
}

BarSpec read_bar(const StudyDefinition& study, Fields fields) {
  BarSpec bar;
  bar.text = fields.take_required_text("text");
  bar.measure = fields.take_required_text("measure");
  check_measure(study, fields, "measure", bar.measure);
  bar.arm = fields.take_text("arm");
  bar.comparison = fields.take_choice("is", {">=", ">", "<=", "<", "near", "reached"}, "");
  bar.value = fields.take_number("value");
  bar.within = fields.take_number("within");
  bar.at_least = fields.take_whole("at_least", 0);
  bar.at_most = fields.take_whole("at_most", 0);
  bar.of = fields.take_whole("of", 1).value_or(study.seeds);
  bar.statistic = fields.take_choice("statistic", statistic_names(), "");
  bar.than = fields.take_text("than");
  bar.than_measure = fields.take_text("than_measure");
  if (!bar.than_measure.empty()) check_measure(study, fields, "than_measure", bar.than_measure);
  bar.setting = fields.take_text("setting");
  bar.at = fields.take("at");
  bar.extreme = fields.take_choice("extreme", {"largest", "smallest"}, "");
  fields.finish();
  check_form(fields, bar);
  return bar;
}

template <class Item, class Name>
void check_unique(const std::vector<Item>& items, const std::string& file, const std::string& what, Name name_of) {
  std::set<std::string> names;
  for (const Item& item : items) {
    if (!names.insert(name_of(item)).second) wrong_use(file, ": two ", what, " are called '", name_of(item), "'");
  }
}

void read_lists(StudyDefinition& study, Fields& fields, const std::string& name) {
  for (Fields& each : fields.take_each("arm")) study.arms.push_back(read_arm(std::move(each)));
  for (Fields& each : fields.take_each("sweep")) study.sweeps.push_back(read_sweep(std::move(each)));
  for (Fields& each : fields.take_each("measure")) study.measures.push_back(read_measure(std::move(each)));
  if (study.measures.empty()) wrong_use(name, ": a study needs at least one [[measure]]");
  check_unique(study.arms, name, "arms", [](const ArmSpec& a) { return a.label; });
  check_unique(study.sweeps, name, "sweeps", [](const SweepSpec& s) { return s.key; });
  check_unique(study.measures, name, "measures", [](const MeasureSpec& m) { return m.as; });
  for (Fields& each : fields.take_each("figure")) study.figures.push_back(read_figure(study, std::move(each)));
  check_unique(study.figures, name, "figures", [](const FigureSpec& f) { return f.file; });
  for (Fields& each : fields.take_each("bar")) study.bars.push_back(read_bar(study, std::move(each)));
}

}  // namespace

StudyDefinition read_study(const std::filesystem::path& file, const std::string& name) {
  return parse_study(read_file(file), file.stem().string(), name);
}

StudyDefinition parse_study(std::string_view content, const std::string& id, const std::string& name) {
  Fields fields(parse_toml(content, name), "a study", name);
  StudyDefinition study;
  study.id = take_file_name(fields, "id", id);
  study.title = fields.take_required_text("title");
  study.description = fields.take_text("description");
  study.question = fields.take_text("question");
  study.preset = fields.take_text("preset");
  study.first_seed = static_cast<std::uint64_t>(fields.take_whole("seed", 0).value_or(1));
  study.seeds = fields.take_whole("seeds", 1).value_or(study.seeds);
  if (study.seeds > kMostSeeds) fields.problem("seeds", text("at most ", kMostSeeds));
  study.window = fields.take_whole("window", 1).value_or(study.window);
  study.set = fields.take_table("set");
  study.set_last = fields.take_table("set_last");
  read_lists(study, fields, name);
  fields.finish();
  return study;
}

const MeasureSpec* find_measure(const StudyDefinition& study, const std::string& as) {
  const auto found =
      std::find_if(study.measures.begin(), study.measures.end(), [&](const MeasureSpec& m) { return m.as == as; });
  return found == study.measures.end() ? nullptr : &*found;
}

}  // namespace handgrad::app
