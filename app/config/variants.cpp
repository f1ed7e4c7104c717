#include "app/config/variants.h"

#include <algorithm>
#include <cctype>

#include "app/usage_error.h"
#include "core/suggest.h"

namespace handgrad::app {

namespace {

const std::string kTable = "variants.";
constexpr std::size_t kMostVariants = 1000;

// The variant of that name, made if there is none. Run folders carry the name, so it has to suit one.
Variant& variant_named(std::vector<Variant>& variants, const std::string& name, const std::string& where) {
  const auto found = std::find_if(variants.begin(), variants.end(), [&](const Variant& v) { return v.name == name; });
  if (found != variants.end()) return *found;
  const auto is_allowed = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; };
  if (name.empty() || !std::all_of(name.begin(), name.end(), is_allowed)) {
    wrong_use(where, ": '", name, "' cannot name a variant: use letters, digits, '-' and '_'");
  }
  if (variants.size() == kMostVariants) wrong_use(where, ": more than ", kMostVariants, " variants");
  return variants.emplace_back(Variant{name, "", {}});
}

void add(Variant& variant, const std::string& key, const Assignment& assignment) {
  if (key == "description") {
    const auto* description = std::get_if<std::string>(&assignment.value);
    if (description == nullptr) wrong_use(assignment.where, ": a variant's description has to be a string");
    variant.description = *description;
    return;
  }
  if (key == "variant") wrong_use(assignment.where, ": a variant cannot choose variants");
  variant.assignments.push_back({key, assignment.value, text("variant ", variant.name, " of ", assignment.where)});
}

// "variant" takes one name or several.
std::vector<std::string> names_in(const Assignment& assignment) {
  if (const auto* name = std::get_if<std::string>(&assignment.value)) return {*name};
  if (const auto* names = std::get_if<std::vector<std::string>>(&assignment.value)) return *names;
  if (assignment.value == SettingValue(std::vector<std::int64_t>{})) return {};
  wrong_use(assignment.where, ": variant: expected a name or an array of names, found ", describe(assignment.value));
}

const Variant& find_variant(const std::vector<Variant>& variants, const std::string& name, const std::string& where) {
  std::vector<std::string> names;
  std::string list;
  for (const Variant& variant : variants) {
    if (variant.name == name) return variant;
    names.push_back(variant.name);
    list += (list.empty() ? " It has " : ", ") + variant.name;
  }
  wrong_use(where, ": the preset has no variant '", name, "'.", did_you_mean(name, names),
            list.empty() ? " It has none" : list);
}

}  // namespace

std::vector<Variant> take_variants(std::vector<Assignment>& of_file) {
  std::vector<Variant> variants;
  for (const Assignment& assignment : of_file) {
    if (!assignment.key.starts_with(kTable)) continue;
    const std::string rest = assignment.key.substr(kTable.size());
    const auto dot = rest.find('.');
    if (dot == std::string::npos) wrong_use(assignment.where, ": a variant is a table, [variants.", rest, "]");
    add(variant_named(variants, rest.substr(0, dot), assignment.where), rest.substr(dot + 1), assignment);
  }
  std::erase_if(of_file, [](const Assignment& assignment) { return assignment.key.starts_with(kTable); });
  return variants;
}

std::vector<Assignment> choose_variants(std::vector<Assignment> of_file, const std::vector<Variant>& variants,
                                        std::vector<Assignment> over_it) {
  std::vector<Assignment> result = std::move(of_file);
  Assignment* choice = nullptr;
  for (auto* assignments : {&result, &over_it}) {
    for (Assignment& assignment : *assignments) {
      if (assignment.key == "variant") choice = &assignment;
    }
  }
  if (choice != nullptr) {
    const std::vector<std::string> names = names_in(*choice);
    const std::string where = choice->where;
    choice->value = names;
    for (auto name = names.begin(); name != names.end(); ++name) {
      // Else a short file could ask for a long variant any number of times.
      if (std::find(names.begin(), name, *name) != name) wrong_use(where, ": variant: '", *name, "' is chosen twice");
      const auto& assignments = find_variant(variants, *name, where).assignments;
      result.insert(result.end(), assignments.begin(), assignments.end());
    }
  }
  result.insert(result.end(), over_it.begin(), over_it.end());
  return result;
}

}  // namespace handgrad::app
