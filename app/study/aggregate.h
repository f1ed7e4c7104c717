#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "app/study/results.h"

namespace handgrad::app {

/// A measure over the seeds of an arm. NaN where there are no values.
struct Aggregate {
  std::int64_t n = 0;        ///< runs that have it
  std::int64_t reached = 0;  ///< of them, those in which it is not censored
  double mean, std;          ///< std divided by n, as numpy.std
  double min, q1, median, q3, max;
  double low, high;  ///< 95 % bootstrap interval of the mean
};

/// Of measure number m over the first `seeds` results of an arm; runs that failed or are missing have no value. A censored
/// value counts as what it is, the point where the run ended.
Aggregate aggregate(const std::vector<std::optional<RunResult>>& results, std::size_t m, std::size_t seeds);

/// By the name of statistic_names().
double statistic(const Aggregate& aggregate, const std::string& name);

struct Interval {
  double low, high;
};

/// The 2.5 % and 97.5 % quantiles of the means of `resamples` samples drawn with replacement (Efron 1979, the percentile
/// interval). Its random numbers are a stream of its own, the same in every call: equal values give equal intervals.
Interval bootstrap_mean(std::span<const double> values, int resamples = 2000);

/// The mean over seeds of their curves, and its bootstrap band.
struct MeanCurve {
  std::vector<double> x, mean, low, high;
};
enum class CurveKind { evaluation, training };

/// At every point that some seed has; a seed that has ended keeps its last value, one that has not begun is left out.
MeanCurve mean_curve(const std::vector<std::optional<RunResult>>& results, CurveKind kind, bool over_env_steps);

}  // namespace handgrad::app
