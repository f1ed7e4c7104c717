#include "rl/dqn_step.h"

#include <algorithm>
#include <functional>

#include "nn/gradient_check.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"

using namespace handgrad;

// Linear networks of one input and two actions, worked out by hand. Online Q(s) = (s, 0), target Q⁻(s) = (2s, 5s).
// The transition: s = 2, a = 1, r = 1, s' = 1, discount 1/2. Online would choose action 0 in s', target action 1.
TEST_CASE("In double Q-learning the online network chooses, the target network judges, and the gradient is that of s") {
  const auto backend = make_backend(GENERATE(from_range(every_backend())));
  const bool double_q = GENERATE(false, true);
  DqnConfig config;
  config.hidden = {};
  config.batch_size = 1;
  config.double_q = double_q;
  config.loss = {LossKind::mse};
  config.optimizer = default_spec(OptimizerKind::sgd);
  config.optimizer.lr = 0.125;
  Generator random(0);
  DqnStep step(*backend, config, 1, 2, 1, random);
  step.online().set_parameters(std::vector<Real>{1, 0, 0, 0});  // W, then b
  step.target().set_parameters(std::vector<Real>{2, 5, 0, 0});
  const auto s = on(*backend, {2}), next = on(*backend, {1}), reward = on(*backend, {1}), discount = on(*backend, {0.5});
  const auto action = indices_on(*backend, {1});
  step.run({s.matrix(1, 1), action.span(), reward.span(), discount.span(), next.matrix(1, 1)});

  const Real y = double_q ? 1 + Real(0.5) * 2 : 1 + Real(0.5) * 5;
  CHECK(to_host(*backend, step.td_errors()) == std::vector<Real>{y});
  CHECK(step.loss().value() == static_cast<double>(y * y));
  // dW = 2 (0 - y) s = -4y and db = -2y, for the chosen action alone; an eighth of each is subtracted.
  CHECK(step.online().parameters_to_host() == std::vector<Real>{1, y / 2, 0, y / 4});
  CHECK(step.target().parameters_to_host() == std::vector<Real>{2, 5, 0, 0});
}

TEST_CASE("The target network follows by tau, or becomes a copy") {
  const auto backend = make_backend(GENERATE(from_range(every_backend())));
  DqnConfig config;
  config.hidden = {};
  config.batch_size = 1;
  config.target.kind = TargetUpdate::Kind::soft;
  config.target.tau = 0.25;
  Generator random(0);
  DqnStep step(*backend, config, 1, 2, 1, random);
  CHECK(same_bits(step.online().parameters_to_host(), step.target().parameters_to_host()));
  step.online().set_parameters(std::vector<Real>{4, 8, 0, -4});
  step.target().set_parameters(std::vector<Real>{0, 0, 4, 4});
  step.follow();
  CHECK(step.target().parameters_to_host() == std::vector<Real>{1, 2, 3, 2});
  step.copy_to_target();
  CHECK(step.target().parameters_to_host() == std::vector<Real>{4, 8, 0, -4});
}

namespace {

/// Two transitions on linear networks of one input and three actions, Q(s) = (s, 2s, 0) online and Q⁻(s) = (3s, 5s, 7s):
/// s = 1, a = 1, r = 1, s' = 2, discount 1/2, so y = 1 + 14/2 = 8;  s = 2, a = 0, r = -1, terminated, so y = -1.
/// One step of SGD with learning rate 1 leaves minus the gradient as the change of the parameters.
struct ByHand {
  explicit ByHand(const std::function<void(DqnConfig&)>& change)
      : backend(make_backend(GENERATE(from_range(every_backend())))) {
    DqnConfig config;
    config.hidden = {};
    config.batch_size = 2;
    config.loss = {LossKind::mse};
    config.optimizer = default_spec(OptimizerKind::sgd);
    config.optimizer.lr = 1;
    change(config);
    Generator random(0);
    DqnStep step(*backend, config, 1, 3, 2, random);
    step.online().set_parameters(kOnline);
    step.target().set_parameters(std::vector<Real>{3, 5, 7, 0, 0, 0});
    const auto s = on(*backend, {1, 2}), next = on(*backend, {2, 4}), reward = on(*backend, {1, -1}),
               discount = on(*backend, {0.5, 0});
    const auto action = indices_on(*backend, {1, 0});
    step.run({s.matrix(2, 1), action.span(), reward.span(), discount.span(), next.matrix(2, 1)});
    loss = step.loss().value();
    td_errors = to_host(*backend, step.td_errors());
    gradient = step.online().parameters_to_host();
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = kOnline[i] - gradient[i];
  }

  static const std::vector<Real> kOnline;
  std::unique_ptr<Backend> backend;
  double loss = 0;
  std::vector<Real> td_errors, gradient;
};

const std::vector<Real> ByHand::kOnline = {1, 2, 0, 0, 0, 0};  // W, then b

/// The loss and its gradient where T [2, 3] are the targets of all actions: a mean or sum over all six.
void check_targets(const ByHand& got, const std::vector<double>& T, double scale) {
  const std::vector<double> s = {1, 2}, w = {1, 2, 0};
  double loss = 0;
  std::vector<double> gradient(6, 0.0);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      const double d = w[j] * s[i] - T[3 * i + j];
      loss += scale * d * d;
      gradient[j] += scale * 2 * d * s[i];
      gradient[3 + j] += scale * 2 * d;
    }
  }
  CHECK(got.loss == Approx(loss));
  CHECK(difference(got.gradient, gradient) == "");
}

}  // namespace

TEST_CASE("A loss over all actions takes the others' targets from the target network in s, or in s'") {
  SECTION("in s") {
    check_targets(ByHand([](DqnConfig& c) { c.loss_over = LossOver::all; }), {3, 8, 7, -1, 10, 14}, 1.0 / 6);
  }
  SECTION("in s'") {
    const ByHand got([](DqnConfig& c) {
      c.loss_over = LossOver::all;
      c.untaken = Untaken::target_next;
    });
    check_targets(got, {6, 8, 14, -1, 20, 28}, 1.0 / 6);
    CHECK(got.td_errors.empty());
  }
  SECTION("summed") {
    const ByHand got([](DqnConfig& c) {
      c.loss_over = LossOver::all;
      c.loss.reduction = Reduction::sum;
    });
    check_targets(got, {3, 8, 7, -1, 10, 14}, 1);
  }
}

TEST_CASE("A loss over all actions whose other targets are their values is that over the taken one, divided by A") {
  const auto all_online = [](DqnConfig& c) {
    c.loss_over = LossOver::all;
    c.untaken = Untaken::online_s;
  };
  const std::vector<double> T = {1, 8, 0, -1, 4, 0};
  SECTION("mean") {
    const ByHand got(all_online);
    check_targets(got, T, 1.0 / 6);
    CHECK(got.td_errors == std::vector<Real>{6, -3});
  }
  SECTION("sum") {
    check_targets(ByHand([&](DqnConfig& c) {
                    all_online(c);
                    c.loss.reduction = Reduction::sum;
                  }),
                  T, 1);
  }
  SECTION("without it, undivided, whatever untaken says") {
    check_targets(ByHand([](DqnConfig& c) { c.untaken = Untaken::target_next; }), T, 1.0 / 2);
  }
}

TEST_CASE("The gradient of a loss over all actions through a whole network agrees with finite differences") {
  const auto backend = make_backend(GENERATE(as<std::string>{}, "reference", default_backend()));
  constexpr std::int64_t B = 6, D = 3, A = 4;
  DqnConfig config;
  config.hidden = {7, 5};
  config.activation = Activation::tanh;  // no kinks
  config.batch_size = B;
  config.loss = {GENERATE(LossKind::mse, LossKind::smooth_l1), 100.0};
  config.loss_over = LossOver::all;
  config.untaken = GENERATE(Untaken::target_s, Untaken::target_next);
  config.target.initial = TargetUpdate::Initial::independent;
  config.optimizer = default_spec(OptimizerKind::sgd);
  config.optimizer.lr = 0;
  Generator random(3);
  DqnStep step(*backend, config, D, A, B, random);
  const auto s = on(*backend, random_reals(B * D, random)), next = on(*backend, random_reals(B * D, random));
  const auto reward = on(*backend, random_reals(B, random)), discount = on(*backend, random_reals(B, random, 0, 1));
  const auto action = indices_on(*backend, {0, 3, 1, 1, 2, 0});
  const auto loss = [&](ConstVector parameters) {
    step.online().set_parameters(parameters);
    step.run({s.matrix(B, D), action.span(), reward.span(), discount.span(), next.matrix(B, D)});
    return step.loss().value();
  };
  std::vector<Real> parameters = step.online().parameters_to_host();
  loss(parameters);
  const std::vector<Real> gradient = to_host(*backend, step.online().gradients());
  const GradientCheck check = check_gradient(loss, parameters, gradient);
  CHECK(check.norm > 1e-3);
  CHECK(check.max_relative_error < (kIsDouble ? 1e-6 : 0.1));
}

TEST_CASE("An independent target network differs until it first follows, and the online network is the same as ever") {
  const auto backend = make_backend(GENERATE(from_range(every_backend())));
  DqnConfig config;
  config.hidden = {4};
  config.batch_size = 1;
  Generator random(8), same(8);
  DqnStep copied(*backend, config, 2, 2, 1, random);
  config.target.initial = TargetUpdate::Initial::independent;
  DqnStep independent(*backend, config, 2, 2, 1, same);
  CHECK(same_bits(copied.online().parameters_to_host(), independent.online().parameters_to_host()));
  CHECK(same_bits(copied.online().parameters_to_host(), copied.target().parameters_to_host()));
  const std::vector<Real> first = independent.target().parameters_to_host();
  CHECK_FALSE(same_bits(first, independent.online().parameters_to_host()));
  CHECK(std::none_of(first.begin(), first.end(), [](Real x) { return x == 0; }));
  independent.follow();
  CHECK(same_bits(independent.online().parameters_to_host(), independent.target().parameters_to_host()));
}
