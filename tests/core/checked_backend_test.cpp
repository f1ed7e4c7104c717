// `checked` has to name the first operation that differs: reference against a copy of itself with one operation damaged.

#include "core/checked_backend.h"

#include "core/reference_backend.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

/// The reference with one result off by a part in a thousand.
class DamagedBackend : public ReferenceBackend {
 public:
  explicit DamagedBackend(std::string where) : where_(std::move(where)) {}
  std::string_view name() const override { return "damaged"; }

  void fill(Vector x, Real value) override {
    ReferenceBackend::fill(x, value);
    damage("x of fill", x);
  }
  void linear_forward(ConstMatrix X, ConstMatrix W, ConstVector b, Activation f, Matrix Y) override {
    ReferenceBackend::linear_forward(X, W, b, f, Y);
    damage("Y of linear_forward", Y.flat());
  }
  void linear_backward(ConstMatrix X, ConstMatrix W, ConstMatrix Y, Activation f, Matrix dY, Matrix dX, Matrix dW,
                       Vector db) override {
    ReferenceBackend::linear_backward(X, W, Y, f, dY, dX, dW, db);
    damage("dY of linear_backward", dY.flat());
    damage("dX of linear_backward", dX.flat());
    damage("dW of linear_backward", dW.flat());
    damage("db of linear_backward", db);
  }
  void loss_selected(const LossSpec& spec, ConstMatrix Q, ConstIndices action, ConstVector target, ConstVector weight,
                     Matrix dQ, Vector td, Vector loss) override {
    ReferenceBackend::loss_selected(spec, Q, action, target, weight, dQ, td, loss);
    damage("dQ of loss_selected", dQ.flat());
    damage("td of loss_selected", td);
    damage("loss of loss_selected", loss);
  }
  void loss_full(const LossSpec& spec, ConstMatrix Y, ConstMatrix target, ConstVector weight, Matrix dY,
                 Vector loss) override {
    ReferenceBackend::loss_full(spec, Y, target, weight, dY, loss);
    damage("dY of loss_full", dY.flat());
    damage("loss of loss_full", loss);
  }
  void td_target(ConstMatrix next_target, ConstMatrix next_online, ConstVector reward, ConstVector discount,
                 Vector y) override {
    ReferenceBackend::td_target(next_target, next_online, reward, discount, y);
    damage("y of td_target", y);
  }
  void put_selected(ConstMatrix base, ConstIndices action, ConstVector value, Matrix T) override {
    ReferenceBackend::put_selected(base, action, value, T);
    damage("T of put_selected", T.flat());
  }
  void sgd_step(const SgdSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector velocity) override {
    ReferenceBackend::sgd_step(spec, lr, p, g, velocity);
    damage("p of sgd_step", p);
    damage("velocity of sgd_step", velocity);
  }
  void rmsprop_step(const RmspropSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector mean_square, Vector mean,
                    Vector velocity) override {
    ReferenceBackend::rmsprop_step(spec, lr, p, g, mean_square, mean, velocity);
    damage("p of rmsprop_step", p);
    damage("mean_square of rmsprop_step", mean_square);
    damage("mean of rmsprop_step", mean);
    damage("velocity of rmsprop_step", velocity);
  }
  void adam_step(const AdamSpec& spec, ConstVector coefficients, Vector p, ConstVector g, Vector m, Vector v,
                 Vector v_max) override {
    ReferenceBackend::adam_step(spec, coefficients, p, g, m, v, v_max);
    damage("p of adam_step", p);
    damage("m of adam_step", m);
    damage("v of adam_step", v);
    damage("v_max of adam_step", v_max);
  }
  void clip_by_value(Vector g, Real limit) override {
    ReferenceBackend::clip_by_value(g, limit);
    damage("g of clip_by_value", g);
  }
  void clip_by_norm(Vector g, Real max_norm, Vector norm) override {
    ReferenceBackend::clip_by_norm(g, max_norm, norm);
    damage("g of clip_by_norm", g);
    damage("norm of clip_by_norm", norm);
  }
  void update_target(ConstVector online, Real tau, Vector target) override {
    ReferenceBackend::update_target(online, tau, target);
    damage("target of update_target", target);
  }
  void gather_rows(ConstMatrix source, ConstIndices rows, Matrix out) override {
    ReferenceBackend::gather_rows(source, rows, out);
    damage("out of gather_rows", out.flat());
  }
  void argmax(ConstMatrix Q, Indices out) override {
    ReferenceBackend::argmax(Q, out);
    if (where_ == "out of argmax") out.back() = 1 - out.back();
  }
  void l2_norm(ConstVector x, Vector out) override {
    ReferenceBackend::l2_norm(x, out);
    damage("out of l2_norm", out);
  }

 private:
  void damage(const std::string& where, Vector result) {
    if (where_ == where) result.back() += Real(0.001) * (1 + std::abs(result.back()));
  }
  std::string where_;
};

/// Every operation once, on numbers none of which is 0.
void run_every_operation(Backend& backend) {
  Generator random(5);
  const auto numbers = [&] { return on(backend, random_reals(6, random, 0.5, 1.5)); };
  auto a = numbers(), b = numbers(), c = numbers(), d = numbers(), e = numbers(), f = numbers(), g = numbers(),
       loss = numbers();
  const auto action = indices_on(backend, {0, 1});
  Buffer<std::int32_t> best(backend, 2);
  const ConstMatrix X = a.matrix(2, 3), W = b.matrix(2, 3);
  backend.linear_forward(X, W, f.first(2), Activation::none, c.matrix(2, 2));
  backend.linear_backward(X, W, c.matrix(2, 2), Activation::none, d.matrix(2, 2), e.matrix(2, 3), g.matrix(2, 3),
                          loss.first(2));
  backend.loss_selected({}, X, action.span(), f.first(2), {}, c.matrix(2, 3), e.first(2), loss.first(kLossOutputs));
  backend.loss_full({}, X, W, {}, c.matrix(2, 3), loss.first(kLossOutputs));
  backend.td_target(X, {}, f.first(2), g.first(2), e.first(2));
  backend.put_selected(X, action.span(), f.first(2), c.matrix(2, 3));
  backend.sgd_step({.momentum = 0.9}, loss.first(1), c.span(), a.span(), d.span());
  auto square = numbers(), mean = on(backend, std::vector<Real>(6, Real(0.01))), velocity = numbers();
  backend.rmsprop_step({.momentum = 0.9}, f.first(1), c.span(), a.span(), square.span(), mean.span(), velocity.span());
  auto m = numbers(), v = numbers(), v_max = numbers();
  backend.adam_step({}, f.first(kAdamCoefficients), c.span(), a.span(), m.span(), v.span(), v_max.span());
  backend.l2_norm(a.span(), loss.first(1));  // before clip_by_norm, which may be made of it
  backend.clip_by_value(d.span(), 100);
  backend.clip_by_norm(d.span(), 100, loss.first(1));
  backend.update_target(a.span(), Real(0.5), d.span());
  backend.gather_rows(X, action.span(), c.matrix(2, 3));
  backend.argmax(X, best.span());
  backend.fill(e.span(), 2);
}

std::string verdict(const std::string& where) {
  CheckedBackend backend(std::make_unique<ReferenceBackend>(), std::make_unique<DamagedBackend>(where));
  return error_message([&] { run_every_operation(backend); });
}

}  // namespace

TEST_CASE("A backend compared with its equal passes") { CHECK(verdict("nowhere") == "(nothing was thrown)"); }

TEST_CASE("A backend with one damaged result is named with the operation, the array and the element") {
  const auto where = GENERATE(
      as<std::string>{}, "x of fill", "Y of linear_forward", "dY of linear_backward", "dX of linear_backward",
      "dW of linear_backward", "db of linear_backward", "dQ of loss_selected", "td of loss_selected", "loss of loss_selected",
      "dY of loss_full", "loss of loss_full", "y of td_target", "T of put_selected", "p of sgd_step", "velocity of sgd_step",
      "p of rmsprop_step", "mean_square of rmsprop_step", "mean of rmsprop_step", "velocity of rmsprop_step", "p of adam_step",
      "m of adam_step", "v of adam_step", "v_max of adam_step", "g of clip_by_value", "g of clip_by_norm",
      "norm of clip_by_norm", "target of update_target", "out of gather_rows", "out of argmax", "out of l2_norm");
  const std::string array = where.substr(0, where.find(" of ")), operation = where.substr(where.find(" of ") + 4);
  const std::string message = verdict(where);
  INFO(where << ": " << message);
  CHECK(message.starts_with("damaged differs from reference in " + operation + ": element "));
  CHECK(contains(message, " of " + array + " is "));
}

TEST_CASE("A backend that loses a NaN differs from one that does not") {
  class Optimist : public ReferenceBackend {
   public:
    void l2_norm(ConstVector, Vector out) override { out[0] = 1; }
  };
  CheckedBackend backend(std::make_unique<ReferenceBackend>(), std::make_unique<Optimist>());
  const auto x = on(backend, {1, std::numeric_limits<Real>::quiet_NaN()});
  Buffer<Real> norm(backend, 1);
  CHECK(contains(error_message([&] { backend.l2_norm(x.span(), norm.span()); }),
                 "in l2_norm: element 0 of out is 1, expected nan"));
}

TEST_CASE("Each operation is judged by itself: the next one starts from the oracle's numbers") {
  class Drifting : public ReferenceBackend {
   public:
    void update_target(ConstVector online, Real tau, Vector target) override {
      ReferenceBackend::update_target(online, tau, target);
      for (Real& x : target) x *= 1 + (kIsDouble ? Real(5e-12) : Real(2e-5));  // within what is allowed once, not twenty times
    }
  };
  CheckedBackend backend(std::make_unique<ReferenceBackend>(), std::make_unique<Drifting>());
  const auto online = on(backend, {1, 2});
  auto target = on(backend, {3, 4});
  for (int k = 0; k < 20; ++k) CHECK_NOTHROW(backend.update_target(online.span(), Real(0.01), target.span()));
}

TEST_CASE("The checked backend refuses memory that is not its own") {
  const auto backend = make_backend("checked");
  std::vector<Real> stranger(4);
  CHECK(contains(error_message([&] { backend->fill(stranger, 1); }), "memory that it did not allocate"));
}
