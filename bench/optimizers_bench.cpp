// Every optimiser's step: OPTIMISER_live/BACKEND/P on gradients that are not zero, and OPTIMISER_zero/BACKEND/P on gradients
// that have been zero for so long, as those of a dead ReLU are, that the averages of them have fallen below what a float can hold
// in full. They must not get slower to work with: the two should take the same time.

#include "nn/optimizer.h"
#include "suite.h"

using namespace handgrad;

namespace {

/// The gradient of `live`, and one that leaves averages of 1e-19, squares of 1e-38, to decay for a thousand steps.
/// (The smallest float that is not denormal is 1.2e-38.)
void step(benchmark::State& state, const std::string& name, const OptimizerSpec& spec, bool live) {
  const std::int64_t P = state.range(0);
  const auto backend = make_backend(name);
  Optimizer optimizer(*backend, spec, P);
  auto p = random_buffer(*backend, P), g = random_buffer(*backend, P, live ? -1 : -1e-19, live ? 1 : 1e-19);
  const StepScope scope(*backend);
  if (!live) {
    for (int i = 0; i < 100; ++i) optimizer.step(p.span(), g.span());
    backend->fill(g.span(), 0);
    for (int i = 0; i < 1000; ++i) optimizer.step(p.span(), g.span());
  }
  measure(state, *backend, 0, [&] { optimizer.step(p.span(), g.span()); });
}

/// P of rlmep, tutorial and zoo; the first also on gradients of zero.
void add(const std::string& name, const OptimizerSpec& spec, const std::vector<std::int64_t>& sizes) {
  for (const std::string& backend : fast_backends()) {
    auto* live = benchmark::RegisterBenchmark((name + "_live/" + backend).c_str(), step, backend, spec, true);
    for (const std::int64_t P : sizes) live->Arg(P);
    benchmark::RegisterBenchmark((name + "_zero/" + backend).c_str(), step, backend, spec, false)->Arg(sizes.front());
  }
  for (const bool live : {true, false}) {
    benchmark::RegisterBenchmark((name + (live ? "_live" : "_zero") + "/reference").c_str(), step, "reference", spec, live)
        ->Arg(386);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t tutorial = 17'410;
  for (const auto kind : {OptimizerKind::sgd, OptimizerKind::rmsprop, OptimizerKind::rmsprop_dqn2015,
                          OptimizerKind::adam_keras, OptimizerKind::adamw, OptimizerKind::radam}) {
    add(std::string(to_string(kind)), default_spec(kind), {tutorial});
  }
  OptimizerSpec momentum = default_spec(OptimizerKind::sgd), amsgrad = default_spec(OptimizerKind::adamw);
  momentum.momentum = 0.9;
  amsgrad.amsgrad = true;
  add("sgd_momentum", momentum, {tutorial});
  add("adamw_amsgrad", amsgrad, {tutorial});
  add("adam", default_spec(OptimizerKind::adam), {tutorial, 386, 67'586});
  return run_registered(argc, argv);
}
