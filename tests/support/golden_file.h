#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/matrix.h"

/// Files of numbers that another, trusted program computed: {"meta": {"schema": 1, ...}, "cases": [...]}, a case being
/// {"id", "group", "config", "in", "out", "tol", "tol_out"}. Nothing is assumed about how many cases there are, or how large.
namespace handgrad::golden {

/// Something is wrong with the file itself: it cannot be read, or does not follow the schema.
class FileError : public Error {
 public:
  using Error::Error;
};

/// Throws FileError with the joined parts unless `condition` holds.
template <class... Parts>
void require_file(bool condition, const Parts&... parts) {
  if (!condition) throw FileError(text(parts...));
}

using Shape = std::vector<std::int64_t>;

/// "[4, 3]"; "a number" for {}.
std::string to_string(const Shape& shape);

/// A number or a row-major array: shape {} or at least one extent, all of them at least 1.
struct Value {
  Shape shape;
  std::vector<double> data;
};

struct Tolerance {
  double rtol = 0;
  double atol = 0;
};

/// The `config` of a case, or an object inside it, read with checks: every function throws FileError, naming the case and
/// the key, for a missing key or another type.
class Config {
 public:
  Config() = default;
  Config(nlohmann::json object, std::string where);

  bool has(const std::string& key) const;  ///< present and not null
  std::vector<std::string> keys() const;
  double number(const std::string& key) const;
  double number(const std::string& key, double fallback) const;
  std::int64_t integer(const std::string& key) const;
  bool flag(const std::string& key, bool fallback) const;
  std::string string(const std::string& key) const;
  std::vector<std::int64_t> integers(const std::string& key) const;
  Config object(const std::string& key) const;
  std::vector<Config> objects(const std::string& key) const;
  std::vector<std::vector<std::int64_t>> integer_lists(const std::string& key) const;

 private:
  const nlohmann::json& at(const std::string& key) const;
  std::vector<std::int64_t> integers(const nlohmann::json& list, const std::string& key) const;

  nlohmann::json object_;
  std::string where_;
};

/// One case. Its tolerances are those of this build's precision.
struct Case {
  std::string id;
  std::string group;
  Config config;
  std::map<std::string, Value> in;
  std::map<std::string, Value> out;
  Tolerance tolerance;
  std::map<std::string, Tolerance> output_tolerance;  ///< goes before `tolerance`

  /// An input; throws FileError unless it is there and has as many dimensions, or exactly this shape.
  const Value& input(const std::string& name, std::size_t dimensions) const;
  const Value& input(const std::string& name, const Shape& shape) const;
  const Tolerance& tolerance_of(const std::string& output) const;
};

struct File {
  std::vector<Case> cases;
};

File parse(const std::string& content);
File read(const std::filesystem::path& path);

/// Rounded to Real.
std::vector<Real> reals(const Value& value);
/// Throws FileError unless all are whole numbers in [low, high).
std::vector<std::int32_t> integers(const Case& c, const std::string& name, const Shape& shape, std::int64_t low,
                                   std::int64_t high);
std::vector<std::int32_t> flags(const Case& c, const std::string& name, const Shape& shape);

}  // namespace handgrad::golden
