// A run of DQN that was interrupted, written down and taken up again in new objects is the run that was never stopped, to the
// last bit: whatever the settings are.

#include <functional>
#include <string>
#include <vector>

#include "rl/dqn.h"
#include "tests/support/error_message.h"
#include "tests/support/resume.h"

using namespace handgrad;
using test::difference;
using test::expect_resumes_exactly;
using test::Game;
using test::Run;

namespace {

struct Settings {
  Game game = {};
  DqnConfig dqn = {};
  TrainerConfig trainer = {.max_env_steps = 260,
                           .evaluate_every_episodes = 5,
                           .evaluate_every_env_steps = 60,
                           .evaluation_episodes = 2,
                           .evaluation_max_steps = 20};
  std::string backend = "reference";

  Settings() {
    dqn.hidden = {6};
    dqn.batch_size = 5;
    dqn.replay_capacity = 90;  // so that the ring wraps around
    dqn.target.every = 7;
    dqn.epsilon = {.kind = Schedule::Kind::linear, .start = 1.0, .end = 0.1, .span = 200};
  }

  Run make() const {
    Run run{.backend = make_backend(backend)};
    auto environments = game.all();
    const std::int64_t D = environments->observation_size(), A = environments->action_space().n;
    auto learner = std::make_unique<Dqn>(*run.backend, dqn, D, A, game.count, 3);
    run.trainer = std::make_unique<Trainer>(
        trainer, std::move(environments), std::move(learner), [game = game] { return game.one(); }, 3);
    return run;
  }
};

/// The settings, changed.
Settings with(const std::function<void(Settings&)>& change) {
  Settings settings;
  change(settings);
  return settings;
}

void expect_exact(const Settings& settings) {
  expect_resumes_exactly([&] { return settings.make(); });
}

/// Every form of every rule.
std::vector<OptimizerSpec> optimizers() {
  std::vector<OptimizerSpec> all;
  const auto add = [&](OptimizerKind kind, const std::function<void(OptimizerSpec&)>& change = {}) {
    all.push_back(default_spec(kind));
    all.back().lr = 0.01;
    if (change) change(all.back());
  };
  add(OptimizerKind::sgd);
  add(OptimizerKind::sgd, [](OptimizerSpec& s) { s.momentum = 0.9; });
  add(OptimizerKind::sgd, [](OptimizerSpec& s) { s.momentum = 0.9, s.nesterov = true; });
  add(OptimizerKind::rmsprop);
  add(OptimizerKind::rmsprop, [](OptimizerSpec& s) { s.centered = true; });
  add(OptimizerKind::rmsprop, [](OptimizerSpec& s) { s.momentum = 0.5; });
  add(OptimizerKind::rmsprop, [](OptimizerSpec& s) { s.centered = true, s.momentum = 0.5, s.weight_decay = 0.01; });
  add(OptimizerKind::rmsprop_dqn2015);
  for (const auto kind : {OptimizerKind::adam, OptimizerKind::adam_keras, OptimizerKind::adamw}) {
    add(kind);
    add(kind, [](OptimizerSpec& s) { s.amsgrad = true; });
  }
  add(OptimizerKind::radam);
  return all;
}

}  // namespace

TEST_CASE("DQN resumes exactly with every optimiser, a hard and a soft target") {
  for (const OptimizerSpec& optimizer : optimizers()) {
    for (const auto kind : {TargetUpdate::Kind::hard, TargetUpdate::Kind::soft}) {
      INFO(to_string(optimizer.kind) << (kind == TargetUpdate::Kind::soft ? ", soft" : ", hard") << ", amsgrad "
                                     << optimizer.amsgrad << ", momentum " << optimizer.momentum << ", centred "
                                     << optimizer.centered);
      expect_exact(with([&](Settings& s) {
        s.dqn.optimizer = optimizer;
        s.dqn.target.kind = kind;
        s.dqn.target.tau = 0.1;
      }));
    }
  }
}

TEST_CASE("DQN resumes exactly on every backend") {
  for (const std::string& backend : computing_backends()) {
    INFO(backend);
    expect_exact(with([&](Settings& s) { s.backend = backend; }));
    expect_exact(with([&](Settings& s) {
      s.backend = backend;
      s.game.count = 5;
      s.dqn.n_step = 3;
    }));
  }
  expect_exact(with([](Settings& s) { s.backend = "unreadable"; }));
}

TEST_CASE("A state goes on on another backend") {
  Settings here = with([](Settings&s) { s.backend = default_backend(); }),
           there = with([](Settings&s) { s.backend = "unreadable"; });
  const Run run = here.make(), other = there.make();
  test::Shown shown;
  run_on(*run.trainer, shown, 150);
  const State state = run.trainer->save();
  other.trainer->load(state);
  CHECK(difference(other.trainer->save(), state).empty());
  CHECK(other.trainer->run() == StopReason::env_steps);
}

TEST_CASE("DQN resumes exactly with every kind of replay") {
  for (const std::int64_t environments : {1, 3}) {
    for (const int n_step : {1, 3, 200}) {  // of the last there is never one to learn from
      for (const std::int64_t capacity : {31, 90, 5000}) {
        for (const bool replacement : {true, false}) {
          INFO(environments << " environments, " << n_step << "-step returns, capacity " << capacity << ", replacement "
                            << replacement);
          expect_exact(with([&](Settings& s) {
            s.game.count = environments;
            s.game.max_episode_steps = 12;  // some episodes terminate, some are cut off
            s.dqn.n_step = n_step;
            s.dqn.replay_capacity = capacity;
            s.dqn.replay_replacement = replacement;
          }));
        }
      }
    }
  }
}

TEST_CASE("DQN resumes exactly with every loss, clipping and way to learn") {
  const std::vector<std::pair<const char*, std::function<void(Settings&)>>> changes = {
      {"mse",
       [](Settings& s) {
         s.dqn.loss = {LossKind::mse, 1.0, Reduction::sum};
       }},
      {"huber",
       [](Settings& s) {
         s.dqn.loss = {LossKind::huber, 0.5, Reduction::mean};
       }},
      {"all, target_s", [](Settings& s) { s.dqn.loss_over = LossOver::all; }},
      {"all, target_next", [](Settings& s) { s.dqn.loss_over = LossOver::all, s.dqn.untaken = Untaken::target_next; }},
      {"all, online_s", [](Settings& s) { s.dqn.loss_over = LossOver::all, s.dqn.untaken = Untaken::online_s; }},
      {"clip by value",
       [](Settings& s) {
         s.dqn.clipping = {Clipping::Kind::value, 0.01};
       }},
      {"clip by norm",
       [](Settings& s) {
         s.dqn.clipping = {Clipping::Kind::norm, 0.01};
       }},
      {"double Q", [](Settings& s) { s.dqn.double_q = true; }},
      {"terminal bootstraps", [](Settings& s) { s.dqn.terminal = Terminal::bootstrap; }},
      {"truncation as terminal", [](Settings& s) { s.dqn.truncation_as_terminal = true; }},
      {"training now and then", [](Settings& s) { s.dqn.train_frequency = 4, s.dqn.gradient_steps = 3; }},
      {"late start", [](Settings& s) { s.dqn.learning_starts = 120; }},
      {"target by environment steps",
       [](Settings& s) {
         s.dqn.target.unit = TargetUpdate::Unit::env_step;
         s.dqn.target.phase = 3;
         s.dqn.target.initial = TargetUpdate::Initial::independent;
       }},
      {"tanh, two layers",
       [](Settings& s) {
         s.dqn.hidden = {5, 4}, s.dqn.activation = Activation::tanh;
       }},
      {"no hidden layer", [](Settings& s) { s.dqn.hidden = {}; }}};
  for (const auto& [name, change] : changes) {
    INFO(name);
    expect_exact(with(change));
  }
}

TEST_CASE("DQN resumes exactly with every schedule") {
  for (const auto kind : {Schedule::Kind::constant, Schedule::Kind::linear, Schedule::Kind::exponential}) {
    for (const auto unit : {Schedule::Unit::step, Schedule::Unit::episode}) {
      for (const auto call : {Schedule::Call::current, Schedule::Call::lagged, Schedule::Call::never}) {
        INFO("kind " << static_cast<int>(kind) << ", unit " << static_cast<int>(unit) << ", call " << static_cast<int>(call));
        expect_exact(with([&](Settings& s) {
          s.dqn.epsilon = {.kind = kind, .start = 0.9, .end = 0.1, .span = 12, .unit = unit, .call = call, .floor = 0.2};
        }));
      }
    }
  }
}

TEST_CASE("DQN resumes exactly in environments side by side, fast, wrapped and in blocks") {
  const std::vector<std::pair<const char*, Game>> games = {
      {"several one by one", {.count = 3, .one_by_one = true}},
      {"several side by side", {.count = 6}},
      {"fast", {.count = 4, .fast = true}},
      {"fast MountainCar", {.id = "MountainCar-v0", .count = 4, .fast = true, .max_episode_steps = 30}},
      {"fast Acrobot", {.id = "Acrobot-v1", .count = 4, .fast = true, .max_episode_steps = 30}},
      {"one hot", {.id = "FrozenLake-v1", .count = 2, .observation = ObservationKind::one_hot}},
      {"row and column", {.id = "FrozenLake-v1", .observation = ObservationKind::row_column}},
      {"blocks", {.block_steps = 13}},
      {"blocks and one hot", {.id = "FrozenLake-v1", .observation = ObservationKind::one_hot, .block_steps = 5}}};
  for (const auto& [name, game] : games) {
    INFO(name);
    Settings settings;
    settings.game = game;
    expect_exact(settings);
  }
}

TEST_CASE("DQN resumes exactly whatever the evaluations are") {
  for (const auto environment : {EvaluationEnvironment::own, EvaluationEnvironment::clone}) {
    for (const std::int64_t every_steps : {0, 1, 50}) {
      for (const std::int64_t every_episodes : {0, 3}) {
        INFO("every " << every_steps << " steps and " << every_episodes << " episodes");
        expect_exact(with([&](Settings& s) {
          s.trainer.max_env_steps = 150;
          s.trainer.evaluation_environment = environment;
          s.trainer.evaluate_every_env_steps = every_steps;
          s.trainer.evaluate_every_episodes = every_episodes;
          s.trainer.evaluation_max_steps = 6;
        }));
      }
    }
  }
}

TEST_CASE("A task that was solved, and a threshold that ended the run, are remembered") {
  const Settings settings = with([](Settings& s) {
    s.trainer.evaluation_episodes = 100;
    s.trainer.evaluation_max_steps = 2;
    s.trainer.solved_threshold = 2.0;
    s.trainer.stop_threshold = 2.0;
  });
  expect_exact(settings);
  const Run run = settings.make(), other = settings.make();
  CHECK(run.trainer->run() == StopReason::threshold);
  other.trainer->load(run.trainer->save());
  CHECK(other.trainer->solved_at_env_step() == run.trainer->solved_at_env_step());
  CHECK(other.trainer->best_evaluation_mean() == 2.0);
  CHECK(other.trainer->recent_return_mean() == run.trainer->recent_return_mean());
  REQUIRE(other.trainer->best_model().size() == 4);
  CHECK(other.trainer->best_model()[3].values == run.trainer->best_model()[3].values);
  CHECK(other.trainer->run() == StopReason::threshold);
  CHECK(other.trainer->progress().env_steps == run.trainer->progress().env_steps);
}

TEST_CASE("A run that goes on beyond its end is the longer run") {
  for (const bool by_episodes : {false, true}) {
    const auto limited = [&](std::int64_t limit) {
      return with([&](Settings& s) {
        s.trainer.max_env_steps = by_episodes ? 0 : limit;
        s.trainer.max_episodes = by_episodes ? limit / 10 : 0;
        s.game.count = 2;
      });
    };
    const Settings shorter = limited(130), longer = limited(260);
    test::Shown shown, expected;
    const Run first = shorter.make(), second = longer.make(), whole = longer.make();
    run_on(*first.trainer, shown);
    second.trainer->load(first.trainer->save());
    run_on(*second.trainer, shown);
    run_on(*whole.trainer, expected);
    CHECK(shown.episodes.size() == expected.episodes.size());
    CHECK(shown.evaluations.size() == expected.evaluations.size());
    CHECK(difference(second.trainer->save(), whole.trainer->save()).empty());
  }
}

TEST_CASE("What a resumed run evaluates after is its own affair, and so are rates and schedules") {
  const Run first = with([](Settings& s) { s.trainer.max_env_steps = 100; }).make();
  first.trainer->run();
  const State state = first.trainer->save();
  const Settings changed = with([](Settings& s) {
    s.trainer.evaluate_every_episodes = 0;
    s.trainer.evaluate_every_env_steps = 40;
    s.dqn.optimizer.lr = 0.5;
    s.dqn.optimizer.weight_decay = 0.1;
    s.dqn.gamma = 0.5;
    s.dqn.n_step = 2;
    s.dqn.batch_size = 9;
    s.dqn.target.every = 3;
    s.dqn.epsilon = {.kind = Schedule::Kind::constant, .start = 0.25};
  });
  const Run second = changed.make();
  second.trainer->load(state);
  test::Shown shown;
  run_on(*second.trainer, shown);
  REQUIRE(shown.evaluations.size() == 4);
  CHECK(shown.evaluations[0].env_step == 120);
  CHECK(shown.evaluations[3].env_step == 240);
  CHECK(shown.episodes.back().epsilon == 0.25);
  const auto& dqn = dynamic_cast<const Dqn&>(second.trainer->learner());
  CHECK(const_cast<Dqn&>(dqn).step().optimizer().spec().lr == 0.5);
}

TEST_CASE("A learning rate that was set outlives the run that set it") {
  const Settings settings;
  const Run first = settings.make(), second = settings.make();
  dynamic_cast<Dqn&>(first.trainer->learner()).step().optimizer().set_learning_rate(0.125);
  second.trainer->load(first.trainer->save());
  CHECK(dynamic_cast<Dqn&>(second.trainer->learner()).step().optimizer().spec().lr == 0.125);
  second.trainer->load(settings.make().trainer->save());
  CHECK(dynamic_cast<Dqn&>(second.trainer->learner()).step().optimizer().spec().lr == 1e-3);
}

TEST_CASE("A run can be saved from its callback after a step, and goes on from there") {
  const Settings settings;
  const Run watched = settings.make();
  std::vector<State> states;
  watched.trainer->run({.on_step = [&](const Progress& progress) {
    if (progress.env_steps % 65 == 0) states.push_back(watched.trainer->save());
    return true;
  }});
  REQUIRE(states.size() == 4);
  for (const State& state : states) {
    const Run resumed = settings.make();
    resumed.trainer->load(state);
    resumed.trainer->run();
    CHECK(difference(resumed.trainer->save(), watched.trainer->save()).empty());
  }
}

TEST_CASE("The replay in a state takes no more than what is held") {
  const Run run = with([](Settings& s) {
                    s.dqn.replay_capacity = 100'000;
                    s.dqn.learning_starts = 1'000'000;
                    s.trainer = {.max_env_steps = 20'000};
                  }).make();
  run.trainer->run();
  std::size_t bytes = 0;
  for (const RawTensor& array : run.trainer->save().arrays) {
    if (array.name.starts_with("learner.replay.")) bytes += array.bytes.size();
  }
  // 4 observations, a reward, an action and an end; a final observation for the one transition in 10 or 20 that ends an episode
  const std::size_t transition = 5 * sizeof(Real) + sizeof(std::int32_t) + 1;
  CHECK(bytes > 20'000 * transition);
  CHECK(bytes < 20'000 * transition * 11 / 10);
}
