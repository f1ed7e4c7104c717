#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace handgrad::app {

/// Draws plots/returns.png in the folder of a run, or of several seeds of one (a folder with seed-<n> inside), and leaves the
/// gnuplot script beside it: plots/returns.gp, data included, to change and draw again with `gnuplot returns.gp > returns.png`.
///
/// One run: every episode's return, their running mean, the evaluations, the environment's threshold. Several seeds: the
/// median over seeds of the running means and the band between the quartiles; a run that has ended keeps its last value.
///
/// Throws UsageError if the folder holds no run, Error if there is no gnuplot or it fails. Returns the picture's path.
std::filesystem::path draw_returns(const std::filesystem::path& folder);

/// The mean of the last `window` values up to each one, of fewer where there are fewer.
std::vector<double> running_mean(const std::vector<double>& values, std::size_t window);

/// The q-quantile (0 to 1) by linear interpolation between order statistics, as numpy.quantile does.
double quantile(std::vector<double> values, double q);

}  // namespace handgrad::app
