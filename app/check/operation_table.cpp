#include <algorithm>
#include <cmath>

#include "app/check/check_tables.h"
#include "core/backends.h"
#include "core/buffer.h"
#include "core/random.h"

namespace handgrad::app {

namespace {

// Sizes that are no multiple of any vector width, so that the ends of rows are looked at too.
constexpr std::int64_t B = 37, I = 19, O = 23, A = 5, P = 203;

/// What an operation left behind: all its results, one array after the other.
struct Result {
  std::string operation;
  std::vector<std::vector<double>> arrays;
};

// Runs every operation on one backend. The operands are drawn from a stream that starts anew with each operation, so two
// backends get the same ones.
class Operations {
 public:
  explicit Operations(Backend& backend) : backend_(backend) {}

  std::vector<Result> run() {
    layers();
    losses();
    targets();
    optimisers();
    gradients();
    data();
    return std::move(results_);
  }

 private:
  Buffer<Real> draw(std::int64_t size, double low = -1, double high = 1) {
    std::vector<Real> host(static_cast<std::size_t>(size));
    for (Real& value : host) value = static_cast<Real>(random_.uniform(low, high));
    Buffer<Real> buffer(backend_, size);
    buffer.upload(host);
    return buffer;
  }

  Buffer<std::int32_t> draw_indices(std::int64_t size, std::int64_t below) {
    std::vector<std::int32_t> host(static_cast<std::size_t>(size));
    for (auto& value : host) value = static_cast<std::int32_t>(random_.integers(0, below));
    Buffer<std::int32_t> buffer(backend_, size);
    buffer.upload(host);
    return buffer;
  }

  Buffer<Real> zeros(std::int64_t size) { return Buffer<Real>(backend_, size); }

  template <class... Buffers>
  void record(const std::string& operation, const Buffers&... buffers) {
    Result result{operation, {}};
    const auto add = [&](const auto& buffer) {
      const auto host = buffer.to_host();
      result.arrays.emplace_back(host.begin(), host.end());
    };
    (add(buffers), ...);
    results_.push_back(std::move(result));
    random_ = Generator(1);
  }

  void layers() {
    for (const auto& [f, name] :
         {std::pair{Activation::none, "none"}, {Activation::relu, "relu"}, {Activation::tanh, "tanh"}}) {
      auto X = draw(B * I), W = draw(O * I), b = draw(O), Y = zeros(B * O);
      backend_.linear_forward(X.matrix(B, I), W.matrix(O, I), b.span(), f, Y.matrix(B, O));
      record(text("linear_forward ", name), Y);
    }
    for (const auto& [f, name] :
         {std::pair{Activation::none, "none"}, {Activation::relu, "relu"}, {Activation::tanh, "tanh"}}) {
      auto X = draw(B * I), W = draw(O * I), Y = draw(B * O), dY = draw(B * O);
      auto dX = zeros(B * I), dW = zeros(O * I), db = zeros(O);
      backend_.linear_backward(X.matrix(B, I), W.matrix(O, I), Y.matrix(B, O), f, dY.matrix(B, O), dX.matrix(B, I),
                               dW.matrix(O, I), db.span());
      record(text("linear_backward ", name), dY, dX, dW, db);
    }
  }

  void losses() {
    for (const auto& [kind, name] :
         {std::pair{LossKind::mse, "mse"}, {LossKind::huber, "huber"}, {LossKind::smooth_l1, "smooth_l1"}}) {
      const LossSpec spec{kind, 0.5, Reduction::mean};
      auto Q = draw(B * A), y = draw(B), weight = draw(B, 0, 2), dQ = zeros(B * A), td = zeros(B), loss = zeros(kLossOutputs);
      auto action = draw_indices(B, A);
      backend_.loss_selected(spec, Q.matrix(B, A), action.span(), y.span(), weight.span(), dQ.matrix(B, A), td.span(),
                             loss.span());
      record(text("loss_selected ", name), dQ, td, loss);
      auto Y = draw(B * O), target = draw(B * O), row_weight = draw(B, 0, 2), dY = zeros(B * O), sum = zeros(kLossOutputs);
      backend_.loss_full(spec, Y.matrix(B, O), target.matrix(B, O), row_weight.span(), dY.matrix(B, O), sum.span());
      record(text("loss_full ", name), dY, sum);
    }
  }

  void targets() {
    for (const bool double_q : {false, true}) {
      auto next_target = draw(B * A), next_online = draw(B * A), reward = draw(B), discount = draw(B, 0, 1), y = zeros(B);
      backend_.td_target(next_target.matrix(B, A), double_q ? ConstMatrix(next_online.matrix(B, A)) : ConstMatrix(),
                         reward.span(), discount.span(), y.span());
      record(double_q ? "td_target double" : "td_target", y);
    }
    auto base = draw(B * A), value = draw(B), T = zeros(B * A);
    auto action = draw_indices(B, A);
    backend_.put_selected(base.matrix(B, A), action.span(), value.span(), T.matrix(B, A));
    record("put_selected", T);
    auto online = draw(P), target = draw(P);
    backend_.update_target(online.span(), Real(0.005), target.span());
    record("update_target soft", target);
    online = draw(P), target = draw(P);
    backend_.update_target(online.span(), Real(1), target.span());
    record("update_target hard", target);
  }

  void optimisers() {
    auto p = draw(P), g = draw(P), velocity = draw(P), lr = draw(1, 0.01, 0.02);
    backend_.sgd_step({0.9, true, 0.01}, lr.span(), p.span(), g.span(), velocity.span());
    record("sgd_step", p, velocity);
    p = draw(P), g = draw(P), velocity = draw(P), lr = draw(1, 0.01, 0.02);
    auto mean_square = draw(P, 0.5, 2), mean = draw(P, 0, 0.5);
    backend_.rmsprop_step({0.95, 0.01, false, 0.9, 0.01}, lr.span(), p.span(), g.span(), mean_square.span(), mean.span(),
                          velocity.span());
    record("rmsprop_step", p, mean_square, mean, velocity);
    p = draw(P), g = draw(P);
    auto m = draw(P), v = draw(P, 0, 1), v_max = draw(P, 0, 1), coefficients = draw(kAdamCoefficients, 0.01, 0.02);
    backend_.adam_step({0.9, 0.999, 0.01}, coefficients.span(), p.span(), g.span(), m.span(), v.span(), v_max.span());
    record("adam_step", p, m, v, v_max);
  }

  void gradients() {
    auto g = draw(P), norm = zeros(1);
    backend_.clip_by_value(g.span(), Real(0.5));
    record("clip_by_value", g);
    g = draw(P);
    backend_.clip_by_norm(g.span(), Real(0.5), norm.span());
    record("clip_by_norm", g, norm);
    g = draw(P);
    backend_.l2_norm(g.span(), norm.span());
    record("l2_norm", norm);
  }

  void data() {
    auto source = draw(B * I), rows = zeros(A * I);
    auto indices = draw_indices(A, B);
    backend_.gather_rows(source.matrix(B, I), indices.span(), rows.matrix(A, I));
    record("gather_rows", rows);
    auto Q = draw(B * A);
    Buffer<std::int32_t> best(backend_, B);
    backend_.argmax(Q.matrix(B, A), best.span());
    record("argmax", best);
    auto x = zeros(P);
    backend_.fill(x.span(), Real(0.25));
    record("fill", x);
  }

  Backend& backend_;
  Generator random_{1};
  std::vector<Result> results_;
};

// The largest difference between two results of one operation, as a share of what is allowed; NaN counts as infinite.
double largest_difference(const Result& found, const Result& expected) {
  double largest = 0;
  for (std::size_t a = 0; a < expected.arrays.size(); ++a) {
    double scale = 0;
    for (const double x : expected.arrays[a]) scale = std::max(scale, std::abs(x));
    const double allowed = kOperationRelative * scale + kOperationAbsolute;
    for (std::size_t i = 0; i < expected.arrays[a].size(); ++i) {
      const double share = std::abs(found.arrays[a][i] - expected.arrays[a][i]) / allowed;
      largest = std::isnan(share) ? HUGE_VAL : std::max(largest, share);
    }
  }
  return largest;
}

}  // namespace

std::vector<std::string> operation_backends() {
  std::vector<std::string> names = computing_backends();
  std::erase(names, "reference");
  return names;
}

std::vector<OperationRow> operation_table(const std::string& backend_name) {
  const auto oracle = make_backend("reference"), backend = make_backend(backend_name);
  const auto expected = Operations(*oracle).run(), found = Operations(*backend).run();
  std::vector<OperationRow> rows;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double difference = largest_difference(found[i], expected[i]);
    rows.push_back({expected[i].operation, backend_name, difference, difference <= 1});
  }
  return rows;
}

}  // namespace handgrad::app
