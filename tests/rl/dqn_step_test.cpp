#include "rl/dqn_step.h"

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
