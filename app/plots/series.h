#pragma once

#include <cstddef>
#include <vector>

namespace handgrad::app {

// What becomes of a list of returns before it is drawn.

/// The mean of the last `window` values up to each one, of fewer where there are fewer.
std::vector<double> running_mean(const std::vector<double>& values, std::size_t window);

/// The mean of the last `window` values, 0 where there are not yet so many: the curve of PyTorch's DQN tutorial, which begins
/// with window - 1 zeros.
std::vector<double> running_mean_after_zeros(const std::vector<double>& values, std::size_t window);

/// The mean around each value, of values[i - window/2] up to values[i + window/2 - 1]; at the ends of those there are.
std::vector<double> centred_mean(const std::vector<double>& values, std::size_t window);

/// The same with zeros for what is not there, as numpy.convolve(mode="same") counts, so that the curve bends down at both
/// ends: max(values, window) entries.
std::vector<double> centred_mean_with_zeros(const std::vector<double>& values, std::size_t window);

/// The q-quantile (0 to 1) by linear interpolation between order statistics, as numpy.quantile does.
double quantile(std::vector<double> values, double q);

}  // namespace handgrad::app
