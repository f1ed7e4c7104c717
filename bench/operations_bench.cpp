// Each operation of the compute contract by itself, on each backend, in the shapes that value learning uses.

#include <benchmark/benchmark.h>

#include "core/backends.h"
#include "core/step_scope.h"
#include "nn/optimizer.h"
#include "random_buffer.h"

using namespace handgrad;

namespace {

/// Runs `operation` over and over, and reports its rate of floating-point operations if it has any to speak of.
template <class Operation>
void measure(benchmark::State& state, Backend& backend, double flops, const Operation& operation) {
  const StepScope scope(backend);
  for (auto _ : state) {
    operation();
    benchmark::ClobberMemory();
  }
  if (flops > 0) {
    state.counters["FLOP/s"] = benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
  }
}

double product_flops(std::int64_t B, std::int64_t I, std::int64_t O) { return 2.0 * static_cast<double>(B * I * O); }

void linear_forward(benchmark::State& state, const std::string& name) {
  const std::int64_t B = state.range(0), I = state.range(1), O = state.range(2);
  const auto backend = make_backend(name);
  auto X = random_buffer(*backend, B * I), W = random_buffer(*backend, O * I), b = random_buffer(*backend, O);
  Buffer<Real> Y(*backend, B * O);
  measure(state, *backend, product_flops(B, I, O),
          [&] { backend->linear_forward(X.matrix(B, I), W.matrix(O, I), b.span(), Activation::relu, Y.matrix(B, O)); });
}

void linear_backward(benchmark::State& state, const std::string& name) {
  const std::int64_t B = state.range(0), I = state.range(1), O = state.range(2);
  const auto backend = make_backend(name);
  auto X = random_buffer(*backend, B * I), W = random_buffer(*backend, O * I), Y = random_buffer(*backend, B * O);
  // dY is consumed, but the masked gradient masked again is the same: it need not be renewed.
  auto dY = random_buffer(*backend, B * O);
  Buffer<Real> dX(*backend, B * I), dW(*backend, O * I), db(*backend, O);
  measure(state, *backend, 2 * product_flops(B, I, O), [&] {
    backend->linear_backward(X.matrix(B, I), W.matrix(O, I), Y.matrix(B, O), Activation::relu, dY.matrix(B, O),
                             dX.matrix(B, I), dW.matrix(O, I), db.span());
  });
}

void loss_selected(benchmark::State& state, const std::string& name) {
  const std::int64_t B = state.range(0), A = state.range(1);
  const auto backend = make_backend(name);
  auto Q = random_buffer(*backend, B * A), y = random_buffer(*backend, B);
  Buffer<std::int32_t> action(*backend, B);
  Buffer<Real> dQ(*backend, B * A), td(*backend, B), loss(*backend, kLossOutputs);
  measure(state, *backend, 0, [&] {
    backend->loss_selected({LossKind::smooth_l1, 1.0, Reduction::mean}, Q.matrix(B, A), action.span(), y.span(), {},
                           dQ.matrix(B, A), td.span(), loss.span());
  });
}

void td_target(benchmark::State& state, const std::string& name) {
  const std::int64_t B = state.range(0), A = state.range(1);
  const auto backend = make_backend(name);
  auto Q = random_buffer(*backend, B * A), reward = random_buffer(*backend, B), discount = random_buffer(*backend, B);
  Buffer<Real> y(*backend, B);
  measure(state, *backend, 0, [&] { backend->td_target(Q.matrix(B, A), {}, reward.span(), discount.span(), y.span()); });
}

void adam_step(benchmark::State& state, const std::string& name) {
  const std::int64_t P = state.range(0);
  const bool amsgrad = state.range(1) != 0;
  const auto backend = make_backend(name);
  auto p = random_buffer(*backend, P), g = random_buffer(*backend, P);
  auto v = random_buffer(*backend, P, 0.1, 1), v_max = random_buffer(*backend, P, 0.1, 1);
  Buffer<Real> m(*backend, P), coefficients(*backend, kAdamCoefficients);
  const std::vector<Real> values = {1, Real(1e-3), 1, Real(1e-8)};
  coefficients.upload(values);
  measure(state, *backend, 0, [&] {
    backend->adam_step({}, coefficients.span(), p.span(), g.span(), m.span(), v.span(), amsgrad ? v_max.span() : Vector{});
  });
}

/// Adam on gradients that have been zero for 5,000 steps, as those of a dead ReLU are: its averages have decayed towards
/// zero, but they must not get slower to work with. Compare with adam_step_live_gradient.
void adam_step_zero_gradient(benchmark::State& state, const std::string& name) {
  const std::int64_t P = state.range(0);
  const auto backend = make_backend(name);
  auto p = random_buffer(*backend, P);
  Buffer<Real> g = random_buffer(*backend, P);
  Optimizer adam(*backend, {}, P);
  const StepScope scope(*backend);
  for (int step = 0; step < 100; ++step) adam.step(p.span(), g.span());
  backend->fill(g.span(), 0);
  for (int step = 0; step < 5000; ++step) adam.step(p.span(), g.span());
  for (auto _ : state) {
    adam.step(p.span(), g.span());
    benchmark::ClobberMemory();
  }
}

/// The same on gradients that are not zero.
void adam_step_live_gradient(benchmark::State& state, const std::string& name) {
  const std::int64_t P = state.range(0);
  const auto backend = make_backend(name);
  auto p = random_buffer(*backend, P), g = random_buffer(*backend, P);
  Optimizer adam(*backend, {}, P);
  measure(state, *backend, 0, [&] { adam.step(p.span(), g.span()); });
}

void rmsprop_step(benchmark::State& state, const std::string& name) {
  const std::int64_t P = state.range(0);
  const auto backend = make_backend(name);
  auto p = random_buffer(*backend, P), g = random_buffer(*backend, P), n = random_buffer(*backend, P, 0.1, 1);
  Buffer<Real> lr(*backend, 1);
  measure(state, *backend, 0, [&] { backend->rmsprop_step({}, lr.span(), p.span(), g.span(), n.span(), {}, {}); });
}

void clip_by_norm(benchmark::State& state, const std::string& name) {
  const std::int64_t P = state.range(0);
  const auto backend = make_backend(name);
  auto g = random_buffer(*backend, P);
  Buffer<Real> norm(*backend, 1);
  measure(state, *backend, 0, [&] { backend->clip_by_norm(g.span(), Real(10), norm.span()); });
}

void clip_by_value(benchmark::State& state, const std::string& name) {
  const std::int64_t P = state.range(0);
  const auto backend = make_backend(name);
  auto g = random_buffer(*backend, P);
  measure(state, *backend, 0, [&] { backend->clip_by_value(g.span(), Real(1)); });
}

void update_target(benchmark::State& state, const std::string& name) {
  const std::int64_t P = state.range(0);
  const auto backend = make_backend(name);
  auto online = random_buffer(*backend, P), target = random_buffer(*backend, P);
  measure(state, *backend, 0, [&] { backend->update_target(online.span(), Real(0.005), target.span()); });
}

void gather_rows(benchmark::State& state, const std::string& name) {
  const std::int64_t B = state.range(0), D = state.range(1), N = 10'000;
  const auto backend = make_backend(name);
  auto source = random_buffer(*backend, N * D);
  Generator random(1);
  std::vector<std::int32_t> host(static_cast<std::size_t>(B));
  for (std::int32_t& row : host) row = static_cast<std::int32_t>(random.integers(0, N));
  Buffer<std::int32_t> rows(*backend, B);
  rows.upload(host);
  Buffer<Real> out(*backend, B * D);
  measure(state, *backend, 0, [&] { backend->gather_rows(source.matrix(N, D), rows.span(), out.matrix(B, D)); });
}

/// {batch, in, out} of the layers of the train steps in train_step_bench, and of acting with a batch of one.
const std::vector<std::vector<std::int64_t>> kLayers = {{1, 4, 64},     {1, 64, 64},    {1, 64, 2},      {32, 16, 16},
                                                        {64, 64, 64},   {128, 4, 128},  {128, 128, 128}, {128, 128, 2},
                                                        {64, 256, 256}, {512, 512, 512}};

void register_all(const std::string& backend) {
  const auto add = [&](const char* name, auto function, const std::vector<std::vector<std::int64_t>>& shapes) {
    auto* entry = benchmark::RegisterBenchmark((std::string(name) + "/" + backend).c_str(), function, backend);
    for (const auto& shape : shapes) entry->Args(shape);
  };
  const std::vector<std::vector<std::int64_t>> parameters = {{386}, {17'410}, {67'586}};
  add("linear_forward", linear_forward, kLayers);
  add("linear_backward", linear_backward, kLayers);
  add("loss_selected", loss_selected, {{32, 2}, {128, 2}, {128, 6}});
  add("td_target", td_target, {{32, 2}, {128, 2}, {128, 6}});
  add("adam_step", adam_step, {{386, 0}, {17'410, 0}, {17'410, 1}, {67'586, 0}});
  add("adam_step_live_gradient", adam_step_live_gradient, {{17'410}});
  add("adam_step_zero_gradient", adam_step_zero_gradient, {{17'410}});
  add("rmsprop_step", rmsprop_step, parameters);
  add("clip_by_value", clip_by_value, parameters);
  add("clip_by_norm", clip_by_norm, parameters);
  add("update_target", update_target, parameters);
  add("gather_rows", gather_rows, {{32, 4}, {128, 4}, {128, 64}});
}

}  // namespace

int main(int argc, char** argv) {
  for (const BackendInfo& info : list_backends()) {
    if (info.available && (info.name == "reference" || info.name == "eigen")) register_all(info.name);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
