// The operations of the compute contract that are not products, on each backend: NAME/BACKEND/SIZES.
// (Products are in products_bench.cpp, optimisers in optimizers_bench.cpp.)

#include "suite.h"

using namespace handgrad;

namespace {

constexpr LossSpec kSmoothL1{LossKind::smooth_l1, 1.0, Reduction::mean};

void loss_selected(benchmark::State& state, const std::string& name) {
  const std::int64_t B = state.range(0), A = state.range(1);
  const auto backend = make_backend(name);
  auto Q = random_buffer(*backend, B * A), y = random_buffer(*backend, B);
  auto action = random_indices(*backend, B, A);
  Buffer<Real> dQ(*backend, B * A), td(*backend, B), loss(*backend, kLossOutputs);
  measure(state, *backend, 0, [&] {
    backend->loss_selected(kSmoothL1, Q.matrix(B, A), action.span(), y.span(), {}, dQ.matrix(B, A), td.span(), loss.span());
  });
}

void loss_full(benchmark::State& state, const std::string& name) {
  const std::int64_t B = state.range(0), O = state.range(1);
  const auto backend = make_backend(name);
  auto Y = random_buffer(*backend, B * O), T = random_buffer(*backend, B * O, -2, 2);
  Buffer<Real> dY(*backend, B * O), loss(*backend, kLossOutputs);
  measure(state, *backend, 0,
          [&] { backend->loss_full(kSmoothL1, Y.matrix(B, O), T.matrix(B, O), {}, dY.matrix(B, O), loss.span()); });
}

void td_target(benchmark::State& state, const std::string& name) {
  const std::int64_t B = state.range(0), A = state.range(1);
  const auto backend = make_backend(name);
  auto Q = random_buffer(*backend, B * A), reward = random_buffer(*backend, B), discount = random_buffer(*backend, B);
  Buffer<Real> y(*backend, B);
  measure(state, *backend, 0, [&] { backend->td_target(Q.matrix(B, A), {}, reward.span(), discount.span(), y.span()); });
}

void td_target_double_q(benchmark::State& state, const std::string& name) {
  const std::int64_t B = state.range(0), A = state.range(1);
  const auto backend = make_backend(name);
  auto Q = random_buffer(*backend, B * A), chooser = random_buffer(*backend, B * A, -2, 2);
  auto reward = random_buffer(*backend, B), discount = random_buffer(*backend, B);
  Buffer<Real> y(*backend, B);
  measure(state, *backend, 0,
          [&] { backend->td_target(Q.matrix(B, A), chooser.matrix(B, A), reward.span(), discount.span(), y.span()); });
}

void put_selected(benchmark::State& state, const std::string& name) {
  const std::int64_t B = state.range(0), A = state.range(1);
  const auto backend = make_backend(name);
  auto base = random_buffer(*backend, B * A), value = random_buffer(*backend, B);
  auto action = random_indices(*backend, B, A);
  Buffer<Real> T(*backend, B * A);
  measure(state, *backend, 0, [&] { backend->put_selected(base.matrix(B, A), action.span(), value.span(), T.matrix(B, A)); });
}

void argmax(benchmark::State& state, const std::string& name) {
  const std::int64_t B = state.range(0), A = state.range(1);
  const auto backend = make_backend(name);
  auto Q = random_buffer(*backend, B * A);
  Buffer<std::int32_t> best(*backend, B);
  measure(state, *backend, 0, [&] { backend->argmax(Q.matrix(B, A), best.span()); });
}

void gather_rows(benchmark::State& state, const std::string& name) {
  const std::int64_t B = state.range(0), D = state.range(1), N = 10'000;
  const auto backend = make_backend(name);
  auto source = random_buffer(*backend, N * D);
  auto rows = random_indices(*backend, B, N);
  Buffer<Real> out(*backend, B * D);
  measure(state, *backend, 0, [&] { backend->gather_rows(source.matrix(N, D), rows.span(), out.matrix(B, D)); });
}

void clip_by_value(benchmark::State& state, const std::string& name) {
  const auto backend = make_backend(name);
  auto g = random_buffer(*backend, state.range(0));
  measure(state, *backend, 0, [&] { backend->clip_by_value(g.span(), Real(1)); });
}

/// A norm that is longer than its limit in every call: each multiplies the gradient by what it takes, and the next one's is smaller.
void clip_by_norm(benchmark::State& state, const std::string& name) {
  const auto backend = make_backend(name);
  auto g = random_buffer(*backend, state.range(0));
  Buffer<Real> norm(*backend, 1);
  measure(state, *backend, 0, [&] { backend->clip_by_norm(g.span(), Real(10), norm.span()); });
}

void l2_norm(benchmark::State& state, const std::string& name) {
  const auto backend = make_backend(name);
  auto x = random_buffer(*backend, state.range(0));
  Buffer<Real> norm(*backend, 1);
  measure(state, *backend, 0, [&] { backend->l2_norm(x.span(), norm.span()); });
}

void update_target(benchmark::State& state, const std::string& name) {
  const auto backend = make_backend(name);
  auto online = random_buffer(*backend, state.range(0)), target = random_buffer(*backend, state.range(0));
  measure(state, *backend, 0, [&] { backend->update_target(online.span(), Real(0.005), target.span()); });
}

void copy_target(benchmark::State& state, const std::string& name) {
  const auto backend = make_backend(name);
  auto online = random_buffer(*backend, state.range(0)), target = random_buffer(*backend, state.range(0));
  measure(state, *backend, 0, [&] { backend->update_target(online.span(), Real(1), target.span()); });
}

void fill(benchmark::State& state, const std::string& name) {
  const auto backend = make_backend(name);
  auto x = random_buffer(*backend, state.range(0));
  measure(state, *backend, 0, [&] { backend->fill(x.span(), Real(1)); });
}

using Shapes = std::vector<std::vector<std::int64_t>>;

void add(const char* name, void (*function)(benchmark::State&, const std::string&), const Shapes& shapes) {
  for (const std::string& backend : backends_for(0)) {
    auto* entry = benchmark::RegisterBenchmark((std::string(name) + "/" + backend).c_str(), function, backend);
    for (const auto& shape : shapes) entry->Args(shape);
  }
}

}  // namespace

int main(int argc, char** argv) {
  // Rows and actions; P of rlmep, tutorial and zoo.
  const Shapes outputs = {{1, 2}, {32, 2}, {128, 2}, {128, 6}, {512, 2}}, parameters = {{386}, {17'410}, {67'586}};
  add("loss_selected", loss_selected, outputs);
  add("loss_full", loss_full, outputs);
  add("td_target", td_target, outputs);
  add("td_target_double_q", td_target_double_q, {{128, 2}});
  add("put_selected", put_selected, {{128, 2}});
  add("argmax", argmax, outputs);
  add("gather_rows", gather_rows, {{32, 4}, {128, 4}, {128, 64}, {512, 4}});
  add("clip_by_value", clip_by_value, parameters);
  add("clip_by_norm", clip_by_norm, parameters);
  add("l2_norm", l2_norm, parameters);
  add("update_target", update_target, parameters);
  add("copy_target", copy_target, parameters);
  add("fill", fill, {{17'410}});
  return run_registered(argc, argv);
}
