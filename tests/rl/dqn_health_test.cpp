#include "rl/dqn_health.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/backends.h"
#include "core/reference_backend.h"
#include "rl/dqn.h"
#include "tests/support/backends.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

// Two layers of such parameters give a product that no Real can hold.
constexpr double kFarTooLarge = sizeof(Real) == sizeof(double) ? 1e300 : 1e30;

constexpr const char* kNothing = "(nothing was thrown)";

DqnConfig small() {
  DqnConfig config;
  config.hidden = {8};
  config.batch_size = 4;
  config.replay_capacity = 100;
  config.loss.kind = LossKind::mse;
  config.target = {.kind = TargetUpdate::Kind::hard, .every = 1000};
  return config;
}

/// Shows a learner so many steps of an environment that stands still and gives the same reward for ever. Returns the message
/// of what it throws.
std::string learn(Dqn& dqn, int steps, double reward = 1.0, bool fetch = false,
                  const std::vector<float>& observation = {0.1F, -0.2F}) {
  const std::vector<double> rewards = {reward};
  const std::vector<std::uint8_t> no = {0};
  return error_message([&] {
    dqn.start(observation);
    for (int c = 1; c <= steps; ++c) {
      dqn.observe(std::vector<std::int32_t>{0}, {observation, observation, rewards, no, no, no},
                  {.env_steps = c, .episodes = 0});
      if (fetch) dqn.take_mean_loss();
    }
  });
}

template <class Change>
std::string health_after(Change change) {
  const auto backend = make_backend("unreadable");
  Dqn dqn(*backend, small(), 2, 2, 1, 1);
  REQUIRE(learn(dqn, 10) == kNothing);
  dqn.check_health();
  change(dqn.step());
  return error_message([&] { dqn.check_health(); });
}

// The element of an array that is const for everyone else.
void spoil(Backend& backend, ConstVector array, std::size_t index, Real value) {
  backend.upload(const_cast<Real*>(array.data()) + index, &value, sizeof value);
}

std::vector<Real> host_copy(Backend& backend, ConstVector array) {
  std::vector<Real> host(array.size());
  backend.download(host.data(), array.data(), array.size_bytes());
  return host;
}

constexpr Real kNan = std::numeric_limits<Real>::quiet_NaN(), kInfinity = std::numeric_limits<Real>::infinity();

}  // namespace

TEST_CASE("a learning rate that is far too large stops a run at the step at which it shows, with every optimiser") {
  for (const std::string& name : every_backend()) {
    if (name == "checked") continue;  // two backends do not agree on what overflows, which it tells first
    for (const OptimizerKind kind :
         {OptimizerKind::sgd, OptimizerKind::rmsprop, OptimizerKind::rmsprop_dqn2015, OptimizerKind::adam,
          OptimizerKind::adam_keras, OptimizerKind::adamw, OptimizerKind::radam}) {
      CAPTURE(name, to_string(kind));
      const auto backend = make_backend(name);
      DqnConfig config = small();
      config.optimizer = default_spec(kind);
      config.optimizer.lr = kFarTooLarge;
      Dqn dqn(*backend, config, 2, 2, 1, 1);
      const std::string message = learn(dqn, 30);
      CHECK(message.starts_with(text("train step ", dqn.train_steps(), ": parameter 0.weight[")));
      CHECK(dqn.train_steps() <= 4);
      CHECK(contains(message, "] is "));
      CHECK(contains(message, "the loss is "));
      CHECK(contains(message, "): learning has diverged. Lower optimizer.lr, or clip gradients (clip.kind)."));
    }
  }
}

TEST_CASE("what is not finite is named by kind, layer, place and value, parameters first") {
  CHECK(contains(
      health_after([](DqnStep& step) {
        spoil(step.backend(), step.online().parameters(), 24, -kInfinity);
        spoil(step.backend(), step.online().gradients(), 3, kNan);
        spoil(step.backend(), step.target().parameters(), 0, kNan);
      }),
      "train step 7: parameter 2.weight[0, 0] is -inf (the gradient of 0.weight[1, 1] is nan): learning has diverged"));
  CHECK(contains(health_after([](DqnStep& step) { spoil(step.backend(), step.online().gradients(), 23, kInfinity); }),
                 "train step 7: the gradient of 0.bias[7] is inf: learning has diverged"));
  CHECK(contains(health_after([](DqnStep& step) { spoil(step.backend(), step.target().parameters(), 41, kNan); }),
                 "train step 7: the target network's 2.bias[1] is nan"));
  CHECK(contains(
      health_after([](DqnStep& step) { spoil(step.backend(), step.optimizer().state().at(1).second, 40, kInfinity); }),
      "train step 7: the optimiser's exp_avg_sq of 2.bias[0] is inf: gradients are too large to be squared"));
}

TEST_CASE("a loss that overflows is told though every parameter is finite") {
  const auto backend = make_backend("reference");
  DqnConfig config = small();
  config.optimizer = default_spec(OptimizerKind::sgd);
  config.optimizer.lr = 1e-30;
  Dqn dqn(*backend, config, 2, 2, 1, 1);
  const double reward = 1e-10 * static_cast<double>(std::numeric_limits<Real>::max());
  CHECK(learn(dqn, 10, reward) ==
        "train step 1: the loss is inf: learning has diverged. Lower optimizer.lr, or clip gradients "
        "(clip.kind).");
}

TEST_CASE("large numbers stop nothing as long as they are finite, though their squares are not") {
  for (const std::string& name : every_backend()) {
    CAPTURE(name);
    const auto backend = make_backend(name);
    DqnConfig config = small();
    config.optimizer = default_spec(OptimizerKind::sgd);
    config.optimizer.lr = 1e-28;
    Dqn dqn(*backend, config, 2, 2, 1, 1);
    // Multiplied by an observation of 0 it takes no part, but the norm of the parameters overflows.
    spoil(*backend, dqn.step().online().parameters(), 1, Real(1e25));
    // Errors of 1e18, whose squares a float just holds, times observations of 1e7.
    CHECK(learn(dqn, 10, 1e18, true, {1e7F, 0.0F}) == kNothing);
    CHECK(dqn.train_steps() == 7);
    const std::vector<Real> gradients = host_copy(*backend, dqn.step().online().gradients());
    CHECK(std::ranges::max(gradients) > Real(1e23));
    dqn.check_health();
  }
}

TEST_CASE("gradients too large to be squared spoil Adam's state, which is told when the mean loss is fetched") {
  const auto backend = make_backend("reference");
  Dqn dqn(*backend, small(), 2, 2, 1, 1);
  REQUIRE(learn(dqn, 10) == kNothing);
  spoil(*backend, dqn.step().optimizer().state().at(1).second, 5, kInfinity);
  CHECK(contains(error_message([&] { dqn.take_mean_loss(); }),
                 "train step 7: the optimiser's exp_avg_sq of 0.weight[2, 1] is inf"));
}

TEST_CASE("a reward that no Real can hold is refused by its value") {
  if (sizeof(Real) == sizeof(double)) return;
  const auto backend = make_backend("reference");
  Dqn dqn(*backend, small(), 2, 2, 1, 1);
  CHECK(learn(dqn, 10, 1e300) == "the reward 1e+300 of environment 0 is not finite in 32 bits: scale rewards down");
}

TEST_CASE("of a device the numbers are looked at when the mean loss is fetched") {
  // A backend that behaves as one on a device: whoever downloads waits.
  class Distant : public ReferenceBackend {
   public:
    bool reads_at_once() const override { return false; }
  };
  Distant backend;
  DqnConfig config = small();
  config.optimizer.lr = kFarTooLarge;
  Dqn dqn(backend, config, 2, 2, 1, 1);
  CHECK(learn(dqn, 12) == kNothing);
  CHECK(contains(error_message([&] { dqn.take_mean_loss(); }), "train step 9: parameter 0.weight["));
  CHECK(contains(error_message([&] { dqn.check_health(); }), "train step 9: parameter 0.weight["));
}
