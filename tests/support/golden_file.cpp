#include "golden_file.h"

#include <cmath>
#include <fstream>
#include <iterator>

namespace handgrad::golden {
namespace {

using nlohmann::json;

constexpr const char* kPrecision = sizeof(Real) == sizeof(double) ? "float64" : "float32";

const json& member(const json& object, const std::string& key, const std::string& where) {
  require_file(object.is_object(), where, " has to be an object");
  const auto found = object.find(key);
  require_file(found != object.end(), where, " has no '", key, "'");
  return *found;
}

double to_number(const json& value, const std::string& where) {
  require_file(value.is_number(), where, " has to be a number");
  return value.get<double>();
}

std::int64_t to_integer(const json& value, const std::string& where) {
  const double number = to_number(value, where);
  require_file(std::abs(number) <= 9e15 && std::floor(number) == number, where, " has to be a whole number, got ", number);
  return static_cast<std::int64_t>(number);
}

std::string to_text(const json& value, const std::string& where) {
  require_file(value.is_string(), where, " has to be a string");
  return value.get<std::string>();
}

Value to_value(const json& value, const std::string& where) {
  if (value.is_number()) return {{}, {value.get<double>()}};
  const json& shape = member(value, "shape", where);
  const json& data = member(value, "data", where);
  require_file(shape.is_array() && !shape.empty() && data.is_array(), where, " needs lists as shape and data");
  Value result;
  double size = 1;
  for (const json& extent : shape) {
    result.shape.push_back(to_integer(extent, where + ".shape"));
    require_file(result.shape.back() >= 1, where, " has the shape ", to_string(result.shape), ": extents are at least 1");
    size *= static_cast<double>(result.shape.back());
  }
  require_file(size == static_cast<double>(data.size()), where, " has the shape ", to_string(result.shape), ", but ",
               data.size(), " numbers");
  result.data.reserve(data.size());
  for (const json& number : data) result.data.push_back(to_number(number, where));
  return result;
}

std::map<std::string, Value> to_values(const json& object, const std::string& where) {
  require_file(object.is_object(), where, " has to be an object");
  std::map<std::string, Value> values;
  for (const auto& [name, value] : object.items()) values[name] = to_value(value, where + "." + name);
  return values;
}

Tolerance to_tolerance(const json& object, const std::string& where) {
  const json& own = member(object, kPrecision, where);
  const Tolerance tolerance{to_number(member(own, "rtol", where), where), to_number(member(own, "atol", where), where)};
  require_file(tolerance.rtol >= 0 && tolerance.atol >= 0, where, " has to be at least 0");
  return tolerance;
}

Case to_case(const json& object, std::size_t number) {
  Case c;
  c.id = to_text(member(object, "id", text("case ", number)), text("the id of case ", number));
  c.group = c.id.substr(0, c.id.find('.'));
  c.config = Config(member(object, "config", c.id), c.id + ": config");
  c.in = to_values(member(object, "in", c.id), c.id + ": in");
  c.out = to_values(member(object, "out", c.id), c.id + ": out");
  require_file(!c.out.empty(), c.id, " has no outputs: there is nothing to compare");
  c.tolerance = to_tolerance(member(object, "tol", c.id), c.id + ": tol");
  if (object.contains("tol_out")) {
    require_file(object["tol_out"].is_object(), c.id, ": tol_out has to be an object");
    for (const auto& [name, tolerance] : object["tol_out"].items()) {
      c.output_tolerance[name] = to_tolerance(tolerance, c.id + ": tol_out." + name);
    }
  }
  return c;
}

}  // namespace

std::string to_string(const Shape& shape) {
  if (shape.empty()) return "a number";
  std::string result = "[";
  for (std::size_t k = 0; k < shape.size(); ++k) result += (k > 0 ? ", " : "") + std::to_string(shape[k]);
  return result + "]";
}

Config::Config(json object, std::string where) : object_(std::move(object)), where_(std::move(where)) {
  require_file(object_.is_object(), where_, " has to be an object");
}

const json& Config::at(const std::string& key) const { return member(object_, key, where_); }

bool Config::has(const std::string& key) const { return object_.contains(key) && !object_[key].is_null(); }

std::vector<std::string> Config::keys() const {
  std::vector<std::string> names;
  for (const auto& item : object_.items()) names.push_back(item.key());
  return names;
}

double Config::number(const std::string& key) const { return to_number(at(key), where_ + "." + key); }

double Config::number(const std::string& key, double fallback) const { return has(key) ? number(key) : fallback; }

std::int64_t Config::integer(const std::string& key) const { return to_integer(at(key), where_ + "." + key); }

bool Config::flag(const std::string& key, bool fallback) const {
  if (!has(key)) return fallback;
  require_file(at(key).is_boolean(), where_, ".", key, " has to be true or false");
  return at(key).get<bool>();
}

std::string Config::string(const std::string& key) const { return to_text(at(key), where_ + "." + key); }

std::vector<std::int64_t> Config::integers(const json& list, const std::string& key) const {
  require_file(list.is_array(), where_, ".", key, " has to be a list");
  std::vector<std::int64_t> values;
  for (const json& value : list) values.push_back(to_integer(value, where_ + "." + key));
  return values;
}

std::vector<std::int64_t> Config::integers(const std::string& key) const { return integers(at(key), key); }

Config Config::object(const std::string& key) const { return {at(key), where_ + "." + key}; }

std::vector<Config> Config::objects(const std::string& key) const {
  require_file(at(key).is_array(), where_, ".", key, " has to be a list");
  std::vector<Config> objects;
  for (const json& object : at(key)) objects.emplace_back(object, where_ + "." + key);
  return objects;
}

std::vector<std::vector<std::int64_t>> Config::integer_lists(const std::string& key) const {
  require_file(at(key).is_array(), where_, ".", key, " has to be a list");
  std::vector<std::vector<std::int64_t>> lists;
  for (const json& list : at(key)) lists.push_back(integers(list, key));
  return lists;
}

const Value& Case::input(const std::string& name, std::size_t dimensions) const {
  const auto found = in.find(name);
  require_file(found != in.end(), id, " has no input '", name, "'");
  require_file(found->second.shape.size() == dimensions, id, ": input '", name, "' has to have ", dimensions,
               " dimensions, got ", to_string(found->second.shape));
  return found->second;
}

const Value& Case::input(const std::string& name, const Shape& shape) const {
  const Value& value = input(name, shape.size());
  require_file(value.shape == shape, id, ": input '", name, "' has to be ", to_string(shape), ", got ",
               to_string(value.shape));
  return value;
}

const Tolerance& Case::tolerance_of(const std::string& output) const {
  const auto own = output_tolerance.find(output);
  return own == output_tolerance.end() ? tolerance : own->second;
}

File parse(const std::string& content) {
  json root;
  try {
    root = json::parse(content);
  } catch (const json::exception& error) {
    throw FileError(text("this is not JSON, or not all of it: ", error.what()));
  }
  const std::int64_t schema = to_integer(member(member(root, "meta", "the file"), "schema", "meta"), "meta.schema");
  require_file(schema == 1, "schema 1 was expected, got ", schema);
  const json& cases = member(root, "cases", "the file");
  require_file(cases.is_array() && !cases.empty(), "'cases' has to be a list of at least one case");
  File file;
  for (const json& object : cases) file.cases.push_back(to_case(object, file.cases.size()));
  return file;
}

File read(const std::filesystem::path& path) {
  require_file(!std::filesystem::is_directory(path), path.string(), " is a folder: the name of a file was expected");
  std::ifstream stream(path, std::ios::binary);
  require_file(stream.is_open(), path.string(), " cannot be opened: is the name right?");
  const std::string content{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  require_file(!stream.bad(), path.string(), " cannot be read");
  try {
    return parse(content);
  } catch (const FileError& error) {
    throw FileError(text(path.string(), ": ", error.what()));
  }
}

std::vector<Real> reals(const Value& value) {
  std::vector<Real> result;
  result.reserve(value.data.size());
  for (const double number : value.data) result.push_back(static_cast<Real>(number));
  return result;
}

std::vector<std::int32_t> integers(const Case& c, const std::string& name, const Shape& shape, std::int64_t low,
                                   std::int64_t high) {
  std::vector<std::int32_t> result;
  for (const double number : c.input(name, shape).data) {
    require_file(number >= static_cast<double>(low) && number < static_cast<double>(high) && std::floor(number) == number,
                 c.id, ": input '", name, "' holds whole numbers from ", low, " to ", high - 1, ", got ", number);
    result.push_back(static_cast<std::int32_t>(number));
  }
  return result;
}

std::vector<std::int32_t> flags(const Case& c, const std::string& name, const Shape& shape) {
  return integers(c, name, shape, 0, 2);
}

}  // namespace handgrad::golden
