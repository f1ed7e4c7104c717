// A Q-network without reinforcement learning: fitted to action values that planning gives, one action of a state at a time.
#include <handgrad/core/backends.h>
#include <handgrad/envs/frozen_lake.h>
#include <handgrad/nn/loss.h>
#include <handgrad/nn/mlp.h>
#include <handgrad/nn/optimizer.h>
#include <handgrad/rl/planning.h>

#include <cmath>
#include <cstdio>
#include <vector>

using namespace handgrad;

namespace {

constexpr std::int64_t kStates = 16, kActions = 4, kColumns = 4, kBatch = 16;

/// A state as the network sees it: row and column.
void append_state(std::vector<Real>& rows, std::int64_t state) {
  rows.push_back(static_cast<Real>(state / kColumns));
  rows.push_back(static_cast<Real>(state % kColumns));
}

}  // namespace

int main() {
  // The table: Q* of the lake, from its transition probabilities.
  const FrozenLake lake({.is_slippery = false});
  const Plan plan = policy_iteration(lake.transitions(), 0.9);
  const std::vector<double> table = action_values(lake.transitions(), plan.values, 0.9);  // [states, actions]

  Generator random(1);
  const auto backend = make_backend(default_backend());
  Network network = make_mlp(*backend, {{2, 16, 16, kActions}, Activation::relu}, kBatch);
  network.initialize(random);
  Optimizer adam(*backend, {.lr = 1e-3}, network.parameter_count());
  Loss mse(*backend, {LossKind::mse});
  Buffer<Real> X(*backend, 2 * kBatch), y(*backend, kBatch), dQ(*backend, kBatch * kActions);
  Buffer<std::int32_t> taken(*backend, kBatch);

  for (int step = 0; step < 5000; ++step) {
    std::vector<Real> rows, targets;
    std::vector<std::int32_t> actions;
    for (std::int64_t i = 0; i < kBatch; ++i) {
      const std::int64_t s = random.integers(0, kStates), a = random.integers(0, kActions);
      append_state(rows, s);
      actions.push_back(static_cast<std::int32_t>(a));
      targets.push_back(static_cast<Real>(table[static_cast<std::size_t>(s * kActions + a)]));
    }
    X.upload(rows), taken.upload(actions), y.upload(targets);
    // Trap: only the taken action's output has a target; the others get no gradient.
    mse.selected(network.forward(X.matrix(kBatch, 2)), taken.span(), y.span(), {}, dQ.matrix(kBatch, kActions), {});
    network.backward(dQ.matrix(kBatch, kActions));
    adam.step(network.parameters(), network.gradients());
  }

  std::vector<Real> rows, Q(static_cast<std::size_t>(kStates * kActions));
  for (std::int64_t s = 0; s < kStates; ++s) append_state(rows, s);
  X.upload(rows);
  backend->download(Q.data(), network.forward(X.matrix(kStates, 2)).data, Q.size() * sizeof(Real));
  double squares = 0;
  for (std::size_t i = 0; i < Q.size(); ++i) squares += std::pow(static_cast<double>(Q[i]) - table[i], 2);
  const double rmse = std::sqrt(squares / static_cast<double>(Q.size()));
  std::printf("root mean squared error over %zu action values: %.3f\n", Q.size(), rmse);
  return rmse < 0.2 ? 0 : 1;
}
