#include "trajectory_file.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/error.h"

namespace handgrad::test {
namespace {

using Json = nlohmann::json;

/// For a message. Trap: dump() goes down by recursion, and a list can be as deep as its file is long.
std::string shown(const Json& json) { return json.is_structured() ? json.type_name() : json.dump().substr(0, 40); }

const Json& member(const Json& object, const char* key, const std::string& place) {
  require(object.is_object(), place, ": expected an object, found ", object.type_name());
  const auto found = object.find(key);
  require(found != object.end(), place, ": expected a member '", key, "', found none");
  return *found;
}

/// The member, or nullptr where it is missing or null.
const Json* optional_member(const Json& object, const char* key, const std::string& place) {
  require(object.is_object(), place, ": expected an object, found ", object.type_name());
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

double number(const Json& json, const std::string& place) {
  if (json.is_number()) return json.get<double>();
  require(json.is_string(), place, ": expected a number or a hex float, found ", json.type_name());
  const auto& digits = json.get_ref<const std::string&>();
  const bool hex = digits.starts_with("0x") || digits.starts_with("-0x");
  const bool special = digits == "inf" || digits == "-inf" || digits == "nan";
  char* end = nullptr;
  const double value = std::strtod(digits.c_str(), &end);
  require((hex || special) && end == digits.c_str() + digits.size(), place, ": expected a C hex float, found ", shown(json));
  return value;
}

std::vector<double> numbers(const Json& json, const std::string& place) {
  if (!json.is_array()) return {number(json, place)};
  std::vector<double> list;
  for (const Json& element : json) list.push_back(number(element, place));
  return list;
}

bool flag(const Json& json, const std::string& place) {
  require(json.is_boolean(), place, ": expected true or false, found ", json.type_name());
  return json.get<bool>();
}

std::string string(const Json& json, const std::string& place) {
  require(json.is_string(), place, ": expected a string, found ", json.type_name());
  return json.get<std::string>();
}

std::uint64_t seed(const Json& json, const std::string& place) {
  require(json.is_number_unsigned() || (json.is_number_integer() && json.get<std::int64_t>() >= 0), place,
          ": expected an integer of 0 or more, found ", shown(json));
  return json.get<std::uint64_t>();
}

const Json& array(const Json& json, const std::string& place) {
  require(json.is_array(), place, ": expected a list, found ", json.type_name());
  return json;
}

std::vector<std::string> strings(const Json& json, const std::string& place) {
  std::vector<std::string> list;
  for (const Json& element : array(json, place)) list.push_back(string(element, place));
  return list;
}

std::vector<std::int8_t> mask(const Json& json, const std::string& place) {
  std::vector<std::int8_t> list;
  for (const Json& element : array(json, place)) {
    const bool is_one = element == 1;
    require(is_one || element == 0, place, ": expected a mask of 0 and 1");
    list.push_back(is_one);
  }
  return list;
}

std::optional<double> optional_number(const Json* json, const std::string& place) {
  return json == nullptr ? std::nullopt : std::optional(number(*json, place));
}

OptionValue option(const Json& json, const std::string& place) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  if (array(json, place).empty() || json[0].is_string()) return strings(json, place);
  return numbers(json, place);
}

EnvironmentOptions options(const Json& json, const std::string& place) {
  require(json.is_object(), place, ": expected an object, found ", json.type_name());
  EnvironmentOptions read;
  for (const auto& [name, value] : json.items()) read[name] = option(value, place + ", " + name);
  return read;
}

RecordedStep step(const Json& json, const std::string& place) {
  RecordedStep read{};
  read.action = number(member(json, "a", place), place + ", a");
  read.observation = numbers(member(json, "obs", place), place + ", obs");
  read.reward = number(member(json, "r", place), place + ", r");
  read.terminated = flag(member(json, "term", place), place + ", term");
  read.truncated = flag(member(json, "trunc", place), place + ", trunc");
  read.probability = optional_number(optional_member(json, "prob", place), place + ", prob");
  if (const Json* found = optional_member(json, "mask", place)) read.action_mask = mask(*found, place + ", mask");
  if (const Json* found = optional_member(json, "state", place)) read.state = numbers(*found, place + ", state");
  if (const Json* found = optional_member(json, "then_reset_obs", place)) {
    read.observation_after_reset = numbers(*found, place + ", then_reset_obs");
  }
  return read;
}

RecordedEpisode episode(const Json& json, const std::string& place) {
  RecordedEpisode read{};
  read.id = string(member(json, "id", place), place + ", id");
  read.options = options(member(json, "kwargs", place), place + ", kwargs");
  read.options_text = json["kwargs"].dump();
  read.seed = seed(member(json, "reset_seed", place), place + ", reset_seed");
  read.observation = numbers(member(json, "reset_obs", place), place + ", reset_obs");
  if (const Json* found = optional_member(json, "reset_state", place)) {
    read.state = numbers(*found, place + ", reset_state");
  }
  const Json& info = member(json, "reset_info", place);
  read.probability = optional_number(optional_member(info, "prob", place + ", reset_info"), place + ", reset_info, prob");
  if (const Json* found = optional_member(info, "action_mask", place + ", reset_info")) {
    read.action_mask = mask(*found, place + ", reset_info, action_mask");
  }
  const Json& steps = array(member(json, "steps", place), place + ", steps");
  for (std::size_t i = 0; i < steps.size(); ++i) read.steps.push_back(step(steps[i], text(place, ", step ", i)));
  return read;
}

RecordedMap recorded_map(const Json& json, const std::string& place) {
  const Json& size = member(json, "size", place);
  require(size.is_number_integer(), place, ", size: expected an integer, found ", size.type_name());
  return {size.get<std::int64_t>(), number(member(json, "p", place), place + ", p"),
          seed(member(json, "seed", place), place + ", seed"), strings(member(json, "map", place), place + ", map")};
}

}  // namespace

TrajectoryFile parse_trajectories(const Json& json) {
  TrajectoryFile file;
  const Json& episodes = array(member(json, "episodes", "the file"), "episodes");
  for (std::size_t i = 0; i < episodes.size(); ++i) file.episodes.push_back(episode(episodes[i], text("episode ", i)));
  const Json& maps = array(member(json, "maps", "the file"), "maps");
  for (std::size_t i = 0; i < maps.size(); ++i) file.maps.push_back(recorded_map(maps[i], text("map ", i)));
  require(!file.episodes.empty() || !file.maps.empty(), "the file holds neither an episode nor a map");
  return file;
}

TrajectoryFile read_trajectories(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  require(in.good() && !std::filesystem::is_directory(path), "'", path, "' cannot be read");
  return parse_trajectories(std::string(std::istreambuf_iterator<char>(in), {}), path);
}

TrajectoryFile parse_trajectories(const std::string& content, const std::string& path) {
  Json json;
  try {
    json = Json::parse(content);
  } catch (const Json::parse_error& error) {
    fail("'", path, "' is not a whole JSON file: it breaks off or goes wrong at byte ", error.byte);
  } catch (const Json::exception&) {
    fail("'", path, "' is not a JSON file of this kind: it holds a number out of range");
  }
  try {
    return parse_trajectories(json);
  } catch (const Error& error) {
    fail("'", path, "': ", error.what());
  }
}

}  // namespace handgrad::test
