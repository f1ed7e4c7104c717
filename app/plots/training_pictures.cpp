#include <algorithm>
#include <cmath>

#include "app/format.h"
#include "app/plots/run_pictures.h"
#include "app/plots/series.h"
#include "core/error.h"

namespace handgrad::app {

namespace {

constexpr std::size_t kWindow = 100;         // episodes of the running mean, as the environments' thresholds are stated
constexpr std::size_t kRollingAverage = 50;  // episodes around each one

std::vector<double> numbered(std::size_t count) {
  std::vector<double> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<double>(i + 1);
  return numbers;
}

void add_threshold(LineChart& chart, const RunConfig& config) {
  if (!config.trainer.solved_threshold) return;
  chart.threshold = config.trainer.solved_threshold;
  chart.threshold_label = "solved (" + brief(*config.trainer.solved_threshold) + ")";
}

Picture one(Panel panel) {
  Picture picture;
  picture.panels.emplace_back(std::move(panel));
  return picture;
}

}  // namespace

std::optional<Picture> returns_picture(const RecordedRun& run, const PictureOptions&) {
  if (run.metrics.rows() == 0) return std::nullopt;
  const auto& episode = run.metrics.column("episode");
  const auto& returns = run.metrics.column("return");
  LineChart chart{run.title(), "Episode", "Return", {}};
  chart.curves.push_back({"episode", episode, returns, {}, {}, Curve::Style::points});
  chart.curves.push_back({text("mean of last ", kWindow), episode, running_mean(returns, kWindow), {}, {}});
  if (run.evaluations.rows() > 0) {
    chart.curves.push_back({"evaluation",
                            run.evaluations.column("episode"),
                            run.evaluations.column("return_mean"),
                            {},
                            {},
                            Curve::Style::line_and_points});
  }
  add_threshold(chart, run.config);
  return one(std::move(chart));
}

std::optional<Picture> durations_picture(const RecordedRun& run, const PictureOptions& options) {
  if (run.metrics.rows() == 0 || !run.config.environment.id.starts_with("CartPole")) return std::nullopt;
  const auto& episode = run.metrics.column("episode");
  const auto& lengths = run.metrics.column("length");
  LineChart chart{run.title(), "Episode", "Duration (steps)", {}};
  chart.curves.push_back({"duration", episode, lengths, {}, {}});
  if (options.zeros_before_mean) {
    chart.curves.push_back({text("mean of last ", kWindow), episode, running_mean_after_zeros(lengths, kWindow), {}, {}});
  } else if (lengths.size() >= kWindow) {
    const std::vector<double> means = running_mean(lengths, kWindow);
    chart.curves.push_back({text("mean of last ", kWindow),
                            {episode.begin() + kWindow - 1, episode.end()},
                            {means.begin() + kWindow - 1, means.end()},
                            {},
                            {}});
  }
  return one(std::move(chart));
}

std::optional<Picture> train_and_test_picture(const RecordedRun& run, const PictureOptions& options) {
  if (run.metrics.rows() == 0 || !run.final_episodes) return std::nullopt;
  const auto& returns = run.metrics.column("return");
  const std::vector<double> average =
      options.zeros_around_mean ? centred_mean_with_zeros(returns, kRollingAverage) : centred_mean(returns, kRollingAverage);
  LineChart training{"Training Returns", "Episode", "Return", {}};
  training.curves.push_back({"Returns", run.metrics.column("episode"), returns, {}, {}});
  training.curves.push_back({"Returns (rolling average)", numbered(average.size()), average, {}, {}});
  LineChart test{"Test Returns", "Episode", "Return", {}};
  test.curves.push_back({"Returns", run.final_episodes->column("episode"), run.final_episodes->column("return"), {}, {}});
  Picture picture;
  picture.panels = {std::move(training), std::move(test)};
  picture.width = 8;
  picture.height = 4;
  return picture;
}

// Means over the train steps of an episode, at the last of them.
std::optional<Picture> losses_picture(const RecordedRun& run, const PictureOptions& options) {
  if (uses_table(run.config)) return std::nullopt;
  const auto& losses = run.metrics.column("loss_mean");
  // Before the first train step there are only environment steps to count: the gap is to be seen against those.
  const auto& steps = run.metrics.column(options.infinite_warmup ? "env_step" : "train_step");
  Curve curve;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    if (std::isnan(losses[i]) && !options.infinite_warmup) continue;
    curve.x.push_back(steps[i]);
    curve.y.push_back(losses[i]);
  }
  if (std::ranges::none_of(curve.y, [](double loss) { return std::isfinite(loss); })) return std::nullopt;
  LineChart chart{run.title(), options.infinite_warmup ? "Environment step" : "Train step", "Loss (mean over an episode)", {}};
  chart.curves.push_back(std::move(curve));
  return one(std::move(chart));
}

std::optional<Picture> epsilon_picture(const RecordedRun& run, const PictureOptions&) {
  const auto& epsilon = run.metrics.column("epsilon");
  if (epsilon.empty() || std::ranges::all_of(epsilon, [&](double e) { return e == epsilon.front(); })) return std::nullopt;
  LineChart chart{run.title(), "Environment step", "Exploration rate ε", {}};
  chart.curves.push_back({"", run.metrics.column("env_step"), epsilon, {}, {}});
  return one(std::move(chart));
}

// Parameters on the left, gradients, where there are any, on the right; where a norm is 0 there is nothing on such an axis.
std::optional<Picture> norms_picture(const RecordedRun& run, const PictureOptions&) {
  if (!run.norms || run.norms->rows() == 0) return std::nullopt;
  Picture picture;
  for (const std::string kind : {"parameter", "gradient"}) {
    LineChart chart{run.title(), "Episode", "L2 norm of each " + kind + " array", {}};
    chart.log_y = true;
    for (const std::string& name : run.norms->names()) {
      if (!name.ends_with("." + kind)) continue;
      std::vector<double> norms = run.norms->column(name);
      for (double& norm : norms) norm = norm > 0 ? norm : std::nan("");
      if (std::ranges::all_of(norms, [](double norm) { return std::isnan(norm); })) continue;
      chart.curves.push_back({name.substr(0, name.rfind('.')), run.norms->column("episode"), std::move(norms), {}, {}});
    }
    if (!chart.curves.empty()) picture.panels.emplace_back(std::move(chart));
  }
  if (picture.panels.empty()) return std::nullopt;
  picture.width *= static_cast<double>(picture.panels.size());
  return picture;
}

Picture seeds_picture(const std::vector<RecordedRun>& runs) {
  std::vector<std::vector<double>> means;
  for (const RecordedRun& run : runs) {
    if (run.metrics.rows() > 0) means.push_back(running_mean(run.metrics.column("return"), kWindow));
  }
  require(!means.empty(), "none of the runs has a finished episode to draw");
  std::size_t longest = 0;
  for (const auto& mean : means) longest = std::max(longest, mean.size());

  Curve curve;
  curve.label = "median over seeds, with quartiles";
  for (std::size_t e = 0; e < longest; ++e) {
    std::vector<double> over_seeds;
    for (const auto& mean : means) over_seeds.push_back(mean[std::min(e, mean.size() - 1)]);
    curve.x.push_back(static_cast<double>(e + 1));
    curve.y.push_back(quantile(over_seeds, 0.5));
    curve.low.push_back(quantile(over_seeds, 0.25));
    curve.high.push_back(quantile(over_seeds, 0.75));
  }
  const RunConfig& config = runs.front().config;
  LineChart chart{text(config.preset, " on ", config.environment.id, ", ", means.size(), " seeds"),
                  "Episode",
                  text("Return, mean of the last ", kWindow, " episodes"),
                  {}};
  chart.curves.push_back(std::move(curve));
  add_threshold(chart, config);
  return one(std::move(chart));
}

}  // namespace handgrad::app
