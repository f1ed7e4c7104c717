#include <algorithm>
#include <cmath>
#include <functional>

#include "app/config/build_run.h"
#include "app/plots/run_pictures.h"
#include "rl/policy.h"

// What was learned of worlds whose states are points of a plane, or are shown as such.

namespace handgrad::app {

namespace {

constexpr std::int64_t kLongestTrajectory = 1000;
constexpr std::size_t kCells = 160;  // a side, about

/// Values [A] at a point of a plane through the observations.
using ValuesAt = std::function<std::vector<double>(double x, double y)>;

struct Plane {
  std::string x_label, y_label;
  double x_low, x_high, y_low, y_high;
  std::size_t nx = kCells, ny = kCells;
};

/// The plane with the range and a multiple of the bins that a table has for these two components of the observation.
Plane as_binned(Plane plane, const RunConfig& config, std::size_t x, std::size_t y) {
  const FeatureSpec& features = config.features;
  if (!uses_table(config) || features.kind != FeatureSpec::Kind::bins) return plane;
  const auto cells = [&](std::size_t component) {
    const auto bins = static_cast<std::size_t>(features.bins[component]);
    return bins * std::max<std::size_t>(1, kCells / bins);
  };
  plane.nx = cells(x), plane.ny = cells(y);
  if (!features.low.empty()) plane.x_low = features.low[x], plane.y_low = features.low[y];
  if (!features.high.empty()) plane.x_high = features.high[x], plane.y_high = features.high[y];
  return plane;
}

/// Greedy actions beside their values on a grid over the plane. Where all values are still `initial`, nobody has been:
/// `initial` is none for networks, which have an opinion everywhere.
Picture two_panels(const std::string& title, const Plane& plane, const std::vector<std::string>& actions,
                   const std::string& value_label, const ValuesAt& values_at, std::optional<double> initial) {
  PhaseDiagram policy{"Greedy action" + title,
                      plane.x_label,
                      plane.y_label,
                      "",
                      plane.x_low,
                      plane.x_high,
                      plane.y_low,
                      plane.y_high,
                      plane.nx,
                      plane.ny,
                      {},
                      actions,
                      {},
                      {}};
  PhaseDiagram value = policy;
  value.title = "Value of the greedy action" + title;
  value.value_label = value_label;
  value.action_names = {};
  for (std::size_t i = 0; i < plane.ny; ++i) {
    const double y =
        plane.y_low + (static_cast<double>(i) + 0.5) / static_cast<double>(plane.ny) * (plane.y_high - plane.y_low);
    for (std::size_t j = 0; j < plane.nx; ++j) {
      const double x =
          plane.x_low + (static_cast<double>(j) + 0.5) / static_cast<double>(plane.nx) * (plane.x_high - plane.x_low);
      const std::vector<double> q = values_at(x, y);
      const bool visited = !initial || std::ranges::any_of(q, [&](double v) { return v != *initial; });
      const auto best = std::ranges::max_element(q);
      policy.values.push_back(visited ? static_cast<double>(best - q.begin()) : NAN);
      value.values.push_back(visited ? *best : NAN);
    }
  }
  Picture picture;
  picture.panels = {std::move(policy), std::move(value)};
  picture.width = 12;
  picture.height = 5;
  return picture;
}

std::optional<double> initial_value(const RunConfig& config) {
  if (!uses_table(config) || config.tabular.initial_low != config.tabular.initial_high) return std::nullopt;
  return config.tabular.initial_low;
}

ValuesAt ask(Policy& policy, std::function<std::vector<float>(double, double)> observation) {
  return [&policy, observation = std::move(observation)](double x, double y) {
    const auto values = policy.values(observation(x, y));
    return std::vector<double>(values.begin(), values.end());
  };
}

}  // namespace

std::optional<Picture> phase_picture(const RecordedRun& run, const PictureOptions&) {
  const auto model = run.last_model();
  if (!model || !run.config.environment.id.starts_with("MountainCar")) return std::nullopt;
  Policy policy = Policy::from_tensors(*model, run.folder.string());
  const Plane plane{"Position", "Velocity (per step)", -1.2, 0.6, -0.07, 0.07};
  const auto values_at = ask(policy, [](double x, double y) {
    return std::vector<float>{static_cast<float>(x), static_cast<float>(y)};
  });
  Picture picture = two_panels("", as_binned(plane, run.config, 0, 1), {"left", "none", "right"}, "Value (minus steps to go)",
                               values_at, initial_value(run.config));

  const auto environment = environment_maker(run.config.environment)();
  std::vector<float> observation(2);
  std::vector<double> positions, velocities;
  environment->reset(final_evaluation_seed(run.config.seed), observation);
  for (std::int64_t step = 0; step < kLongestTrajectory; ++step) {
    positions.push_back(observation[0]);
    velocities.push_back(observation[1]);
    const StepResult result = environment->step(policy.act(observation), observation);
    if (result.terminated || result.truncated) break;
  }
  positions.push_back(observation[0]);
  velocities.push_back(observation[1]);
  for (Panel& panel : picture.panels) {
    std::get<PhaseDiagram>(panel).trajectory_x = positions;
    std::get<PhaseDiagram>(panel).trajectory_y = velocities;
  }
  return picture;
}

std::optional<Picture> slices_picture(const RecordedRun& run, const PictureOptions&) {
  const auto model = run.last_model();
  if (!model || !run.config.environment.id.starts_with("CartPole")) return std::nullopt;
  Policy policy = Policy::from_tensors(*model, run.folder.string());
  const Plane plane{"Pole angle (rad)", "Pole angular velocity (rad/s)", -0.20944, 0.20944, -3.5, 3.5};
  const auto values_at = ask(policy, [](double x, double y) {
    return std::vector<float>{0.0F, 0.0F, static_cast<float>(x), static_cast<float>(y)};
  });
  return two_panels(", cart at rest in the middle", as_binned(plane, run.config, 2, 3), {"left", "right"}, "Value", values_at,
                    initial_value(run.config));
}

std::optional<Picture> hands_picture(const RecordedRun& run, const PictureOptions&) {
  const auto model = run.last_model();
  if (!model || !run.config.environment.id.starts_with("Blackjack")) return std::nullopt;
  Policy policy = Policy::from_tensors(*model, run.folder.string());
  Picture picture;
  // Below 12 nothing is to be decided: no card can go beyond 21.
  const Plane plane{"Dealer's open card (1: ace)", "Player's total", 0.5, 10.5, 11.5, 21.5, 10, 10};
  for (const bool ace : {false, true}) {
    const auto values_at = ask(policy, [ace](double x, double y) {
      return std::vector<float>{static_cast<float>(y), static_cast<float>(x), ace ? 1.0F : 0.0F};
    });
    const Picture part = two_panels(ace ? ", usable ace" : ", no usable ace", plane, {"stick", "hit"}, "Value", values_at,
                                    initial_value(run.config));
    picture.panels.insert(picture.panels.end(), part.panels.begin(), part.panels.end());
  }
  picture.width = 11;
  picture.height = 9;
  picture.columns = 2;
  return picture;
}

}  // namespace handgrad::app
