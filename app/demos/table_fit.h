#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace handgrad::app {

/// How a network is fitted to a table of action values [S, A] on a grid of `columns` columns.
struct TableFitOptions {
  bool transform = true;    ///< states as (row, column), unscaled; else as their number
  bool all_actions = true;  ///< state in, a value an action out; else state and action (one-hot) in, one value out
  std::int64_t iterations = 5000, batch = 16;
  double lr = 1e-3;
};

struct TableFit {
  std::vector<double> q;     ///< [S, A] of the network
  std::vector<double> loss;  ///< of each iteration
};

/// Hidden layers 16 and 16, PyTorch's initialisation, Adam, mean squared error on the taken action alone. A batch is states
/// and actions drawn evenly and independently, all of them, ended ones included.
TableFit fit_table(const std::vector<double>& table, std::size_t actions, std::size_t columns, const TableFitOptions& options,
                   std::uint64_t seed, const std::function<void(std::int64_t)>& after_iteration);

}  // namespace handgrad::app
