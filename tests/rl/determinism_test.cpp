// The promise that the same seed gives the same bits, kept by every learner with every option that draws random numbers, and for
// any number of threads.

#include <cstring>
#include <functional>

#include "core/backends.h"
#include "envs/registry.h"
#include "rl/dqn.h"
#include "rl/tabular.h"
#include "rl/trainer.h"
#include "tests/support/catch.h"

using namespace handgrad;

namespace {

/// Everything that came of a run, number after number.
class Record {
 public:
  void add(double value) { numbers_.push_back(value); }
  void add(const EpisodeRecord& r) {
    for (const std::int64_t count : {r.episode, r.env_step, r.train_step, r.length}) add(static_cast<double>(count));
    for (const double x : {r.episode_return, r.epsilon, r.loss_mean.value_or(-1.0)}) add(x);
    ++episodes_;
  }
  void add(const EvaluationRecord& r) {
    for (const double x : {r.returns.mean, r.returns.std, r.returns.min, r.returns.max}) add(x);
    ++evaluations_;
  }
  void add(const std::vector<NamedArray>& model) {
    for (const NamedArray& array : model) {
      for (const double x : array.as_doubles()) add(x);
    }
  }

  std::int64_t episodes() const { return episodes_; }
  std::int64_t evaluations() const { return evaluations_; }
  /// Bit by bit: -0 is not 0.
  bool operator==(const Record& other) const {
    return numbers_.size() == other.numbers_.size() &&
           std::memcmp(numbers_.data(), other.numbers_.data(), numbers_.size() * sizeof(double)) == 0;
  }

 private:
  std::vector<double> numbers_;
  std::int64_t episodes_ = 0, evaluations_ = 0;
};

struct Task {
  std::string environment;
  std::int64_t count = 1;
  int threads = 1;
  bool fast = false;
  std::int64_t steps = 400;
  EvaluationEnvironment evaluation = EvaluationEnvironment::own;
};

using MakeLearner = std::function<std::unique_ptr<Learner>(const VectorEnvironment&, std::uint64_t seed)>;

Record run(const Task& task, std::uint64_t seed, const MakeLearner& make_learner) {
  const Registry registry = Registry::gymnasium();
  auto environments = registry.make_vector(task.environment, {}, task.count,
                                           {.mode = AutoresetMode::same_step, .fast = task.fast, .threads = task.threads});
  auto learner = make_learner(*environments, seed);
  Trainer trainer(
      {.max_env_steps = task.steps,
       .evaluate_every_env_steps = task.steps / 2,
       .evaluation_episodes = 3,
       .evaluation_max_steps = 50,
       .evaluation_environment = task.evaluation},
      std::move(environments), std::move(learner), [&] { return registry.make(task.environment); }, seed);
  Record record;
  trainer.run({.on_episode = [&](const EpisodeRecord& r) { record.add(r); },
               .on_evaluation = [&](const EvaluationRecord& r) { record.add(r); }});
  record.add(trainer.learner().model());
  CHECK(trainer.learner().train_steps() > 0);
  CHECK(record.evaluations() == 2);
  return record;
}

DqnConfig small() {
  DqnConfig config;
  config.hidden = {8};
  config.batch_size = 8;
  config.replay_capacity = 100;  // overwritten several times
  config.epsilon = {.kind = Schedule::Kind::linear, .start = 1, .end = 0.1, .span = 200, .unit = Schedule::Unit::step};
  config.target = {.kind = TargetUpdate::Kind::hard, .every = 10};
  return config;
}

void require_determinism(const Task& task, const DqnConfig& config, const std::string& backend_name = "reference") {
  const auto backend = make_backend(backend_name);
  const MakeLearner learner = [&](const VectorEnvironment& environments, std::uint64_t seed) {
    return std::make_unique<Dqn>(*backend, config, environments.observation_size(), environments.action_space().n,
                                 environments.count(), seed);
  };
  const Record first = run(task, 5, learner);
  CHECK(first.episodes() > 2);
  CHECK(first == run(task, 5, learner));
  CHECK_FALSE(first == run(task, 6, learner));
}

TabularConfig table_of(TabularMethod method) {
  TabularConfig config;
  config.method = method;
  config.alpha.start = 0.2;
  config.epsilon.start = 0.3;
  return config;
}

void require_determinism(const Task& task, const TabularConfig& config, const FeatureSpec& features = {}) {
  const MakeLearner learner = [&](const VectorEnvironment& environments, std::uint64_t seed) {
    return std::make_unique<Tabular>(config, StateEncoder(features, environments.observation_space()),
                                     environments.action_space().n, environments.count(), seed);
  };
  const Record first = run(task, 5, learner);
  CHECK(first.episodes() > 2);
  CHECK(first == run(task, 5, learner));
  CHECK_FALSE(first == run(task, 6, learner));
}

const Task kCartPole{.environment = "CartPole-v1"};
const Task kLake{.environment = "FrozenLake-v1", .steps = 3000};

/// Rows of a table for CartPole, whose speeds have no bounds of their own.
FeatureSpec coarse(FeatureSpec::Kind kind) {
  return {.kind = kind, .bins = {3, 3, 6, 3}, .low = {-2.4, -3, -0.21, -3}, .high = {2.4, 3, 0.21, 3}, .tilings = 4};
}

}  // namespace

TEST_CASE("DQN learns the same from the same seed, whatever is chosen") {
  const auto with = [](const char* what, auto change) {
    INFO(what);
    DqnConfig config = small();
    change(config);
    require_determinism(kCartPole, config);
  };
  with("as it is", [](DqnConfig&) {});
  with("double", [](DqnConfig& c) { c.double_q = true; });
  with("n-step", [](DqnConfig& c) { c.n_step = 3; });
  with("without replacement", [](DqnConfig& c) { c.replay_replacement = false; });
  with("independent target", [](DqnConfig& c) { c.target.initial = TargetUpdate::Initial::independent; });
  with("soft target", [](DqnConfig& c) { c.target.kind = TargetUpdate::Kind::soft; });
  with("several gradient steps", [](DqnConfig& c) { c.gradient_steps = 3; });
  with("loss over all", [](DqnConfig& c) { c.loss_over = LossOver::all; });
  with("loss over all, online", [](DqnConfig& c) {
    c.loss_over = LossOver::all;
    c.untaken = Untaken::online_s;
  });
  with("clipped by norm", [](DqnConfig& c) { c.clipping = {.kind = Clipping::Kind::norm, .limit = 0.5}; });
  for (const Initialization kind : {Initialization::glorot_uniform, Initialization::glorot_normal, Initialization::he_uniform,
                                    Initialization::he_normal, Initialization::orthogonal, Initialization::zero}) {
    with("initialisation", [&](DqnConfig& c) { c.initialization = kind; });
  }
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::rmsprop, OptimizerKind::rmsprop_dqn2015,
                                   OptimizerKind::adam_keras, OptimizerKind::adamw, OptimizerKind::radam}) {
    with("optimiser", [&](DqnConfig& c) { c.optimizer = default_spec(kind); });
  }
}

TEST_CASE("DQN learns the same from the same seed on every backend, also in several environments") {
  for (const std::string& backend : computing_backends()) {
    CAPTURE(backend);
    Task several = kCartPole;
    several.count = 5;
    several.steps = 500;
    DqnConfig config = small();
    config.n_step = 2;
    require_determinism(several, config, backend);
    config.activation = Activation::tanh;
    require_determinism(kCartPole, config, backend);
  }
}

TEST_CASE("an evaluation in a copy of the training environment is the same for the same seed") {
  Task clone = kCartPole;
  clone.evaluation = EvaluationEnvironment::clone;
  require_determinism(clone, small());
}

TEST_CASE("tables learn the same from the same seed, by every method and in every encoding") {
  for (const TabularMethod method : all_tabular_methods()) {
    CAPTURE(to_string(method));
    TabularConfig config = table_of(method);
    require_determinism(kLake, config);
    for (const TieBreak tie : {TieBreak::first, TieBreak::all_equal}) {
      config.tie = tie;
      require_determinism(kLake, config);
    }
    config.initial_low = -0.5;
    config.initial_high = 0.5;
    require_determinism(kLake, config);
    Task several = kLake;
    several.count = 3;
    require_determinism(several, config);
    require_determinism(kCartPole, config, coarse(FeatureSpec::Kind::bins));
    require_determinism(kCartPole, config, coarse(FeatureSpec::Kind::tiles));
  }
}

TEST_CASE("any number of threads over the environments gives the same bits") {
  // More than 512 environments, so that they are shared among workers; and a number that divides into no equal parts.
  for (const bool fast : {false, true}) {
    CAPTURE(fast);
    std::optional<Record> network, table;
    for (const int threads : {1, 2, 3, 8}) {
      CAPTURE(threads);
      const Task task{.environment = "CartPole-v1", .count = 1031, .threads = threads, .fast = fast, .steps = 1031 * 60};
      const auto backend = make_backend("reference");
      DqnConfig config = small();
      config.replay_capacity = 10'000;
      config.train_frequency = 1031;
      const Record of_network = run(task, 5, [&](const VectorEnvironment& environments, std::uint64_t seed) {
        return std::make_unique<Dqn>(*backend, config, 4, 2, environments.count(), seed);
      });
      const Record of_table = run(task, 5, [&](const VectorEnvironment& environments, std::uint64_t seed) {
        return std::make_unique<Tabular>(table_of(TabularMethod::nstep_sarsa),
                                         StateEncoder(coarse(FeatureSpec::Kind::bins), environments.observation_space()), 2,
                                         environments.count(), seed);
      });
      CHECK(of_network.episodes() > 1000);
      if (!network) network = of_network;
      if (!table) table = of_table;
      CHECK(of_network == *network);
      CHECK(of_table == *table);
    }
  }
}
