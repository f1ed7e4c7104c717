#include <nlohmann/json.hpp>

#include "app/study/measures.h"
#include "app/study/studies.h"
#include "app/study/study.h"
#include "app/text_table.h"

namespace handgrad::app {

namespace {

std::string arms_table(const Study& study, const std::vector<std::string>& keys) {
  std::vector<std::string> header = {"arm", "preset"};
  header.insert(header.end(), keys.begin(), keys.end());
  TextTable table(header, std::string(header.size(), 'l'));
  for (const auto& arm : study.arms) {
    std::vector<std::string> row = {arm.label, arm.config.preset};
    for (const auto& key : keys) row.push_back(value_in(arm, key));
    table.add(row);
  }
  return table.to_string();
}

std::string measures_table(const StudyDefinition& study) {
  TextTable table({"measure", "unit", "meaning", "with"}, "llll");
  for (const auto& spec : study.measures) {
    const MeasureKind& kind = find_measure_kind(spec.kind);
    std::string parameters;
    for (const auto& [name, value] : spec.parameters) {
      parameters += (parameters.empty() ? "" : ", ") + name + " " + plain(SettingValue(value));
    }
    table.add({spec.as, kind.unit, kind.meaning, parameters});
  }
  return table.to_string();
}

std::string seeds_of(const Study& study) {
  const auto& d = study.definition;
  return text(study.arms.size(), study.arms.size() == 1 ? " arm" : " arms", " x ", d.seeds,
              d.seeds == 1 ? " seed (" : " seeds (", d.first_seed, d.seeds == 1 ? "" : text(" to ", study.last_seed()),
              ") = ", study.runs(), " runs");
}

}  // namespace

std::string explain_study(const StudyDefinition& definition) {
  const Study study = resolve_study(definition);
  std::string result = definition.id + ": " + definition.title + "\n";
  if (!definition.description.empty()) result += definition.description + "\n";
  if (!definition.question.empty()) result += "Question: " + definition.question + "\n";
  result += "\n" + seeds_of(study) + ": handgrad study " + definition.id + "\n\n";
  result += arms_table(study, differing_keys(study)) + "\n" + measures_table(definition);
  if (!definition.bars.empty()) result += "\nexpected\n";
  for (const auto& bar : definition.bars) result += "  " + bar.text + "\n";
  return result;
}

std::string explain_study_as_json(const StudyDefinition& definition) {
  using Json = nlohmann::ordered_json;
  const Study study = resolve_study(definition);
  Json j{{"study", definition.id}, {"title", definition.title}, {"description", definition.description}};
  j["question"] = definition.question;
  j["seeds"] = definition.seeds;
  j["runs"] = study.runs();
  const auto keys = differing_keys(study);
  for (const auto& arm : study.arms) {
    Json settings = Json::object();
    for (const auto& key : keys) settings[key] = value_in(arm, key);
    j["arms"].push_back({{"label", arm.label}, {"preset", arm.config.preset}, {"settings", settings}});
  }
  for (const auto& spec : definition.measures) j["measures"].push_back({{"as", spec.as}, {"kind", spec.kind}});
  j["bars"] = Json::array();
  for (const auto& bar : definition.bars) j["bars"].push_back(bar.text);
  return j.dump();
}

}  // namespace handgrad::app
