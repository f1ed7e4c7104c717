#include <algorithm>
#include <iostream>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/config/formulas.h"
#include "app/config/presets.h"
#include "app/config/settings.h"
#include "app/demos/demo.h"
#include "app/study/studies.h"
#include "app/text_table.h"

namespace handgrad::app {

namespace {

// A setting of the run with all that is known of it.
struct Line {
  std::string key, value, origin, meaning, unit, allowed;
};

std::vector<Line> explain(const ResolvedConfig& resolved) {
  const auto table = all_settings();
  std::vector<Line> lines;
  for (const auto& [key, value] : all_values(resolved.config)) {
    Line line{key, to_toml(value), "default: Gymnasium's registry", "option of the environment", "", ""};
    const auto setting = std::find_if(table.begin(), table.end(), [&, name = key](const Setting& s) { return s.key == name; });
    if (setting != table.end()) {
      line.meaning = setting->meaning;
      line.unit = setting->unit;
      line.allowed = setting->allowed;
      line.origin = setting->source.empty() ? "default" : "default: " + setting->source;
    }
    if (const auto origin = resolved.origins.find(key); origin != resolved.origins.end()) line.origin = origin->second;
    lines.push_back(line);
  }
  return lines;
}

// What could be chosen by `variant`, a line each; nothing where there is nothing to choose.
std::string variants(const ResolvedConfig& resolved) {
  if (resolved.variants.empty()) return "";
  TextTable table({"variant", "chosen", "what it is"}, "lll");
  const auto& chosen = resolved.config.variants;
  for (const Variant& v : resolved.variants) {
    const bool is_chosen = std::find(chosen.begin(), chosen.end(), v.name) != chosen.end();
    table.add({v.name, is_chosen ? "yes" : "", v.description});
  }
  return table.to_string() + "\n";
}

}  // namespace

int explain_command(const ExplainOptions& options) {
  if (find_demo(options.preset) != nullptr) return explain_demo(options);
  if (is_study(options.preset)) {
    const StudyDefinition study = load_study(options.preset, options.set);
    std::cout << (options.json ? explain_study_as_json(study) + "\n" : explain_study(study));
    return 0;
  }
  std::vector<Assignment> more;
  if (!options.variant.empty()) more.push_back({"variant", options.variant, "--variant"});
  const ResolvedConfig resolved = resolve_preset(options.preset, options.set, more);
  const auto lines = explain(resolved);
  const std::string formulas = update_formulas(resolved.config);
  if (options.json) {
    nlohmann::ordered_json j;
    for (const auto& l : lines) {
      j["settings"][l.key] = {
          {"value", l.value}, {"origin", l.origin}, {"meaning", l.meaning}, {"unit", l.unit}, {"allowed", l.allowed}};
    }
    j["variants"] = nlohmann::ordered_json::object();
    for (const Variant& v : resolved.variants) j["variants"][v.name] = v.description;
    j["formulas"] = formulas;
    std::cout << j.dump() << '\n';
    return 0;
  }
  TextTable table({"setting", "value", "where it comes from", "meaning"}, "llll");
  for (const auto& l : lines) {
    if (l.key == "description") continue;  // the heading
    table.add({l.key, l.value, l.origin, l.meaning + (l.unit.empty() ? "" : " [" + l.unit + "]")});
  }
  std::cout << resolved.config.preset << ": " << resolved.config.description << "\n\n"
            << table.to_string() << '\n'
            << variants(resolved) << formulas;
  return 0;
}

}  // namespace handgrad::app
