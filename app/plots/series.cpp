#include "app/plots/series.h"

#include <algorithm>

namespace handgrad::app {

namespace {

/// prefix[i] = the sum of the first i values.
std::vector<double> prefix_sums(const std::vector<double>& values) {
  std::vector<double> sums = {0.0};
  for (const double value : values) sums.push_back(sums.back() + value);
  return sums;
}

}  // namespace

std::vector<double> running_mean(const std::vector<double>& values, std::size_t window) {
  std::vector<double> means(values.size());
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += values[i];
    if (i >= window) sum -= values[i - window];
    means[i] = sum / static_cast<double>(std::min(i + 1, window));
  }
  return means;
}

std::vector<double> running_mean_after_zeros(const std::vector<double>& values, std::size_t window) {
  std::vector<double> means = running_mean(values, window);
  std::fill_n(means.begin(), std::min(window - 1, means.size()), 0.0);
  return means;
}

std::vector<double> centred_mean(const std::vector<double>& values, std::size_t window) {
  const std::vector<double> sums = prefix_sums(values);
  std::vector<double> means(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t first = i - std::min(i, window / 2), end = std::min(values.size(), i + window - window / 2);
    means[i] = (sums[end] - sums[first]) / static_cast<double>(end - first);
  }
  return means;
}

std::vector<double> centred_mean_with_zeros(const std::vector<double>& values, std::size_t window) {
  const std::vector<double> sums = prefix_sums(values);
  std::vector<double> means(std::max(values.size(), window));
  for (std::size_t i = 0; i < means.size(); ++i) {
    const std::size_t first = std::min(values.size(), i - std::min(i, window / 2));
    const std::size_t end = std::min(values.size(), i + window - window / 2);
    means[i] = (sums[end] - sums[first]) / static_cast<double>(window);
  }
  return means;
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double place = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
}

}  // namespace handgrad::app
