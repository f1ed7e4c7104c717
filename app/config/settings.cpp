#include "app/config/settings.h"

#include "app/config/setting_kinds.h"
#include "app/config/settings_tabular.h"
#include "core/backends.h"

namespace handgrad::app {

namespace {

constexpr std::int64_t kNoLimit = INT64_MAX;

// The names of an enumeration that has a to_string.
template <class Enumeration>
Names<Enumeration> named(std::initializer_list<Enumeration> values) {
  Names<Enumeration> names;
  for (const Enumeration value : values) names.emplace_back(std::string(to_string(value)), value);
  return names;
}

Names<Initialization> initializations() {
  return {{"pytorch", Initialization::pytorch},
          {"glorot_uniform", Initialization::glorot_uniform},
          {"glorot_normal", Initialization::glorot_normal},
          {"he_uniform", Initialization::he_uniform},
          {"he_normal", Initialization::he_normal},
          {"orthogonal", Initialization::orthogonal},
          {"zero", Initialization::zero}};
}

// Which of the preset's variants were chosen: a list of names. What they say has been put in place before.
Setting variant_names() {
  const std::string allowed = "a name or an array of names of the preset's variants";
  return {"variant",
          allowed,
          "",
          "the preset's variants that were chosen, from left to right",
          "none",
          [](const RunConfig& c) -> SettingValue { return c.variants; },
          [allowed](RunConfig& c, const SettingValue& value) {
            const auto* names = std::get_if<std::vector<std::string>>(&value);
            if (names == nullptr && value != SettingValue(std::vector<std::int64_t>{})) unexpected(allowed, value);
            c.variants = names == nullptr ? std::vector<std::string>{} : *names;
          }};
}

void add_top_level(std::vector<Setting>& table) {
  table.push_back(text_setting("preset", [](auto& c) -> auto& { return c.preset; },
                               {"", "the name that folders, summaries and pictures carry", "the file's name"}));
  table.push_back(variant_names());
  table.push_back(text_setting("description", [](auto& c) -> auto& { return c.description; }, {"", "a line about it", ""}));
  std::vector<std::string> algorithms = {"dqn"};
  for (const TabularMethod method : all_tabular_methods()) algorithms.emplace_back(to_string(method));
  table.push_back(name_setting("algorithm", [](auto& c) -> auto& { return c.algorithm; }, algorithms,
                               {"", "what learns: see handgrad list algorithms", "handgrad"}));
  table.push_back(whole_setting("seed", [](auto& c) -> auto& { return c.seed; }, 0, kNoLimit,
                                {"", "every random number of the run comes from it", "handgrad"}));
  Setting backend = text_setting("backend", [](auto& c) -> auto& { return c.backend; },
                                 {"", "who computes: see handgrad list backends", "the fastest of this build"});
  backend.allowed = one_of(backend_names());
  table.push_back(std::move(backend));
}

void add_environment(std::vector<Setting>& table) {
  table.push_back(text_setting("env.id", [](auto& c) -> auto& { return c.environment.id; },
                               {"", "Gymnasium's id: see handgrad list envs", "there is none"}));
  Setting limit{"env.max_episode_steps",
                "a whole number >= 1, or -1 for no limit",
                "steps",
                "an episode is truncated when it is that long",
                "Gymnasium's registry",
                [](const RunConfig& c) -> SettingValue { return c.environment.max_episode_steps.value_or(-1); },
                [](RunConfig& c, const SettingValue& value) {
                  const auto* steps = std::get_if<std::int64_t>(&value);
                  if (steps == nullptr || (*steps < 1 && *steps != -1)) {
                    unexpected("a whole number >= 1, or -1 for no limit", value);
                  }
                  c.environment.max_episode_steps = *steps;
                }};
  table.push_back(std::move(limit));
  table.push_back(choice_setting(
      "env.observation", [](auto& c) -> auto& { return c.environment.observation; },
      named({ObservationKind::raw, ObservationKind::row_column, ObservationKind::one_hot}),
      {"", "how an integer state is shown: as it is, as row and column of its grid, or as a 1 among 0s", "Gymnasium (raw)"}));
  table.push_back(whole_setting("env.count", [](auto& c) -> auto& { return c.environment.count; }, 1, 65'536,
                                {"", "parallel environments that one learner plays", "handgrad"}));
  table.push_back(
      flag_setting("env.fast", [](auto& c) -> auto& { return c.environment.fast; },
                   {"",
                    "training steps CartPole, MountainCar or Acrobot in float, all at once: close to Gymnasium's numbers, "
                    "not equal; evaluations stay exact",
                    "handgrad"}));
  table.push_back(whole_setting(
      "env.block_steps", [](auto& c) -> auto& { return c.environment.block_steps; }, 0, kNoLimit,
      {"steps", "training truncates at every so many steps of an environment's life; 0: it does not", "handgrad"}));
}

// Hidden widths come as an array of whole numbers.
Setting hidden_widths() {
  const std::string allowed = "an array of whole numbers from 1 to 65536";
  return {"net.hidden",
          allowed,
          "units",
          "widths of the hidden layers, first to last; [] for a linear Q",
          "Stable-Baselines3",
          [](const RunConfig& c) -> SettingValue { return c.dqn.hidden; },
          [allowed](RunConfig& c, const SettingValue& value) {
            const auto* widths = std::get_if<std::vector<std::int64_t>>(&value);
            if (widths == nullptr) unexpected(allowed, value);
            for (const std::int64_t width : *widths) {
              if (width < 1 || width > 65'536) unexpected(allowed, value);
            }
            c.dqn.hidden = *widths;
          }};
}

void add_network(std::vector<Setting>& table) {
  table.push_back(hidden_widths());
  table.push_back(choice_setting("net.activation", [](auto& c) -> auto& { return c.dqn.activation; },
                                 named({Activation::none, Activation::relu, Activation::tanh}),
                                 {"", "after each hidden layer", "Mnih et al. 2015"}));
  table.push_back(choice_setting("net.initialization", [](auto& c) -> auto& { return c.dqn.initialization; },
                                 initializations(), {"", "how weights and biases begin", "PyTorch's nn.Linear"}));
}

void add_optimizer(std::vector<Setting>& table) {
  const std::string by_rule = "the program the rule comes from";
  table.push_back(
      choice_setting("optimizer.name", [](auto& c) -> auto& { return c.dqn.optimizer.kind; },
                     named({OptimizerKind::sgd, OptimizerKind::rmsprop, OptimizerKind::rmsprop_dqn2015, OptimizerKind::adam,
                            OptimizerKind::adam_keras, OptimizerKind::adamw, OptimizerKind::radam}),
                     {"", "the update rule; it brings its own defaults", "the usual one"}));
  table.push_back(real_setting("optimizer.lr", [](auto& c) -> auto& { return c.dqn.optimizer.lr; }, at_least(0),
                               {"", "learning rate", by_rule}));
  table.push_back(real_setting("optimizer.weight_decay", [](auto& c) -> auto& { return c.dqn.optimizer.weight_decay; },
                               at_least(0), {"", "decoupled in adamw, L2 (added to the gradient) elsewhere", by_rule}));
  table.push_back(real_setting("optimizer.eps", [](auto& c) -> auto& { return c.dqn.optimizer.eps; }, at_least(0),
                               {"", "keeps the division finite: rmsprop and the Adam family", by_rule}));
  table.push_back(real_setting("optimizer.beta1", [](auto& c) -> auto& { return c.dqn.optimizer.beta1; },
                               {.low = 0, .high = 1, .high_open = true},
                               {"", "memory of the gradient: the Adam family", by_rule}));
  table.push_back(real_setting("optimizer.beta2", [](auto& c) -> auto& { return c.dqn.optimizer.beta2; },
                               {.low = 0, .high = 1, .high_open = true},
                               {"", "memory of its square: the Adam family", by_rule}));
  table.push_back(flag_setting("optimizer.amsgrad", [](auto& c) -> auto& { return c.dqn.optimizer.amsgrad; },
                               {"", "divide by the largest v so far: adam, adam_keras, adamw", by_rule}));
  table.push_back(real_setting("optimizer.momentum", [](auto& c) -> auto& { return c.dqn.optimizer.momentum; }, at_least(0),
                               {"", "memory of the update: sgd, rmsprop", by_rule}));
  table.push_back(flag_setting("optimizer.nesterov", [](auto& c) -> auto& { return c.dqn.optimizer.nesterov; },
                               {"", "look ahead along the velocity: sgd with momentum", by_rule}));
  table.push_back(real_setting("optimizer.alpha", [](auto& c) -> auto& { return c.dqn.optimizer.alpha; },
                               {.low = 0, .high = 1, .high_open = true},
                               {"", "memory of the squared gradient: rmsprop", by_rule}));
  table.push_back(flag_setting("optimizer.centered", [](auto& c) -> auto& { return c.dqn.optimizer.centered; },
                               {"", "divide by the deviation, not the root mean square: rmsprop", by_rule}));
}

void add_loss(std::vector<Setting>& table) {
  table.push_back(choice_setting("loss.name", [](auto& c) -> auto& { return c.dqn.loss.kind; },
                                 named({LossKind::mse, LossKind::huber, LossKind::smooth_l1}),
                                 {"", "of the temporal-difference error", "Mnih et al. 2015 clip the error to ±1"}));
  table.push_back(real_setting("loss.delta", [](auto& c) -> auto& { return c.dqn.loss.delta; }, above(0),
                               {"", "where quadratic turns linear; unused by mse", "Mnih et al. 2015"}));
  table.push_back(choice_setting("loss.reduction", [](auto& c) -> auto& { return c.dqn.loss.reduction; },
                                 named({Reduction::mean, Reduction::sum}), {"", "over the batch", "PyTorch"}));
  table.push_back(choice_setting("loss.over", [](auto& c) -> auto& { return c.dqn.loss_over; },
                                 Names<LossOver>{{"taken", LossOver::taken}, {"all", LossOver::all}},
                                 {"", "whose outputs have targets: the taken action's, or all actions'", "Mnih et al. 2015"}));
  table.push_back(choice_setting(
      "clip.kind", [](auto& c) -> auto& { return c.dqn.clipping.kind; },
      Names<Clipping::Kind>{{"none", Clipping::Kind::none}, {"value", Clipping::Kind::value}, {"norm", Clipping::Kind::norm}},
      {"", "limits the gradient before the optimiser sees it", "Mnih et al. 2015 (none)"}));
  table.push_back(real_setting("clip.limit", [](auto& c) -> auto& { return c.dqn.clipping.limit; }, above(0),
                               {"", "largest absolute element (value) or L2 norm (norm)", "handgrad"}));
}

void add_dqn(std::vector<Setting>& table) {
  table.push_back(real_setting("dqn.gamma", [](auto& c) -> auto& { return c.dqn.gamma; }, within(0, 1),
                               {"", "discount an environment step", "Mnih et al. 2015"}));
  table.push_back(whole_setting("dqn.n_step", [](auto& c) -> auto& { return c.dqn.n_step; }, 1, 10'000,
                                {"steps", "rewards summed before bootstrapping", "Mnih et al. 2015"}));
  table.push_back(flag_setting("dqn.double", [](auto& c) -> auto& { return c.dqn.double_q; },
                               {"", "the online network chooses the next action, the target network values it",
                                "Mnih et al. 2015 (van Hasselt et al. 2016: true)"}));
  table.push_back(whole_setting("dqn.batch_size", [](auto& c) -> auto& { return c.dqn.batch_size; }, 1, 1'000'000,
                                {"transitions", "B, transitions a train step learns from", "Mnih et al. 2015"}));
  table.push_back(
      whole_setting("dqn.replay_capacity", [](auto& c) -> auto& { return c.dqn.replay_capacity; }, 1, 1'000'000'000,
                    {"transitions", "how many are remembered; the oldest is overwritten", "PyTorch's DQN tutorial"}));
  table.push_back(flag_setting("dqn.replacement", [](auto& c) -> auto& { return c.dqn.replay_replacement; },
                               {"", "whether a batch may hold a transition twice", "Stable-Baselines3"}));
  table.push_back(
      whole_setting("dqn.learning_starts", [](auto& c) -> auto& { return c.dqn.learning_starts; }, 0, kNoLimit,
                    {"environment steps", "before the first train step; it also waits for a full batch", "handgrad"}));
  table.push_back(
      whole_setting("dqn.train_frequency", [](auto& c) -> auto& { return c.dqn.train_frequency; }, 1, kNoLimit,
                    {"environment steps", "from one training to the next", "PyTorch's DQN tutorial (Mnih et al. 2015: 4)"}));
  table.push_back(whole_setting("dqn.gradient_steps", [](auto& c) -> auto& { return c.dqn.gradient_steps; }, 1, kNoLimit,
                                {"train steps", "a training", "Mnih et al. 2015"}));
  table.push_back(choice_setting(
      "dqn.untaken", [](auto& c) -> auto& { return c.dqn.untaken; },
      Names<Untaken>{{"target_s", Untaken::target_s}, {"target_next", Untaken::target_next}, {"online_s", Untaken::online_s}},
      {"", "loss.over=all: targets of actions not taken, Q⁻(s, j), Q⁻(s', j), or Q(s, j): no gradient", "a Keras exercise"}));
  table.push_back(
      choice_setting("dqn.terminal", [](auto& c) -> auto& { return c.dqn.terminal; },
                     Names<Terminal>{{"mask", Terminal::mask}, {"bootstrap", Terminal::bootstrap}},
                     {"", "at an end y = r; or, a mistake for comparison, bootstrapped as anywhere", "Mnih et al. 2015"}));
  table.push_back(flag_setting("dqn.truncation_as_terminal", [](auto& c) -> auto& { return c.dqn.truncation_as_terminal; },
                               {"", "the mistake of taking a time limit for an end, for comparison", "handgrad"}));
}

void add_target(std::vector<Setting>& table) {
  table.push_back(
      choice_setting("target.kind", [](auto& c) -> auto& { return c.dqn.target.kind; },
                     Names<TargetUpdate::Kind>{{"hard", TargetUpdate::Kind::hard}, {"soft", TargetUpdate::Kind::soft}},
                     {"", "hard copies the online network, soft moves towards it", "Mnih et al. 2015 (hard)"}));
  table.push_back(whole_setting("target.every", [](auto& c) -> auto& { return c.dqn.target.every; }, 1, kNoLimit,
                                {"target.unit", "from one update to the next", "handgrad"}));
  table.push_back(
      whole_setting("target.phase", [](auto& c) -> auto& { return c.dqn.target.phase; }, 0, kNoLimit,
                    {"target.unit", "the remainder of the count, divided by every, at which it follows", "handgrad"}));
  table.push_back(choice_setting(
      "target.initial", [](auto& c) -> auto& { return c.dqn.target.initial; },
      Names<TargetUpdate::Initial>{{"copy", TargetUpdate::Initial::copy}, {"independent", TargetUpdate::Initial::independent}},
      {"", "a copy of the online network, or random weights of its own until it first follows", "Mnih et al. 2015"}));
  table.push_back(choice_setting(
      "target.unit", [](auto& c) -> auto& { return c.dqn.target.unit; },
      Names<TargetUpdate::Unit>{{"env_step", TargetUpdate::Unit::env_step}, {"train_step", TargetUpdate::Unit::train_step}},
      {"", "what target.every counts", "Mnih et al. 2015 (train_step)"}));
  table.push_back(real_setting(
      "target.tau", [](auto& c) -> auto& { return c.dqn.target.tau; }, {.low = 0, .high = 1, .low_open = true},
      {"", "soft: share of the online network in an update", "PyTorch's DQN tutorial (Lillicrap et al. 2016: 0.001)"}));
}

// The exploration rate of whatever learns.
template <class Config>
auto& epsilon(Config& config) {
  return config.algorithm == "dqn" ? config.dqn.epsilon : config.tabular.epsilon;
}

void add_epsilon(std::vector<Setting>& table) {
  table.push_back(choice_setting("epsilon.kind", [](auto& c) -> auto& { return epsilon(c).kind; },
                                 Names<Schedule::Kind>{{"constant", Schedule::Kind::constant},
                                                       {"linear", Schedule::Kind::linear},
                                                       {"exponential", Schedule::Kind::exponential}},
                                 {"", "how the exploration rate falls", "handgrad (Mnih et al. 2015: linear)"}));
  table.push_back(real_setting("epsilon.start", [](auto& c) -> auto& { return epsilon(c).start; }, within(0, 1),
                               {"", "probability of a random action at first", "handgrad"}));
  table.push_back(real_setting("epsilon.end", [](auto& c) -> auto& { return epsilon(c).end; }, within(0, 1),
                               {"", "and in the end; unused by constant", "Mnih et al. 2015"}));
  table.push_back(
      real_setting("epsilon.span", [](auto& c) -> auto& { return epsilon(c).span; }, above(0),
                   {"epsilon.unit", "linear: until the end is reached; exponential: until 1/e is left", "handgrad"}));
  table.push_back(choice_setting("epsilon.unit", [](auto& c) -> auto& { return epsilon(c).unit; },
                                 Names<Schedule::Unit>{{"step", Schedule::Unit::step}, {"episode", Schedule::Unit::episode}},
                                 {"", "what epsilon.span counts", "Mnih et al. 2015 (step)"}));
  table.push_back(floor_setting("epsilon.floor", [](auto& c) -> auto& { return epsilon(c).floor; },
                                {"", "never below it: max(floor, ...)", "handgrad"}));
  table.push_back(choice_setting(
      "epsilon.call", [](auto& c) -> auto& { return epsilon(c).call; },
      Names<Schedule::Call>{
          {"current", Schedule::Call::current}, {"lagged", Schedule::Call::lagged}, {"never", Schedule::Call::never}},
      {"", "computed from the count as it is, one behind, or never after the start", "handgrad"}));
}

void add_training(std::vector<Setting>& table) {
  table.push_back(whole_setting("train.episodes", [](auto& c) -> auto& { return c.trainer.max_episodes; }, 0, kNoLimit,
                                {"episodes", "the run ends after so many; 0: no limit", "this or env_steps has to be set"}));
  table.push_back(
      whole_setting("train.env_steps", [](auto& c) -> auto& { return c.trainer.max_env_steps; }, 0, kNoLimit,
                    {"environment steps", "the run ends after so many; 0: no limit", "this or episodes has to be set"}));
  table.push_back(optional_real_setting("train.stop_at", [](auto& c) -> auto& { return c.trainer.stop_threshold; },
                                        {"mean return", "an evaluation that reaches it ends the run", "handgrad"}));
  table.push_back(whole_setting("eval.every_episodes", [](auto& c) -> auto& { return c.trainer.evaluate_every_episodes; }, 0,
                                kNoLimit, {"episodes", "from one evaluation to the next; 0: never", "handgrad"}));
  table.push_back(whole_setting("eval.every_env_steps", [](auto& c) -> auto& { return c.trainer.evaluate_every_env_steps; }, 0,
                                kNoLimit, {"environment steps", "from one evaluation to the next; 0: never", "handgrad"}));
  table.push_back(whole_setting("eval.episodes", [](auto& c) -> auto& { return c.trainer.evaluation_episodes; }, 1, 1'000'000,
                                {"episodes", "an evaluation; solved counts from 100 on", "Gymnasium"}));
  table.push_back(whole_setting("eval.final_episodes", [](auto& c) -> auto& { return c.final_evaluation_episodes; }, 1,
                                1'000'000, {"episodes", "the final evaluation, of the last model", "eval.episodes"}));
  table.push_back(whole_setting(
      "eval.max_episode_steps", [](auto& c) -> auto& { return c.trainer.evaluation_max_steps; }, 1, kNoLimit,
      {"steps", "an evaluation episode is cut off when it is that long", "env.max_episode_steps, or 1,000 without a limit"}));
  table.push_back(choice_setting(
      "eval.environment", [](auto& c) -> auto& { return c.trainer.evaluation_environment; },
      Names<EvaluationEnvironment>{{"own", EvaluationEnvironment::own}, {"clone", EvaluationEnvironment::clone}},
      {"", "own random streams, or a copy of training environment 0 with its stream", "handgrad"}));
}

}  // namespace

std::vector<Setting> all_settings() {
  std::vector<Setting> table;
  add_top_level(table);
  add_environment(table);
  add_network(table);
  add_optimizer(table);
  add_loss(table);
  add_dqn(table);
  add_target(table);
  add_tabular(table);
  add_epsilon(table);
  add_training(table);
  return table;
}

bool belongs_to(const std::string& key, const std::string& algorithm) {
  const std::string section = section_of(key);
  const auto is_in = [&](std::initializer_list<std::string_view> sections) {
    return std::find(sections.begin(), sections.end(), section) != sections.end();
  };
  if (is_in({"net", "optimizer", "loss", "clip", "dqn", "target"})) return algorithm == "dqn";
  if (is_in({"tabular", "alpha", "features"})) return algorithm != "dqn";
  return true;
}

std::string section_of(const std::string& key) {
  const auto dot = key.find('.');
  return dot == std::string::npos ? "" : key.substr(0, dot);
}

std::string name_of(const std::string& key) {
  const auto dot = key.find('.');
  return dot == std::string::npos ? key : key.substr(dot + 1);
}

}  // namespace handgrad::app
