#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/config/setting_kinds.h"
#include "app/plots/picture.h"
#include "app/watch/scene.h"

namespace handgrad::app {

// A demo shows one thing in a second or a few: it computes, says what came out, and draws it. Nothing is trained into a run
// folder; that is what `train` is for.

/// One thing a user can change. Its type is that of the standard value.
struct DemoSetting {
  std::string key;
  SettingValue standard;  ///< unless the user says otherwise
  std::string meaning;
  Range range = {};                     ///< of numbers, and of each number of a list
  std::vector<std::string> names = {};  ///< of strings: the only ones allowed; empty: any
};

/// "a whole number >= 1", "one of goal, hole".
std::string allowed(const DemoSetting& setting);

/// A demo's settings, each with a value of its own type.
class DemoValues {
 public:
  /// The standard values, and "key=value" over them from left to right. Throws UsageError, with the nearest key, for a setting
  /// that is not there, and for a value of another type or outside the allowed range.
  DemoValues(const std::vector<DemoSetting>& settings, const std::vector<std::string>& set_arguments);

  bool flag(const std::string& key) const { return std::get<bool>(values_.at(key)); }
  std::int64_t whole(const std::string& key) const { return std::get<std::int64_t>(values_.at(key)); }
  double number(const std::string& key) const { return std::get<double>(values_.at(key)); }
  const std::string& name(const std::string& key) const { return std::get<std::string>(values_.at(key)); }
  const std::vector<std::int64_t>& wholes(const std::string& key) const {
    return std::get<std::vector<std::int64_t>>(values_.at(key));
  }
  const std::vector<double>& numbers(const std::string& key) const { return std::get<std::vector<double>>(values_.at(key)); }

  const SettingValue& value(const std::string& key) const { return values_.at(key); }
  /// Whether these settings have their standard values.
  bool standard(const std::vector<std::string>& keys) const;
  /// Whether all have.
  bool all_standard() const { return values_ == standard_; }

 private:
  std::map<std::string, SettingValue> values_, standard_;
};

struct DemoRequest {
  DemoValues values;
  std::uint64_t seed = 1;
  std::function<void(std::int64_t done, std::int64_t total)> progress = [](std::int64_t, std::int64_t) {};
};

/// What is known to come out of a demo, and what did.
struct DemoBar {
  std::string text;      ///< "the mean RMSE is at most 0.14"
  std::string measured;  ///< "0.095"
  bool met;
};

/// |measured - expected| <= margin.
DemoBar close_to(const std::string& text, double measured, double expected, double margin, int digits);

/// What came of it.
struct DemoReport {
  struct NamedPicture {
    std::string name;  ///< of its files, without ending
    Picture picture;
  };
  std::string text;  ///< to read; ends with a newline
  std::string json;  ///< the same figures as one JSON object
  std::vector<NamedPicture> pictures = {};
  std::vector<Scene> frames = {};  ///< moments of an episode, drawn side by side: frames.png
  std::vector<DemoBar> bars = {};  ///< those that the settings are right for
};

struct Demo {
  std::string id;
  std::string about;  ///< one line
  std::vector<DemoSetting> settings;
  DemoReport (*run)(const DemoRequest& request);
};

/// All of them, in the order in which they are worth looking at.
const std::vector<Demo>& all_demos();

/// None if there is no such demo.
const Demo* find_demo(const std::string& id);
/// Throws UsageError with the nearest name if there is no such demo.
const Demo& known_demo(const std::string& id);

}  // namespace handgrad::app
