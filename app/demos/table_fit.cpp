#include "app/demos/table_fit.h"

#include <algorithm>

#include "core/backends.h"
#include "core/random.h"
#include "nn/loss.h"
#include "nn/mlp.h"
#include "nn/optimizer.h"

namespace handgrad::app {

namespace {

/// How pairs of state and action become rows of the network's input, and its output rows of values.
class Inputs {
 public:
  Inputs(std::size_t actions, std::size_t columns, const TableFitOptions& options)
      : actions_(actions), columns_(columns), options_(options) {}

  std::int64_t width() const {
    const std::size_t state = options_.transform ? 2 : 1;
    return static_cast<std::int64_t>(options_.all_actions ? state : state + actions_);
  }

  void append(std::vector<Real>& rows, std::size_t state, std::size_t action) const {
    const std::size_t row = state / columns_, column = state % columns_;
    if (options_.transform) rows.push_back(static_cast<Real>(row));
    rows.push_back(static_cast<Real>(options_.transform ? column : state));
    for (std::size_t a = 0; !options_.all_actions && a < actions_; ++a) rows.push_back(a == action ? 1 : 0);
  }

 private:
  std::size_t actions_, columns_;
  TableFitOptions options_;
};

}  // namespace

TableFit fit_table(const std::vector<double>& table, std::size_t actions, std::size_t columns, const TableFitOptions& options,
                   std::uint64_t seed, const std::function<void(std::int64_t)>& after_iteration) {
  const auto A = static_cast<std::int64_t>(actions), S = static_cast<std::int64_t>(table.size() / actions), B = options.batch;
  const Inputs inputs(actions, columns, options);
  const std::int64_t outputs = options.all_actions ? A : 1, all_rows = options.all_actions ? S : S * A;

  const auto backend = make_backend(default_backend());
  Network network = make_mlp(*backend, {{inputs.width(), 16, 16, outputs}}, std::max(B, all_rows));
  Generator initial = Generator::stream(seed, kInitialisation), random = Generator::stream(seed, kReplaySampling);
  network.initialize(initial);
  Optimizer adam(*backend, {.lr = options.lr}, network.parameter_count());
  Loss loss(*backend, {LossKind::mse});
  Buffer<Real> X(*backend, std::max(B, all_rows) * inputs.width()), y(*backend, B), dQ(*backend, B * outputs);
  Buffer<std::int32_t> taken(*backend, B);

  TableFit fit;
  std::vector<Real> rows, targets;
  std::vector<std::int32_t> columns_taken;
  for (std::int64_t iteration = 0; iteration < options.iterations; ++iteration) {
    rows.clear(), targets.clear(), columns_taken.clear();
    for (std::int64_t i = 0; i < B; ++i) {
      const std::int64_t s = random.integers(0, S), a = random.integers(0, A);
      inputs.append(rows, static_cast<std::size_t>(s), static_cast<std::size_t>(a));
      targets.push_back(static_cast<Real>(table[static_cast<std::size_t>(s * A + a)]));
      columns_taken.push_back(options.all_actions ? static_cast<std::int32_t>(a) : 0);
    }
    X.upload(rows), y.upload(targets), taken.upload(columns_taken);
    loss.selected(network.forward(X.matrix(B, inputs.width())), taken.span(), y.span(), {}, dQ.matrix(B, outputs), {});
    network.backward(dQ.matrix(B, outputs));
    adam.step(network.parameters(), network.gradients());
    fit.loss.push_back(loss.value());
    after_iteration(iteration + 1);
  }

  rows.clear();
  for (std::int64_t row = 0; row < all_rows; ++row) {
    const std::int64_t s = options.all_actions ? row : row / A, a = options.all_actions ? 0 : row % A;
    inputs.append(rows, static_cast<std::size_t>(s), static_cast<std::size_t>(a));
  }
  X.upload(rows);
  const ConstMatrix Q = network.forward(X.matrix(all_rows, inputs.width()));
  std::vector<Real> values(static_cast<std::size_t>(Q.size()));
  backend->download(values.data(), Q.data, values.size() * sizeof(Real));
  fit.q.assign(values.begin(), values.end());
  return fit;
}

}  // namespace handgrad::app
