#include <iostream>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/config/toml_input.h"
#include "app/plots/run_pictures.h"
#include "app/study/figures.h"
#include "app/usage_error.h"
#include "core/suggest.h"

namespace handgrad::app {

namespace {

struct Switch {
  std::string key, right, other;  ///< its values: as it ought to be, as others drew it
  bool PictureOptions::*member;
};

PictureOptions picture_options(const std::vector<std::string>& set) {
  static const std::vector<Switch> switches = {{"mean_lead", "none", "zeros", &PictureOptions::zeros_before_mean},
                                               {"smooth_edge", "shrink", "zero_pad", &PictureOptions::zeros_around_mean},
                                               {"warmup_loss", "omit", "inf", &PictureOptions::infinite_warmup}};
  PictureOptions options;
  for (const std::string& argument : set) {
    const Assignment assignment = parse_set(argument);
    const auto found = std::ranges::find(switches, assignment.key, &Switch::key);
    if (found == switches.end()) {
      wrong_use(assignment.where, ": there is no setting '", assignment.key, "' of pictures.",
                did_you_mean(assignment.key, {"mean_lead", "smooth_edge", "warmup_loss"}));
    }
    // A bare `inf` is a number in TOML.
    const auto* name = std::get_if<std::string>(&assignment.value);
    const std::string value = name != nullptr ? *name : to_toml(assignment.value);
    if (value != found->right && value != found->other) {
      wrong_use(assignment.where, ": ", found->key, ": expected ", found->right, " or ", found->other, ", found ", value);
    }
    options.*found->member = value == found->other;
  }
  return options;
}

std::vector<PlannedPicture> plan(const PlotOptions& options) {
  const std::filesystem::path folder = options.folder;
  if (!std::filesystem::exists(folder / "study.toml")) {
    return plan_pictures(folder, picture_options(options.set), options.what);
  }
  if (!options.set.empty()) wrong_use(folder.string(), " holds a study, whose file says how it is drawn: --set is for runs");
  return plan_study_pictures(folder, options.what);
}

}  // namespace

int plot_command(const PlotOptions& options) {
  nlohmann::json paths = nlohmann::json::array();
  for (const PlannedPicture& planned : plan(options)) {
    if (options.text) {
      std::cout << to_text(planned.picture) << '\n';
      continue;
    }
    draw(planned.picture, planned.stem);
    const std::string path = planned.stem.string() + ".png";
    paths.push_back(path);
    if (!options.json) std::cout << path << '\n';
  }
  // A file name need not be UTF-8, JSON has to be.
  const nlohmann::json j = {{"pictures", paths}};
  if (options.json) std::cout << j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  return 0;
}

}  // namespace handgrad::app
