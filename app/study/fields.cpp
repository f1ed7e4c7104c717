#include "app/study/fields.h"

#include <algorithm>

#include "app/usage_error.h"
#include "core/suggest.h"

namespace handgrad::app {

Fields::Fields(std::vector<Assignment> fields, std::string what, std::string where)
    : fields_(std::move(fields)), what_(std::move(what)), where_(std::move(where)) {
  for (const Assignment& field : fields_) places_.emplace_back(field.key, field.where);
}

std::vector<Fields> Fields::take_each(const std::string& name) {
  known_.push_back(name);
  std::vector<std::vector<Assignment>> elements;
  std::erase_if(fields_, [&](const Assignment& field) {
    if (!field.key.starts_with(name + "[")) return false;
    const auto close = field.key.find("].");
    const auto index = static_cast<std::size_t>(std::stoul(field.key.substr(name.size() + 1)));
    if (elements.size() <= index) elements.resize(index + 1);
    elements[index].push_back({field.key.substr(close + 2), field.value, field.where});
    return true;
  });
  std::vector<Fields> result;
  for (auto& element : elements) {
    // A table in it may be empty, and then nothing at all is said of the element.
    if (element.empty()) wrong_use(where_, ": [[", name, "]] number ", result.size() + 1, " is empty");
    const std::string where = element.front().where;
    result.emplace_back(std::move(element), "[[" + name + "]]", where);
  }
  return result;
}

std::vector<Assignment> Fields::take_table(const std::string& name) {
  known_.push_back(name);
  std::vector<Assignment> result;
  std::erase_if(fields_, [&](const Assignment& field) {
    if (!field.key.starts_with(name + ".")) return false;
    result.push_back({field.key.substr(name.size() + 1), field.value, field.where});
    return true;
  });
  return result;
}

std::optional<SettingValue> Fields::take(const std::string& key) {
  known_.push_back(key);
  const auto found = std::find_if(fields_.begin(), fields_.end(), [&](const Assignment& field) { return field.key == key; });
  if (found == fields_.end()) return std::nullopt;
  const SettingValue value = found->value;
  fields_.erase(found);
  return value;
}

std::string Fields::take_text(const std::string& key, const std::string& otherwise) {
  const auto value = take(key);
  if (!value) return otherwise;
  const auto* words = std::get_if<std::string>(&*value);
  if (words == nullptr) problem(key, "expected a string, found " + describe(*value));
  return *words;
}

std::string Fields::take_required_text(const std::string& key) {
  const std::string words = take_text(key);
  if (words.empty()) wrong_use(where_, ": ", what_, " needs a '", key, "'");
  return words;
}

std::string Fields::take_choice(const std::string& key, const std::vector<std::string>& allowed,
                                const std::string& otherwise) {
  const std::string word = take_text(key, otherwise);
  if (word == otherwise || std::find(allowed.begin(), allowed.end(), word) != allowed.end()) return word;
  std::string list;
  for (const auto& name : allowed) list += (list.empty() ? "" : ", ") + name;
  problem(key, "expected one of " + list + ", found \"" + word + "\"." + did_you_mean(word, allowed));
}

std::optional<double> Fields::take_number(const std::string& key) {
  const auto value = take(key);
  if (!value) return std::nullopt;
  if (const auto* whole = std::get_if<std::int64_t>(&*value)) return static_cast<double>(*whole);
  const auto* number = std::get_if<double>(&*value);
  if (number == nullptr) problem(key, "expected a number, found " + describe(*value));
  return *number;
}

std::optional<std::int64_t> Fields::take_whole(const std::string& key, std::int64_t least) {
  const auto value = take(key);
  if (!value) return std::nullopt;
  const auto* whole = std::get_if<std::int64_t>(&*value);
  if (whole == nullptr || *whole < least) {
    problem(key, text("expected a whole number >= ", least, ", found ", describe(*value)));
  }
  return *whole;
}

std::vector<std::string> Fields::take_texts(const std::string& key) {
  const auto value = take(key);
  if (!value) return {};
  const auto* words = std::get_if<std::vector<std::string>>(&*value);
  if (words == nullptr) problem(key, "expected an array of strings, found " + describe(*value));
  return *words;
}

void Fields::finish() const {
  if (fields_.empty()) return;
  const std::string& key = fields_.front().key;
  const std::string name = key.substr(0, key.find_first_of(".["));
  const bool is_known = std::find(known_.begin(), known_.end(), name) != known_.end();
  if (is_known) wrong_use(fields_.front().where, ": ", what_, ": '", name, "' is a table or an array of tables, or is none");
  wrong_use(fields_.front().where, ": ", what_, " has no key '", name, "'.", did_you_mean(name, known_));
}

void Fields::problem(const std::string& key, const std::string& what) const {
  for (const auto& [known, where] : places_) {
    if (known == key) wrong_use(where, ": ", key, ": ", what);
  }
  wrong_use(where_, ": ", key, ": ", what);
}

std::vector<SettingValue> list_of_values(const SettingValue& value, const std::string& key) {
  std::vector<SettingValue> result;
  if (const auto* wholes = std::get_if<std::vector<std::int64_t>>(&value)) {
    result.assign(wholes->begin(), wholes->end());
  } else if (const auto* numbers = std::get_if<std::vector<double>>(&value)) {
    result.assign(numbers->begin(), numbers->end());
  } else if (const auto* words = std::get_if<std::vector<std::string>>(&value)) {
    for (const auto& word : *words) result.push_back(parse_set(key + "=" + word).value);
  } else {
    result.push_back(value);
  }
  return result;
}

}  // namespace handgrad::app
