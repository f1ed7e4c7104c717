#include "nn/optimizer.h"

#include <limits>

#include "core/step_scope.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

/// Every rule once more, for one parameter, as its paper or program writes it: no coefficients worked out beforehand.
class Textbook {
 public:
  explicit Textbook(const OptimizerSpec& spec) : s(spec) {}

  double step(double p, double g) {
    ++t;
    switch (s.kind) {
      case OptimizerKind::sgd: return sgd(p, g + s.weight_decay * p);
      case OptimizerKind::rmsprop: return rmsprop(p, g + s.weight_decay * p);
      case OptimizerKind::rmsprop_dqn2015: {
        g += s.weight_decay * p;
        n = s.alpha * n + (1 - s.alpha) * g * g;
        m = s.alpha * m + (1 - s.alpha) * g;
        return p - s.lr * g / std::sqrt(n - m * m + s.eps);
      }
      case OptimizerKind::adamw: return adam(p - s.lr * s.weight_decay * p, g);
      default: return adam(p, g + s.weight_decay * p);
    }
  }

 private:
  double sgd(double p, double g) {
    if (s.momentum == 0) return p - s.lr * g;
    m = s.momentum * m + g;
    return p - s.lr * (s.nesterov ? g + s.momentum * m : m);
  }
  double rmsprop(double p, double g) {
    n = s.alpha * n + (1 - s.alpha) * g * g;
    m = s.alpha * m + (1 - s.alpha) * g;
    const double u = g / (std::sqrt(s.centered ? n - m * m : n) + s.eps);
    velocity = s.momentum * velocity + u;
    return p - s.lr * velocity;
  }
  double adam(double p, double g) {
    m = s.beta1 * m + (1 - s.beta1) * g;
    n = s.beta2 * n + (1 - s.beta2) * g * g;
    largest = std::max(largest, n);
    const double b1 = 1 - std::pow(s.beta1, t), b2 = 1 - std::pow(s.beta2, t);
    const double m_hat = m / b1, second = s.amsgrad ? largest : n, v_hat = second / b2;
    if (s.kind == OptimizerKind::adam_keras) return p - s.lr * std::sqrt(b2) / b1 * m / (std::sqrt(second) + s.eps);
    if (s.kind == OptimizerKind::radam) {
      const double r_inf = 2 / (1 - s.beta2) - 1, r = r_inf - 2 * t * std::pow(s.beta2, t) / b2;
      if (r <= 5) return p - s.lr * m_hat;
      const double rect = std::sqrt((r - 4) * (r - 2) * r_inf / ((r_inf - 4) * (r_inf - 2) * r));
      return p - s.lr * m_hat * rect * std::sqrt(b2) / (std::sqrt(n) + s.eps);
    }
    return p - s.lr * m_hat / (std::sqrt(v_hat) + s.eps);
  }

  OptimizerSpec s;
  double t = 0, m = 0, n = 0, velocity = 0, largest = 0;
};

OptimizerSpec with(OptimizerKind kind, const std::function<void(OptimizerSpec&)>& change) {
  OptimizerSpec spec = default_spec(kind);
  spec.lr = 0.05;
  change(spec);
  return spec;
}

std::vector<OptimizerSpec> many_specs() {
  using enum OptimizerKind;
  std::vector<OptimizerSpec> specs;
  for (const double decay : {0.0, 0.1}) {
    specs.push_back(with(sgd, [&](auto& s) { s.weight_decay = decay; }));
    specs.push_back(with(sgd, [&](auto& s) { s.momentum = 0.9, s.weight_decay = decay; }));
    specs.push_back(with(sgd, [&](auto& s) { s.momentum = 0.9, s.nesterov = true, s.weight_decay = decay; }));
    for (const bool centered : {false, true}) {
      for (const double momentum : {0.0, 0.9}) {
        specs.push_back(with(
            rmsprop, [&](auto& s) { s.centered = centered, s.momentum = momentum, s.weight_decay = decay, s.eps = 0.01; }));
      }
    }
    specs.push_back(with(rmsprop_dqn2015, [&](auto& s) { s.weight_decay = decay; }));
    for (const OptimizerKind kind : {adam, adam_keras, adamw}) {
      specs.push_back(with(kind, [&](auto& s) { s.weight_decay = decay; }));
      specs.push_back(with(kind, [&](auto& s) { s.amsgrad = true, s.weight_decay = decay, s.beta2 = 0.6, s.eps = 0.1; }));
    }
    specs.push_back(with(radam, [&](auto& s) { s.weight_decay = decay; }));
  }
  return specs;
}

}  // namespace

TEST_CASE("Every update rule agrees with its textbook form over twenty steps") {
  const auto backend = make_backend(GENERATE(from_range(every_backend())));
  constexpr std::size_t kParameters = 19;
  for (const OptimizerSpec& spec : many_specs()) {
    INFO(to_string(spec.kind) << ", momentum " << spec.momentum << ", weight decay " << spec.weight_decay << ", amsgrad "
                              << spec.amsgrad << ", centered " << spec.centered << ", nesterov " << spec.nesterov);
    Generator random(9);
    const std::vector<Real> start = random_reals(kParameters, random);
    auto p = on(*backend, start);
    Optimizer optimizer(*backend, spec, kParameters);
    std::vector<double> expected(start.begin(), start.end());
    std::vector<Textbook> textbook(kParameters, Textbook(spec));
    for (int step = 1; step <= 20; ++step) {
      const std::vector<Real> g = random_reals(kParameters, random);
      optimizer.step(p.span(), on(*backend, g).span());
      for (std::size_t i = 0; i < kParameters; ++i) expected[i] = textbook[i].step(expected[i], static_cast<double>(g[i]));
      REQUIRE(difference(p.to_host(), expected, kIsDouble ? 1e-11 : 1e-4, kIsDouble ? 1e-12 : 1e-5) == "");
    }
    CHECK(optimizer.steps() == 20);
    CHECK(difference(p.to_host(), start) != "");
  }
}

TEST_CASE("The state arrays are named as PyTorch names them, and there are no others") {
  using enum OptimizerKind;
  const auto backend = make_backend("reference");
  const auto names = [&](const OptimizerSpec& spec) {
    std::string all;
    for (const auto& [name, state] : Optimizer(*backend, spec, 3).state()) {
      CHECK(state.size() == 3);
      all += (all.empty() ? "" : " ") + name;
    }
    return all;
  };
  CHECK(names(with(sgd, [](auto&) {})).empty());
  CHECK(names(with(sgd, [](auto& s) { s.momentum = 0.9; })) == "momentum_buffer");
  CHECK(names(with(rmsprop, [](auto&) {})) == "square_avg");
  CHECK(names(with(rmsprop, [](auto& s) { s.centered = true, s.momentum = 0.9; })) == "square_avg grad_avg momentum_buffer");
  CHECK(names(with(rmsprop_dqn2015, [](auto&) {})) == "square_avg grad_avg");
  CHECK(names(with(adam, [](auto&) {})) == "exp_avg exp_avg_sq");
  CHECK(names(with(adamw, [](auto& s) { s.amsgrad = true; })) == "exp_avg exp_avg_sq max_exp_avg_sq");
  CHECK(names(with(radam, [](auto&) {})) == "exp_avg exp_avg_sq");
}

TEST_CASE("The defaults are those of the programs the rules come from") {
  using enum OptimizerKind;
  CHECK(default_spec(sgd).lr == 1e-3);
  CHECK(default_spec(rmsprop).lr == 1e-2);
  CHECK(default_spec(rmsprop).alpha == 0.99);
  CHECK(default_spec(rmsprop).eps == 1e-8);
  CHECK(default_spec(rmsprop_dqn2015).lr == 2.5e-4);
  CHECK(default_spec(rmsprop_dqn2015).alpha == 0.95);
  CHECK(default_spec(rmsprop_dqn2015).eps == 0.01);
  for (const OptimizerKind kind : {adam, adamw, radam}) {
    CHECK(default_spec(kind).lr == 1e-3);
    CHECK(default_spec(kind).beta1 == 0.9);
    CHECK(default_spec(kind).beta2 == 0.999);
    CHECK(default_spec(kind).eps == 1e-8);
    CHECK(default_spec(kind).weight_decay == (kind == adamw ? 1e-2 : 0.0));
  }
  CHECK(default_spec(adam_keras).eps == 1e-7);
  for (const OptimizerKind kind : {sgd, rmsprop, rmsprop_dqn2015, adam, adam_keras, adamw, radam}) {
    CHECK(default_spec(kind).kind == kind);
    CHECK_NOTHROW(validate(default_spec(kind)));
    CHECK(parse_optimizer(std::string(to_string(kind))) == kind);
  }
  CHECK(contains(error_message([] { parse_optimizer("addam"); }), "Did you mean 'adam'?"));
}

TEST_CASE("A hyperparameter out of its range is named with the range") {
  using enum OptimizerKind;
  const auto problem = [](const OptimizerSpec& spec) { return error_message([&] { validate(spec); }); };
  CHECK(problem(with(adam, [](auto& s) { s.lr = -1; })) == "the optimiser's lr has to be in [0, inf), got -1");
  CHECK(contains(problem(with(adam, [](auto& s) { s.lr = std::nan(""); })), "lr has to be in [0, inf)"));
  CHECK(contains(problem(with(adam, [](auto& s) { s.lr = HUGE_VAL; })), "lr has to be in [0, inf)"));
  CHECK(contains(problem(with(adam, [](auto& s) { s.beta1 = 1; })), "beta1 has to be in [0, 1), got 1"));
  CHECK(contains(problem(with(adam, [](auto& s) { s.beta2 = 1.5; })), "beta2 has to be in [0, 1)"));
  CHECK(contains(problem(with(adam, [](auto& s) { s.eps = -1e-9; })), "eps has to be in [0, inf)"));
  CHECK(contains(problem(with(rmsprop, [](auto& s) { s.alpha = 1; })), "alpha has to be in [0, 1)"));
  CHECK(contains(problem(with(adamw, [](auto& s) { s.weight_decay = -0.1; })), "weight_decay has to be in [0, inf)"));
  CHECK(contains(problem(with(sgd, [](auto& s) { s.momentum = -0.1; })), "momentum has to be in [0, inf)"));
  CHECK(contains(problem(with(sgd, [](auto& s) { s.nesterov = true; })), "Nesterov's form needs a momentum"));
  CHECK(contains(problem(with(radam, [](auto& s) { s.amsgrad = true; })), "no AMSGrad form of radam"));
  CHECK(contains(problem(with(sgd, [](auto& s) { s.amsgrad = true; })), "no AMSGrad form of sgd"));
  const auto backend = make_backend("reference");
  CHECK(contains(error_message([&] { Optimizer(*backend, with(adam, [](auto& s) { s.lr = -1; }), 3); }), "lr"));
  CHECK(contains(error_message([&] { Optimizer(*backend, {}, 0); }), "at least one parameter"));
  Optimizer optimizer(*backend, {}, 3);
  CHECK(contains(error_message([&] { optimizer.set_learning_rate(-2); }), "got -2"));
  CHECK(optimizer.spec().lr == 1e-3);
  Buffer<Real> two(*backend, 2), three(*backend, 3);
  CHECK(error_message([&] { optimizer.step(two.span(), two.span()); }) ==
        "this optimiser works on 3 parameters, got 2 and 2 gradients");
  CHECK(error_message([&] { optimizer.step(three.span(), two.span()); }) ==
        "this optimiser works on 3 parameters, got 3 and 2 gradients");
  CHECK(optimizer.steps() == 0);
}

TEST_CASE("A new learning rate counts from the next step on") {
  const auto backend = make_backend("reference");
  auto p = on(*backend, {1});
  const auto g = on(*backend, {1});
  Optimizer optimizer(*backend, with(OptimizerKind::sgd, [](auto& s) { s.lr = 0.5; }), 1);
  optimizer.step(p.span(), g.span());
  optimizer.set_learning_rate(0.25);
  optimizer.step(p.span(), g.span());
  CHECK(p.to_host() == std::vector<Real>{0.25});
}

// Story: a unit of a ReLU layer that is never active again gives zero gradients for ever, and the averages decay towards
// zero. Rounded to nearest, a denormal times 0.9 can stay the same denormal, and each of its multiplications is slow.
TEST_CASE("Thousands of steps with zero gradients leave no denormal numbers in an optimiser's state") {
  const std::string name = GENERATE(from_range(every_backend()));
  const auto backend = make_backend(name);
  const auto kind = GENERATE(OptimizerKind::sgd, OptimizerKind::rmsprop, OptimizerKind::adam, OptimizerKind::radam);
  constexpr std::size_t kParameters = 37;
  const auto denormals_after = [&](bool in_a_step) {
    Generator random(10);
    auto p = on(*backend, random_reals(kParameters, random)), g = on(*backend, random_reals(kParameters, random));
    Optimizer optimizer(*backend, with(kind, [](auto& s) { s.momentum = s.alpha = s.beta1 = s.beta2 = 0.8; }), kParameters);
    for (int step = 0; step < 5010; ++step) {
      if (step == 10) backend->fill(g.span(), 0);
      if (in_a_step) {
        const StepScope scope(*backend);
        optimizer.step(p.span(), g.span());
      } else {
        optimizer.step(p.span(), g.span());
      }
    }
    int count = 0;
    for (const auto& [array, state] : optimizer.state()) {
      for (const Real value : to_host(*backend, state)) count += std::fpclassify(value) == FP_SUBNORMAL ? 1 : 0;
    }
    for (const Real value : p.to_host()) CHECK(std::isfinite(value));
    return count;
  };
  CHECK(denormals_after(true) == 0);
  if (name == "reference") CHECK(denormals_after(false) > 0);  // otherwise there was nothing to flush
}
