#include "rl/trainer.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <tuple>

#include "core/backends.h"
#include "envs/registry.h"
#include "rl/dqn.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

/// A corridor of cells 0 to 4, starting in cell 0: action 1 goes right, action 0 goes back to the start. Cell 4 ends the
/// episode with reward 1; time runs out after `limit` steps.
class Corridor : public Environment {
 public:
  const Space& observation_space() const override { return observations_; }
  const Discrete& action_space() const override { return actions_; }
  void reset(std::optional<std::uint64_t>, std::span<float> observation) override {
    cell_ = 0;
    observation[0] = 0;
  }
  StepResult step(std::int64_t action, std::span<float> observation) override {
    cell_ = action == 1 ? cell_ + 1 : 0;
    observation[0] = static_cast<float>(cell_) / 4;
    return {.reward = cell_ == 4 ? 1.0 : 0.0, .terminated = cell_ == 4};
  }

 private:
  Space observations_ = Box{{0}, {1}};
  Discrete actions_{2};
  int cell_ = 0;
};

std::unique_ptr<Environment> corridor() { return std::make_unique<TimeLimit>(std::make_unique<Corridor>(), 30); }

/// Always goes right, or always back: a learner with nothing to learn, which remembers what it was shown.
class Fixed : public Learner {
 public:
  explicit Fixed(std::int32_t action) : action_(action) {}
  void start(std::span<const float> observations) override { shown.assign(observations.begin(), observations.end()); }
  void act(std::span<const float>, const Progress&, std::span<std::int32_t> actions) override {
    std::ranges::fill(actions, action_);
  }
  void observe(std::span<const std::int32_t>, const VectorStep& step, const Progress& progress) override {
    ends += step.terminated[0] + step.truncated[0];
    last = progress;
  }
  void act_greedily(std::span<const float>, std::span<std::int32_t> actions) override { std::ranges::fill(actions, action_); }
  double epsilon(const Progress&) const override { return 0.25; }
  std::int64_t train_steps() const override { return 0; }
  std::optional<double> take_mean_loss() override { return std::nullopt; }
  std::vector<NamedArray> model() const override { return {{"action", {1}, {static_cast<float>(action_)}}}; }
  void load_model(const std::vector<NamedArray>&) override {}
  void serialize(StateArchive&) override {}

  std::vector<float> shown;
  int ends = 0;
  Progress last;

 private:
  std::int32_t action_;
};

Trainer trainer(const TrainerConfig& config, std::int32_t action = 1, std::int64_t environments = 1) {
  return Trainer(config, std::make_unique<SyncVectorEnvironment>(corridor, environments, AutoresetMode::same_step),
                 std::make_unique<Fixed>(action), corridor, 1);
}

}  // namespace

TEST_CASE("the training loop counts episodes, steps, returns and lengths") {
  Trainer run = trainer({.max_episodes = 3});
  std::vector<EpisodeRecord> records;
  CHECK(run.run({.on_episode = [&](const EpisodeRecord& record) { records.push_back(record); }}) == StopReason::episodes);
  REQUIRE(records.size() == 3);
  for (std::int64_t k = 0; k < 3; ++k) {
    const EpisodeRecord& record = records[static_cast<std::size_t>(k)];
    CHECK(record.episode == k + 1);
    CHECK(record.env_step == 4 * (k + 1));
    CHECK(record.length == 4);
    CHECK(record.episode_return == 1.0);
    CHECK(record.terminated);
    CHECK_FALSE(record.truncated);
    CHECK(record.epsilon == 0.25);
    CHECK_FALSE(record.loss_mean.has_value());
  }
  CHECK(run.recent_return_mean() == 1.0);
}

TEST_CASE("a time limit truncates and is told apart from an end") {
  Trainer run = trainer({.max_episodes = 1}, 0);
  run.run({.on_episode = [](const EpisodeRecord& record) {
    CHECK(record.length == 30);
    CHECK(record.episode_return == 0.0);
    CHECK(record.truncated);
    CHECK_FALSE(record.terminated);
  }});
  CHECK(run.progress().env_steps == 30);
}

TEST_CASE("parallel environments count together") {
  Trainer run = trainer({.max_env_steps = 12}, 1, 3);
  CHECK(run.run() == StopReason::env_steps);
  CHECK(run.progress().env_steps == 12);
  CHECK(run.progress().episodes == 3);
}

TEST_CASE("evaluations come when they are due, and the best is kept") {
  TrainerConfig config{.max_env_steps = 40, .evaluate_every_env_steps = 10, .evaluation_episodes = 100};
  config.solved_threshold = 1.0;
  Trainer run = trainer(config);
  std::vector<std::int64_t> at;
  run.run({.on_evaluation = [&](const EvaluationRecord& record) {
    at.push_back(record.env_step);
    CHECK(record.returns.mean == 1.0);
    CHECK(record.returns.episodes == 100);
    CHECK(record.best == (record.evaluation == 1));  // the earliest of equals
  }});
  CHECK(at == std::vector<std::int64_t>{10, 20, 30, 40});
  CHECK(run.best_evaluation_mean() == 1.0);
  CHECK(run.solved_at_env_step() == 10);
  CHECK(run.best_model().at(0).values.at(0) == 1.0F);
}

TEST_CASE("an evaluation of fewer than 100 episodes solves nothing") {
  TrainerConfig config{.max_env_steps = 10, .evaluate_every_env_steps = 10, .evaluation_episodes = 99};
  config.solved_threshold = 1.0;
  Trainer run = trainer(config);
  run.run();
  CHECK(run.best_evaluation_mean() == 1.0);
  CHECK_FALSE(run.solved_at_env_step().has_value());
}

TEST_CASE("a run stops at its threshold") {
  TrainerConfig config{.max_episodes = 100, .evaluate_every_episodes = 5, .evaluation_episodes = 2};
  config.stop_threshold = 1.0;
  Trainer good = trainer(config), bad = trainer(config, 0);
  CHECK(good.run() == StopReason::threshold);
  CHECK(good.progress().episodes == 5);
  CHECK(bad.run() == StopReason::episodes);
}

TEST_CASE("a callback stops a run, and the next call goes on from there") {
  Trainer run = trainer({.max_env_steps = 20});
  CHECK(run.run({.on_step = [](const Progress& progress) { return progress.env_steps < 7; }}) == StopReason::callback);
  CHECK(run.progress().env_steps == 7);
  CHECK(run.run() == StopReason::env_steps);
  CHECK(run.progress().env_steps == 20);
  CHECK(run.progress().episodes == 5);
}

namespace {

std::unique_ptr<Environment> cartpole() { return Registry::gymnasium().make("CartPole-v1"); }

/// Where CartPole begins nothing is larger than 0.05, and after pushes to one side something is.
bool is_start(std::span<const float> observation) {
  return std::ranges::all_of(observation, [](float x) { return std::abs(x) <= 0.05F; });
}

/// Pushes at random in training, always to the left in evaluations, and remembers where the episodes of both began.
class StartsOfCartPole : public Fixed {
 public:
  StartsOfCartPole() : Fixed(0) {}
  void act(std::span<const float> observations, const Progress&, std::span<std::int32_t> actions) override {
    if (begins_) training.emplace_back(observations.begin(), observations.end());
    seen.insert(seen.end(), observations.begin(), observations.end());
    actions[0] = static_cast<std::int32_t>(random_.integers(0, 2));
  }
  void act_greedily(std::span<const float> observations, std::span<std::int32_t> actions) override {
    if (is_start(observations))
      evaluation.emplace_back(training.size(), std::vector(observations.begin(), observations.end()));
    Fixed::act_greedily(observations, actions);
  }
  void observe(std::span<const std::int32_t>, const VectorStep& step, const Progress&) override {
    begins_ = step.terminated[0] != 0 || step.truncated[0] != 0;
  }
  std::vector<std::vector<float>> training;
  std::vector<std::pair<std::size_t, std::vector<float>>> evaluation;  ///< with the number of training episodes begun before
  std::vector<float> seen;                                             ///< all that training saw

 private:
  Generator random_{7};
  bool begins_ = true;
};

struct ClonedRun {
  explicit ClonedRun(TrainerConfig config)
      : trainer((config.max_episodes = 12, config),
                std::make_unique<SyncVectorEnvironment>(cartpole, 1, AutoresetMode::same_step),
                std::make_unique<StartsOfCartPole>(), cartpole, 5) {
    trainer.run();
  }
  const StartsOfCartPole& learner() const { return dynamic_cast<const StartsOfCartPole&>(trainer.learner()); }
  Trainer trainer;
};

constexpr auto kClone = EvaluationEnvironment::clone;

}  // namespace

TEST_CASE("evaluations in a copy of the training environment begin where the next training episodes will") {
  const ClonedRun run({.evaluate_every_episodes = 3, .evaluation_episodes = 2, .evaluation_environment = kClone});
  const auto& [training, evaluation] = std::tie(run.learner().training, run.learner().evaluation);
  REQUIRE(evaluation.size() == 8);
  for (std::size_t k = 0; k < 6; ++k) {  // what would follow the last ones is not played any more
    CHECK(evaluation[k].first == 3 * (k / 2 + 1));
    CHECK(evaluation[k].second == training.at(evaluation[k].first + k % 2));
  }
}

TEST_CASE("evaluations in a copy of an environment in the middle of an episode begin with a reset") {
  const ClonedRun run({.evaluate_every_env_steps = 5, .evaluation_episodes = 1, .evaluation_environment = kClone});
  const auto& [training, evaluation] = std::tie(run.learner().training, run.learner().evaluation);
  REQUIRE(evaluation.size() > 10);
  for (const auto& [begun, start] : evaluation) {
    if (begun < training.size()) CHECK(start == training[begun]);
  }
}

TEST_CASE("training does not notice that it is evaluated, wherever that takes place") {
  const ClonedRun alone({}),
      clone({.evaluate_every_episodes = 2,
             .evaluate_every_env_steps = 7,
             .evaluation_episodes = 3,
             .evaluation_environment = kClone}),
      own({.evaluate_every_episodes = 2, .evaluation_episodes = 3});
  REQUIRE(alone.learner().evaluation.empty());
  REQUIRE_FALSE(clone.learner().evaluation.empty());
  CHECK(clone.learner().seen == alone.learner().seen);
  CHECK(own.learner().seen == alone.learner().seen);
}

TEST_CASE("evaluation episodes are cut off where asked for") {
  for (const auto environment : {EvaluationEnvironment::own, EvaluationEnvironment::clone}) {
    TrainerConfig config{.max_episodes = 1, .evaluate_every_episodes = 1, .evaluation_episodes = 4, .evaluation_max_steps = 6};
    config.evaluation_environment = environment;
    const ClonedRun run(config);
    CHECK(run.trainer.best_evaluation_mean() == 6.0);  // it takes 8 pushes to the left to fall
  }
  CHECK(contains(error_message([] { trainer({.max_episodes = 1, .evaluation_max_steps = -1}); }), "at least 0"));
}

TEST_CASE("a run without an end is refused") {
  CHECK(contains(error_message([] { trainer({}); }), "needs an end"));
}

TEST_CASE("DQN learns the corridor, whatever the seed") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const auto backend = make_backend(default_backend());
    DqnConfig config;
    config.hidden = {16};
    config.gamma = 0.9;
    config.optimizer.lr = 5e-3;
    config.target = {.kind = TargetUpdate::Kind::hard, .every = 50};
    config.epsilon = {.kind = Schedule::Kind::constant, .start = 0.5};
    Trainer run({.max_env_steps = 3000}, std::make_unique<SyncVectorEnvironment>(corridor, 1, AutoresetMode::same_step),
                std::make_unique<Dqn>(*backend, config, 1, 2, 1, seed), corridor, seed);
    run.run();
    // Going right four times is the only way to a return of 1 without a detour; a random policy takes 30 steps on average.
    const EvaluationResult result = run.evaluate_now(1, 1);
    CHECK(result.returns.at(0) == 1.0);
    CHECK(result.lengths.at(0) == 4);
  }
}

TEST_CASE("DQN on CartPole learns to balance far longer than chance") {
  const Registry registry = Registry::gymnasium();
  const auto backend = make_backend(default_backend());
  DqnConfig config;
  config.hidden = {32, 32};
  config.optimizer.lr = 2e-3;
  config.batch_size = 64;
  config.target = {.kind = TargetUpdate::Kind::soft, .every = 1, .unit = TargetUpdate::Unit::train_step, .tau = 0.02};
  config.epsilon = {.kind = Schedule::Kind::linear, .start = 1.0, .end = 0.05, .span = 3000};
  const auto cartpole = [&] { return registry.make("CartPole-v1"); };
  Trainer run({.max_env_steps = 10'000, .evaluate_every_env_steps = 1000, .evaluation_episodes = 20},
              std::make_unique<SyncVectorEnvironment>(cartpole, 1, AutoresetMode::same_step),
              std::make_unique<Dqn>(*backend, config, 4, 2, 1, 1), cartpole, 1);
  run.run();
  CHECK(run.best_evaluation_mean().value() > 150);  // a random policy reaches 22
}
