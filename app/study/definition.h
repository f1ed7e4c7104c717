#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config/toml_input.h"

namespace handgrad::app {

// A study as its file says it: data, not yet resolved into runs. studies/README.md explains every key.

/// One way of running: a preset with settings over it.
struct ArmSpec {
  std::string label;
  std::string preset;  ///< "": the study's
  std::vector<Assignment> set;
};

/// A setting that takes several values; several sweeps make a grid.
struct SweepSpec {
  std::string key;   ///< "target.every"
  std::string name;  ///< what it is called in labels and on axes: "copy every"
  std::vector<SettingValue> values;
};

/// A figure that each run is reduced to: a kind of measures.h with its parameters.
struct MeasureSpec {
  std::string kind;
  std::string as;                            ///< its name in this study, unique
  std::map<std::string, double> parameters;  ///< all that the kind has, defaults included
};

/// A picture to draw.
struct FigureSpec {
  enum class Kind { curves, bars, heat_map };
  Kind kind = Kind::curves;
  std::string file;  ///< name without extension, in plots/
  std::string title, x_label, y_label;
  std::string y = "evaluation";        ///< curves: or "training", the running mean of returns
  std::string x = "episode";           ///< curves: or "env_step"; heat_map: a swept key
  std::string measure, statistic;      ///< bars, heat_map
  std::string other_key;               ///< heat_map: the swept key upwards
  std::optional<double> threshold;     ///< curves: a dashed line
  std::vector<std::string> arms = {};  ///< labels; empty: all
};

/// A statement that the runs can bear out or not. Three forms:
///   count      in at_least (at_most) of the first `of` seeds the measure is <comparison> value
///   statistic  of the measure over seeds is <comparison> value, or than that of another arm
///   extreme    among the values of a swept setting, `at` has the largest (smallest) statistic, whatever the other sweeps have
struct BarSpec {
  std::string text;
  std::string measure;
  std::string arm;         ///< label; "": the only one; "*": in every arm
  std::string comparison;  ///< >=, >, <=, <, near, reached
  std::optional<double> value, within;
  std::optional<std::int64_t> at_least, at_most;
  std::int64_t of = 0;  ///< seeds it is stated for, the first ones
  std::string statistic, than, than_measure;
  std::string setting, extreme;
  std::optional<SettingValue> at;
};

struct StudyDefinition {
  std::string id;  ///< the file's name
  std::string title, description, question;
  std::string preset;  ///< of arms that name none; "": their settings say everything
  std::uint64_t first_seed = 1;
  std::int64_t seeds = 10;
  std::int64_t window = 100;         ///< episodes of the running mean in training curves
  std::vector<Assignment> set;       ///< over every arm's preset
  std::vector<Assignment> set_last;  ///< over everything: --set
  std::vector<ArmSpec> arms;         ///< empty: one, of the study's settings
  std::vector<SweepSpec> sweeps;
  std::vector<MeasureSpec> measures;
  std::vector<FigureSpec> figures;
  std::vector<BarSpec> bars;
};

/// A study as a TOML text says it; `id` is its name unless it says another, `name` what the text goes by in messages. Throws
/// UsageError with file and line for what is not TOML, an unknown key (with the nearest one), a missing one, a value of the wrong
/// type, a name that no file could have, or a figure or bar that speaks of a measure that is not there.
StudyDefinition parse_study(std::string_view content, const std::string& id, const std::string& name);
/// The same of a file, whose name is the study's id.
StudyDefinition read_study(const std::filesystem::path& file, const std::string& name);

/// As a study's file that reads back as the same study.
std::string to_toml(const StudyDefinition& study);

/// Puts --set arguments over a study: `preset`; `key` and `values` of its only sweep; everything else is a setting of every
/// run, whatever arms and sweeps say. Throws UsageError.
void apply_settings(StudyDefinition& study, const std::vector<std::string>& set_arguments);

const MeasureSpec* find_measure(const StudyDefinition& study, const std::string& as);

/// The names of the statistics that figures and bars may ask for: mean, median ...
const std::vector<std::string>& statistic_names();

}  // namespace handgrad::app
