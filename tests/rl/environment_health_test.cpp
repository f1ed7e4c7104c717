#include "rl/environment_health.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/backends.h"
#include "rl/dqn.h"
#include "rl/tabular.h"
#include "rl/trainer.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity(), kNan = std::numeric_limits<double>::quiet_NaN();

/// What an environment does wrong, and in which of its steps (0: its first reset).
struct Mistake {
  std::int64_t step = -1;
  double reward = 0.0;     ///< that step's reward
  float value = 0.0F;      ///< that step's second component
  float after_end = 0.0F;  ///< second component of every reset that follows
};

/// Three components that count; ends after four steps.
class Mistaken : public Environment {
 public:
  explicit Mistaken(const Mistake& mistake) : mistake_(mistake) {}
  const Space& observation_space() const override { return observations_; }
  const Discrete& action_space() const override { return actions_; }
  void reset(std::optional<std::uint64_t>, std::span<float> observation) override {
    in_episode_ = 0;
    show(observation, steps_ == 0 ? (mistake_.step == 0 ? mistake_.value : 0.0F) : mistake_.after_end);
  }
  StepResult step(std::int64_t, std::span<float> observation) override {
    ++steps_;
    ++in_episode_;
    const bool wrong = steps_ == mistake_.step;
    show(observation, wrong ? mistake_.value : 0.0F);
    return {.reward = wrong ? mistake_.reward : 1.0, .terminated = in_episode_ == 4};
  }

 private:
  void show(std::span<float> observation, float value) const {
    observation[0] = static_cast<float>(in_episode_);
    observation[1] = value;
    observation[2] = 1.0F;
  }

  Mistake mistake_;
  Space observations_ = Box{{0, 0, 0}, {4, 1, 1}};
  Discrete actions_{2};
  std::int64_t steps_ = 0, in_episode_ = 0;
};

/// How a run of three environments ends of which number 1 makes a mistake.
std::string training_error(const Mistake& mistake, std::int64_t environments = 3) {
  const auto backend = make_backend("reference");
  DqnConfig config;
  config.hidden = {4};
  config.batch_size = 4;
  std::int64_t made = 0;
  const std::int64_t wrong = environments == 1 ? 0 : 1;
  const auto make = [&] { return std::make_unique<Mistaken>(made++ == wrong ? mistake : Mistake{}); };
  auto vector = std::make_unique<SyncVectorEnvironment>(make, environments, AutoresetMode::same_step);
  Trainer trainer({.max_env_steps = 20 * environments}, std::move(vector),
                  std::make_unique<Dqn>(*backend, config, 3, 2, environments, 1), make, 1);
  return error_message([&] { trainer.run(); });
}

std::string evaluation_error(const Mistake& mistake, bool vector_form) {
  const GreedyPolicy policy = [](std::span<const float>, std::span<std::int32_t> actions) { std::ranges::fill(actions, 0); };
  if (vector_form) {
    std::int64_t made = 0;
    const auto make = [&] { return std::make_unique<Mistaken>(made++ == 2 ? mistake : Mistake{}); };
    return error_message([&] { evaluate(policy, make, 5, 1); });
  }
  Mistaken environment(mistake);
  return error_message([&] { evaluate_in(policy, environment, {}, 5); });
}

}  // namespace

TEST_CASE("an environment whose numbers are not finite is named, with step, component and value") {
  const std::string none = "(nothing was thrown)";
  const std::string advice = ". Observations and rewards have to be finite: mend the environment";
  CHECK(training_error({}) == none);
  CHECK(training_error({.step = 6, .reward = kNan}) == "environment 1, step 6: the reward is nan" + advice);
  CHECK(training_error({.step = 6, .reward = -kInfinity}) == "environment 1, step 6: the reward is -inf" + advice);
  CHECK(training_error({.step = 4, .reward = kInfinity}, 1) == "environment 0, step 4: the reward is inf" + advice);
  CHECK(training_error({.step = 7, .value = HUGE_VALF}) ==
        "environment 1, step 7: component 1 of the observation is inf" + advice);
  CHECK(training_error({.step = 7, .value = NAN}, 1) ==
        "environment 0, step 7: component 1 of the observation is nan" + advice);
  CHECK(training_error({.step = 8, .value = NAN}) ==
        "environment 1, step 8: component 1 of the final observation is nan" + advice);
  CHECK(training_error({.step = 8, .value = -HUGE_VALF}, 1) ==
        "environment 0, step 8: component 1 of the final observation is -inf" + advice);
  CHECK(training_error({.after_end = NAN}) ==
        "environment 1, step 4: component 1 of the next episode's first observation is nan" + advice);
  CHECK(training_error({.step = 0, .value = NAN}) == "environment 1, reset: component 1 of the observation is nan" + advice);
}

TEST_CASE("numbers as large as there are disturb nobody") {
  CHECK(training_error({.step = 4, .reward = 1.0, .value = std::numeric_limits<float>::denorm_min()}) ==
        "(nothing was thrown)");
  const double most = std::numeric_limits<double>::max();
  std::vector<double> rewards = {most, -most};
  std::vector<float> observations(4, std::numeric_limits<float>::max());
  std::vector<float> rubbish(4, NAN);  // of an environment that did not end nobody reads the final observation
  std::vector<std::uint8_t> no = {0, 0};
  require_finite_step({observations, rubbish, rewards, no, no, no}, 2);
  no[1] = 1;
  CHECK(contains(error_message([&] {
                   require_finite_step({observations, rubbish, rewards, no, no, no}, 18);
                 }),
                 "environment 1, step 9: component 0 of the final observation is nan"));
}

TEST_CASE("evaluations look at what environments say, too") {
  for (const bool vector_form : {false, true}) {
    CAPTURE(vector_form);
    const std::string who =
        vector_form ? "the environment of evaluation episode 2, " : "the environment of evaluation episode 0, ";
    CHECK(evaluation_error({}, vector_form) == "(nothing was thrown)");
    CHECK(contains(evaluation_error({.step = 3, .reward = kNan}, vector_form), who + "step 3: the reward is nan."));
    CHECK(contains(evaluation_error({.step = 4, .value = HUGE_VALF}, vector_form),
                   who + "step 4: component 1 of the observation is inf."));
    CHECK(contains(evaluation_error({.step = 0, .value = NAN}, vector_form), who + "reset: component 1"));
  }
}

TEST_CASE("a table hears of an infinite reward before it learns from it") {
  int step = 0;
  const auto make = [&]() -> std::unique_ptr<Environment> {
    class Numbered : public Environment {
     public:
      explicit Numbered(int& step) : step_(step) {}
      const Space& observation_space() const override { return space_; }
      const Discrete& action_space() const override { return actions_; }
      void reset(std::optional<std::uint64_t>, std::span<float> observation) override { observation[0] = 0; }
      StepResult step(std::int64_t, std::span<float> observation) override {
        observation[0] = 1;
        return {.reward = ++step_ == 5 ? kInfinity : 1.0};
      }

     private:
      int& step_;
      Space space_ = Discrete{2};
      Discrete actions_{2};
    };
    return std::make_unique<Numbered>(step);
  };
  for (const TabularMethod method : all_tabular_methods()) {
    step = 0;
    TabularConfig config;
    config.method = method;
    config.alpha.start = 0.5;
    config.epsilon.start = 0.1;
    auto learner = std::make_unique<Tabular>(config, StateEncoder({}, Discrete{2}), 2, 1, 1);
    const Tabular& table = *learner;
    Trainer trainer({.max_env_steps = 50}, std::make_unique<SyncVectorEnvironment>(make, 1, AutoresetMode::same_step),
                    std::move(learner), make, 1);
    CHECK(contains(error_message([&] { trainer.run(); }), "environment 0, step 5: the reward is inf."));
    // The table itself is what it was, but the run may not go on.
    CHECK(std::ranges::all_of(table.tables().weights(), [](double q) { return std::isfinite(q); }));
  }
}

TEST_CASE("a table refuses observations that are not finite in the name of their environment") {
  const auto error = [](const Mistake& mistake) {
    TabularConfig config;
    config.alpha.start = 0.5;
    config.epsilon.start = 0.1;
    const FeatureSpec features{.kind = FeatureSpec::Kind::bins, .bins = {5, 2, 2}, .low = {0, -1, -1}, .high = {5, 1, 1}};
    const auto make = [&] { return std::make_unique<Mistaken>(mistake); };
    auto environments = std::make_unique<SyncVectorEnvironment>(make, 1, AutoresetMode::same_step);
    auto learner = std::make_unique<Tabular>(config, StateEncoder(features, environments->observation_space()), 2, 1, 1);
    Trainer trainer({.max_env_steps = 20}, std::move(environments), std::move(learner), make, 1);
    return error_message([&] { trainer.run(); });
  };
  CHECK(error({}) == "(nothing was thrown)");
  CHECK(contains(error({.step = 6, .value = HUGE_VALF}), "environment 0, step 6: component 1 of the observation is inf."));
  CHECK(contains(error({.step = 8, .value = NAN}), "environment 0, step 8: component 1 of the final observation is nan."));
  CHECK(contains(error({.after_end = NAN}),
                 "environment 0, step 4: component 1 of the next episode's first observation is nan."));
}
