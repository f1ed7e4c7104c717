// A run in any environment, with any options, one by one or side by side, goes on exactly where it was written down.

#include "rl/trainer.h"
#include "tests/support/counting_environment.h"
#include "tests/support/error_message.h"
#include "tests/support/resume.h"

using namespace handgrad;
using test::expect_resumes_exactly;
using test::Game;
using test::Run;

namespace {

/// Acts at random and learns nothing: what differs after a resumption is the environment's.
class Random : public Learner {
 public:
  explicit Random(std::int64_t actions) : actions_(actions) {}
  void start(std::span<const float>) override {}
  void act(std::span<const float> observations, const Progress&, std::span<std::int32_t> actions) override {
    for (std::int32_t& action : actions) action = static_cast<std::int32_t>(stream_.integers(0, actions_));
    for (const float x : observations) seen_ += static_cast<double>(x);
  }
  void observe(std::span<const std::int32_t>, const VectorStep& step, const Progress&) override {
    for (const double reward : step.rewards) seen_ += reward;
  }
  void act_greedily(std::span<const float>, std::span<std::int32_t> actions) override { std::ranges::fill(actions, 0); }
  double epsilon(const Progress&) const override { return 1.0; }
  std::int64_t train_steps() const override { return 0; }
  std::optional<double> take_mean_loss() override { return seen_; }
  std::vector<NamedArray> model() const override { return {}; }
  void load_model(const std::vector<NamedArray>&) override {}
  void serialize(StateArchive& state) override {
    state.value("stream", stream_);
    state.value("seen", seen_);
  }

 private:
  std::int64_t actions_;
  Generator stream_{1};
  double seen_ = 0.0;  // so that any other observation shows
};

Run random_run(const Game& game, std::int64_t steps) {
  auto environments = game.all();
  auto learner = std::make_unique<Random>(environments->action_space().n);
  Run run;
  run.trainer = std::make_unique<Trainer>(
      TrainerConfig{.max_env_steps = steps * game.count}, std::move(environments), std::move(learner),
      [game] { return game.one(); }, 11);
  return run;
}

void expect_exact(const Game& game) {
  expect_resumes_exactly([&] { return random_run(game, 150); });
}

/// All there are, with whatever options make a difference to what they remember. Rooms' default refuses most random actions.
std::vector<Game> every_game() {
  std::vector<Game> games;
  const Registry registry = Registry::gymnasium();
  for (const EnvironmentSpec& spec : registry.list()) {
    games.push_back({.id = spec.id, .max_episode_steps = 40});
    if (spec.id.starts_with("Rooms")) games.back().options = {{"dynamics", std::string("doors_stay")}};
  }
  games.push_back({.id = "Taxi-v4", .options = {{"fickle_passenger", true}, {"is_rainy", true}, {"fickle_probability", 1.0}}});
  games.push_back({.id = "Acrobot-v1", .options = {{"torque_noise_max", 0.5}, {"book_or_nips", std::string("nips")}}});
  games.push_back({.id = "CartPole-v1", .options = {{"sutton_barto_reward", true}}});
  games.push_back({.id = "Blackjack-v1", .options = {{"sab", false}, {"natural", true}}});
  games.push_back({.id = "FrozenLake-v1", .max_episode_steps = -1});
  return games;
}

}  // namespace

TEST_CASE("Every environment resumes exactly, alone, one by one and side by side") {
  for (Game game : every_game()) {
    for (const std::int64_t count : {1, 3, 6}) {
      game.count = count;
      INFO(game.id << ", " << count << " of them");
      expect_exact(game);
    }
  }
}

TEST_CASE("Every fast environment resumes exactly") {
  const Registry registry = Registry::gymnasium();
  for (const EnvironmentSpec& spec : registry.list()) {
    if (!spec.make_fast_world) continue;
    INFO(spec.id);
    expect_exact({.id = spec.id, .count = 70, .fast = true, .max_episode_steps = 40});
  }
}

TEST_CASE("Wrapped environments resume exactly") {
  for (const auto observation : {ObservationKind::raw, ObservationKind::row_column, ObservationKind::one_hot}) {
    for (const std::int64_t block : {0, 1, 13}) {
      expect_exact({.id = "FrozenLake-v1", .count = 2, .observation = observation, .block_steps = block});
    }
  }
}

TEST_CASE("Environments one by one go on side by side, and the other way round") {
  for (Game game : every_game()) {
    game.count = 5;
    Game other = game;
    other.one_by_one = true;
    INFO(game.id);
    expect_resumes_exactly([&] { return random_run(game, 60); }, 2, [&] { return random_run(other, 60); });
    expect_resumes_exactly([&] { return random_run(other, 60); }, 2, [&] { return random_run(game, 60); });
  }
}

TEST_CASE("An environment that cannot be saved says what to implement") {
  const auto make = [] { return std::make_unique<test::CountingEnvironment>(5); };
  Trainer trainer({.max_env_steps = 10}, std::make_unique<SyncVectorEnvironment>(make, 1, AutoresetMode::same_step),
                  std::make_unique<Random>(3), make, 1);
  CHECK(trainer.save().values.at("begun") == StateValue(false));  // before the first step there is nothing of it to save
  trainer.run();
  const std::string message = error_message([&] { trainer.save(); });
  CHECK(contains(message, "this environment cannot be saved"));
  CHECK(contains(message, "Override Environment::save and Environment::load"));
}
