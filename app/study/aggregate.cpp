#include "app/study/aggregate.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "app/plots/series.h"
#include "core/random.h"
#include "rl/evaluation.h"

namespace handgrad::app {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr int kResamplesOfCurves = 500;  // a band is looked at, not read off

const RunCurve& curve_of(const RunResult& result, CurveKind kind) {
  return kind == CurveKind::evaluation ? result.evaluation : result.training;
}

const std::vector<std::int64_t>& points_of(const RunCurve& curve, bool over_env_steps) {
  return over_env_steps ? curve.env_step : curve.episode;
}

}  // namespace

Aggregate aggregate(const std::vector<std::optional<RunResult>>& results, std::size_t m, std::size_t seeds) {
  Aggregate a{0, 0, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone};
  std::vector<double> values;
  for (std::size_t s = 0; s < std::min(seeds, results.size()); ++s) {
    if (!results[s] || !results[s]->error.empty() || std::isnan(results[s]->measures[m].value)) continue;
    values.push_back(results[s]->measures[m].value);
    if (!results[s]->measures[m].censored) ++a.reached;
  }
  if (values.empty()) return a;
  const ReturnStatistics over_seeds = statistics(values);
  const Interval interval = bootstrap_mean(values);
  a.n = over_seeds.episodes;
  a.mean = over_seeds.mean;
  a.std = over_seeds.std;
  a.min = over_seeds.min;
  a.max = over_seeds.max;
  a.q1 = quantile(values, 0.25);
  a.median = quantile(values, 0.5);
  a.q3 = quantile(values, 0.75);
  a.low = interval.low;
  a.high = interval.high;
  return a;
}

double statistic(const Aggregate& a, const std::string& name) {
  if (name == "mean") return a.mean;
  if (name == "median") return a.median;
  if (name == "min") return a.min;
  if (name == "max") return a.max;
  if (name == "q1") return a.q1;
  if (name == "q3") return a.q3;
  if (name == "std") return a.std;
  require(name == "reached", "there is no statistic '", name, "'");
  return static_cast<double>(a.reached);
}

Interval bootstrap_mean(std::span<const double> values, int resamples) {
  require(!values.empty() && resamples > 0, "a bootstrap needs values and resamples");
  const auto n = static_cast<std::int64_t>(values.size());
  Generator random = Generator::stream(0, kBootstrap);
  std::vector<double> means;
  for (int r = 0; r < resamples; ++r) {
    double sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += values[static_cast<std::size_t>(random.integers(0, n))];
    means.push_back(sum / static_cast<double>(n));
  }
  return {quantile(means, 0.025), quantile(means, 0.975)};
}

MeanCurve mean_curve(const std::vector<std::optional<RunResult>>& results, CurveKind kind, bool over_env_steps) {
  std::set<std::int64_t> points;
  std::vector<const RunCurve*> curves;
  for (const auto& result : results) {
    if (!result) continue;
    curves.push_back(&curve_of(*result, kind));
    const auto& x = points_of(*curves.back(), over_env_steps);
    points.insert(x.begin(), x.end());
  }
  MeanCurve mean;
  std::vector<double> values;
  for (const std::int64_t x : points) {
    values.clear();
    for (const RunCurve* curve : curves) {
      const auto& own = points_of(*curve, over_env_steps);
      const auto after = std::upper_bound(own.begin(), own.end(), x) - own.begin();
      if (after > 0) values.push_back(curve->mean[static_cast<std::size_t>(after - 1)]);
    }
    const Interval band = bootstrap_mean(values, kResamplesOfCurves);
    mean.x.push_back(static_cast<double>(x));
    mean.mean.push_back(statistics(values).mean);
    mean.low.push_back(band.low);
    mean.high.push_back(band.high);
  }
  return mean;
}

}  // namespace handgrad::app
