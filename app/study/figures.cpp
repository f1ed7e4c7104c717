#include "app/study/figures.h"

#include <algorithm>

#include "app/study/aggregate.h"
#include "app/study/studies.h"
#include "app/usage_error.h"
#include "core/suggest.h"

namespace handgrad::app {

namespace {

std::size_t index_of(const StudyDefinition& study, const std::string& measure) {
  const auto& measures = study.measures;
  const auto found = std::find_if(measures.begin(), measures.end(), [&](const auto& m) { return m.as == measure; });
  return static_cast<std::size_t>(found - measures.begin());
}

bool is_wanted(const FigureSpec& figure, const Arm& arm) {
  return figure.arms.empty() || std::find(figure.arms.begin(), figure.arms.end(), arm.label) != figure.arms.end();
}

std::string otherwise(const std::string& label, const std::string& initial) { return label.empty() ? initial : label; }

Panel curves(const Study& study, const StudyResults& results, const FigureSpec& figure) {
  const bool over_env_steps = figure.x == "env_step";
  const bool of_training = figure.y == "training";
  LineChart chart;
  chart.title = figure.title;
  chart.x_label = otherwise(figure.x_label, over_env_steps ? "environment step" : "episode");
  const std::string of_window = text("mean return of ", study.definition.window, " training episodes");
  chart.y_label = otherwise(figure.y_label, of_training ? of_window : "mean return of the evaluation");
  chart.threshold = figure.threshold;
  for (std::size_t a = 0; a < study.arms.size(); ++a) {
    if (!is_wanted(figure, study.arms[a])) continue;
    MeanCurve mean = mean_curve(results[a], of_training ? CurveKind::training : CurveKind::evaluation, over_env_steps);
    Curve curve;
    curve.label = study.arms[a].label;
    curve.x = std::move(mean.x);
    curve.y = std::move(mean.mean);
    curve.low = std::move(mean.low);
    curve.high = std::move(mean.high);
    chart.curves.push_back(std::move(curve));
  }
  return chart;
}

Panel bars(const Study& study, const StudyResults& results, const FigureSpec& figure) {
  BarChart chart;
  chart.title = figure.title;
  chart.y_label = otherwise(figure.y_label, figure.measure + ", " + figure.statistic);
  const bool with_interval = figure.statistic == "mean";
  for (std::size_t a = 0; a < study.arms.size(); ++a) {
    if (!is_wanted(figure, study.arms[a])) continue;
    const Aggregate of_arm = aggregate(results[a], index_of(study.definition, figure.measure), results[a].size());
    chart.names.push_back(study.arms[a].label);
    chart.values.push_back(statistic(of_arm, figure.statistic));
    if (!with_interval) continue;
    chart.low.push_back(of_arm.low);
    chart.high.push_back(of_arm.high);
  }
  return chart;
}

const SweepSpec& sweep_of(const Study& study, const std::string& key) {
  const auto& sweeps = study.definition.sweeps;
  return *std::find_if(sweeps.begin(), sweeps.end(), [&](const SweepSpec& sweep) { return sweep.key == key; });
}

Panel heat_map(const Study& study, const StudyResults& results, const FigureSpec& figure) {
  const SweepSpec& across = sweep_of(study, figure.x);
  const SweepSpec& up = sweep_of(study, figure.other_key);
  HeatMap map;
  map.title = figure.title;
  map.x_label = otherwise(figure.x_label, across.name);
  map.y_label = otherwise(figure.y_label, up.name);
  map.value_label = figure.measure + ", " + figure.statistic;
  for (const auto& value : across.values) map.x_names.push_back(plain(value));
  for (const auto& y : up.values) {
    map.y_names.push_back(plain(y));
    for (const auto& x : across.values) {
      const auto arm = std::find_if(study.arms.begin(), study.arms.end(), [&](const Arm& candidate) {
        return candidate.at.at(across.key) == x && candidate.at.at(up.key) == y;
      });
      const auto& of_arm = results[static_cast<std::size_t>(arm - study.arms.begin())];
      map.values.push_back(
          statistic(aggregate(of_arm, index_of(study.definition, figure.measure), of_arm.size()), figure.statistic));
    }
  }
  return map;
}

}  // namespace

Picture make_picture(const Study& study, const StudyResults& results, const FigureSpec& figure) {
  Picture picture;
  switch (figure.kind) {
    case FigureSpec::Kind::curves: picture.panels = {curves(study, results, figure)}; break;
    case FigureSpec::Kind::bars: picture.panels = {bars(study, results, figure)}; break;
    case FigureSpec::Kind::heat_map: picture.panels = {heat_map(study, results, figure)}; break;
  }
  return picture;
}

std::vector<PlannedPicture> plan_figures(const Study& study, const StudyResults& results, const std::filesystem::path& folder,
                                         const std::vector<std::string>& only) {
  std::vector<std::string> names;
  for (const auto& figure : study.definition.figures) names.push_back(figure.file);
  for (const auto& name : only) {
    const bool is_there = std::find(names.begin(), names.end(), name) != names.end();
    if (!is_there) wrong_use(study.definition.id, " has no picture '", name, "'.", did_you_mean(name, names));
  }
  std::vector<PlannedPicture> planned;
  for (const auto& figure : study.definition.figures) {
    if (!only.empty() && std::find(only.begin(), only.end(), figure.file) == only.end()) continue;
    planned.push_back({folder / "plots" / figure.file, make_picture(study, results, figure)});
  }
  return planned;
}

std::vector<PlannedPicture> plan_study_pictures(const std::filesystem::path& folder, const std::vector<std::string>& only) {
  const Study study = resolve_study(load_study((folder / "study.toml").string()));
  const StudyResults results = read_results(study, folder);
  const auto is_there = [](const auto& of_arm) {
    return std::any_of(of_arm.begin(), of_arm.end(), [](auto& r) { return r; });
  };
  require(std::any_of(results.begin(), results.end(), is_there), folder.string(), " holds a study of which no run is done");
  return plan_figures(study, results, folder, only);
}

}  // namespace handgrad::app
