// What a stranger may have put into a state: everything that does not fit is refused by name, and nothing of it is followed.

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "rl/dqn.h"
#include "rl/tabular.h"
#include "tests/support/error_message.h"
#include "tests/support/resume.h"

using namespace handgrad;
using test::Game;
using test::Run;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TrainerConfig limits(std::int64_t steps) {
  return {.max_env_steps = steps, .evaluate_every_env_steps = 20, .evaluation_episodes = 2, .evaluation_max_steps = 5};
}

Run dqn_run(const std::function<void(DqnConfig&)>& change = {}, std::int64_t environments = 2) {
  DqnConfig config;
  config.hidden = {4};
  config.batch_size = 4;
  config.replay_capacity = 40;
  if (change) change(config);
  const Game game{.count = environments};
  Run run{.backend = make_backend("reference")};
  auto learner = std::make_unique<Dqn>(*run.backend, config, 4, 2, environments, 1);
  run.trainer = std::make_unique<Trainer>(
      limits(120), game.all(), std::move(learner), [game] { return game.one(); }, 1);
  return run;
}

Run tabular_run(TabularMethod method, const std::function<void(TabularConfig&)>& change = {}) {
  TabularConfig config;
  config.method = method;
  config.initial_high = 1.0;
  if (change) change(config);
  const Game game{.id = "CliffWalking-v1", .count = 2, .max_episode_steps = 50};
  auto environments = game.all();
  auto learner = std::make_unique<Tabular>(config, StateEncoder({}, environments->observation_space()), 4, 2, 1);
  Run run;
  run.trainer = std::make_unique<Trainer>(
      limits(84), std::move(environments), std::move(learner), [game] { return game.one(); }, 1);
  return run;
}

State played(const Run& run) {
  run.trainer->run();
  return run.trainer->save();
}

RawTensor& array_of(State& state, const std::string& name) {
  const auto found = std::ranges::find(state.arrays, name, &RawTensor::name);
  REQUIRE(found != state.arrays.end());
  return *found;
}

/// Overwrites element i of an array.
template <class T>
void put(State& state, const std::string& name, std::size_t i, T value) {
  RawTensor& array = array_of(state, name);
  REQUIRE(array.type == type_name<T>());
  REQUIRE((i + 1) * sizeof(T) <= array.bytes.size());
  std::memcpy(array.bytes.data() + i * sizeof(T), &value, sizeof(T));
}

/// What loading says of a state after a change. Afterwards the trainer has to be good for the state as it was.
template <class Change>
std::string problem(const Run& run, const State& state, Change change) {
  State changed = state;
  change(changed);
  const std::string message = error_message([&] { run.trainer->load(changed); });
  run.trainer->load(state);
  CHECK(run.trainer->save() == state);
  return message;
}

}  // namespace

TEST_CASE("What cannot be of a run is refused: counts, returns, evaluations") {
  const State state = played(dqn_run());
  const Run run = dqn_run();
  const auto value = [&](const std::string& name, const StateValue& x) {
    return problem(run, state, [&](State& s) { s.values[name] = x; });
  };
  const auto whole = [](std::int64_t x) { return StateValue(x); };
  CHECK(contains(value("env_steps", whole(-2)), "a run of 2 environments cannot have made -2 environment steps"));
  CHECK(contains(value("env_steps", whole(121)), "cannot have made 121 environment steps"));
  CHECK(contains(value("env_steps", whole(INT64_MAX - 1)), "cannot have made"));
  CHECK(contains(value("episodes", whole(-1)), "cannot have finished -1 episodes"));
  CHECK(contains(value("episodes", whole(121)), "cannot have finished 121 episodes after 120"));
  CHECK(contains(value("begun", false), "the run has not begun, and that it has made 120"));
  CHECK(contains(value("evaluation.count", whole(-1)), "cannot have had -1 evaluations"));
  CHECK(contains(value("evaluation.count", whole(0)), "last and the best mean where there have been evaluations"));
  CHECK(contains(value("evaluation.solved_at_env_step", whole(121)), "cannot have solved its task at step 121"));
  CHECK(contains(value("evaluation.solved_at_env_step", whole(0)), "cannot have solved its task at step 0"));
  CHECK(contains(value("evaluation.seeds", std::string("dice")), "'evaluation.seeds' in the state is no random stream"));
  CHECK(contains(problem(run, state, [](State& s) { s.values.erase("evaluation.best_mean"); }), "last and the best mean"));
  CHECK(contains(problem(run, state, [](State& s) { put<std::int64_t>(s, "lengths", 1, -1); }), "come to its step -1"));
  CHECK(
      contains(problem(run, state, [](State& s) { put<std::int64_t>(s, "lengths", 0, 61); }), "come to its step 61 after 60"));
  CHECK(contains(problem(run, state, [](State& s) { s.values["more"] = true; }), "'more' that nothing here has a use for"));
  CHECK(contains(problem(run, state, [](State& s) { s.arrays.pop_back(); }), "there is no array"));
}

TEST_CASE("Every value and every array of a state is needed, and has to have its type and shape") {
  for (const bool table : {false, true}) {
    const auto make = [&] { return table ? tabular_run(TabularMethod::q_lambda) : dqn_run(); };
    const State state = played(make());
    const Run run = make();
    for (const auto& entry : state.values) {
      const std::string& name = entry.first;
      const StateValue& value = entry.second;
      INFO(name);
      const std::string missing = problem(run, state, [&](State& s) { s.values.erase(name); });
      CHECK(missing != "(nothing was thrown)");
      CHECK(contains(problem(run, state,
                             [&](State& s) {
                               s.values[name] =
                                   std::holds_alternative<std::string>(value) ? StateValue(1.5) : StateValue("word");
                             }),
                     "'" + name + "' in the state has to be"));
    }
    for (std::size_t k = 0; k < state.arrays.size(); ++k) {
      const std::string name = state.arrays[k].name;
      INFO(name);
      const auto array_problem = [&](const std::function<void(RawTensor&)>& change) {
        return problem(run, state, [&](State& s) { change(s.arrays[k]); });
      };
      CHECK(contains(array_problem([](RawTensor& a) { a.name += "x"; }), "there is no array '" + name + "'"));
      CHECK(contains(array_problem([](RawTensor& a) { a.type = "BF16"; }), "'" + name + "' of the state has to be"));
      CHECK(contains(array_problem([](RawTensor& a) { a.shape.push_back(1); }), "'" + name + "' of the state has to be"));
      CHECK(contains(array_problem([](RawTensor& a) { a.bytes.push_back('x'); }), "'" + name + "' of the state has to be"));
      CHECK(contains(array_problem([](RawTensor& a) { a.shape.assign(1, INT64_MAX); }),
                     "'" + name + "' of the state has to be"));
    }
  }
}

TEST_CASE("What cannot be of a DQN is refused: actions, ends, times, numbers that are none") {
  const State state = played(dqn_run());
  const Run run = dqn_run();
  const auto changed = [&](auto change) { return problem(run, state, change); };
  const std::string replay = "learner.replay.";
  CHECK(
      contains(changed([&](State& s) { put<std::int32_t>(s, replay + "actions", 3, 2); }), "holds action 2, expected 0 to 1"));
  CHECK(contains(changed([&](State& s) { put<std::int32_t>(s, replay + "actions", 0, -1); }), "holds action -1"));
  CHECK(contains(changed([&](State& s) { put<std::uint8_t>(s, replay + "ends", 5, 4); }), "an end of kind 4"));
  CHECK(
      contains(changed([&](State& s) { put<std::uint8_t>(s, replay + "ends", 39, 3); }), "final_observations' of the state"));
  CHECK(contains(changed([&](State& s) { s.values[replay + "time"] = std::int64_t{-1}; }), "cannot have seen -1 steps"));
  CHECK(contains(changed([&](State& s) { s.values[replay + "time"] = INT64_MAX; }), "cannot have seen"));
  CHECK(contains(changed([&](State& s) { s.values[replay + "time"] = std::int64_t{3}; }),
                 "rewards' of the state has to be [3, 2]"));
  for (const std::string network : {"online", "target"}) {
    for (const double x : {kNan, HUGE_VAL}) {
      CHECK(contains(changed([&](State& s) { put(s, "learner." + network + ".0.bias", 1, static_cast<Real>(x)); }),
                     "expected finite numbers: learning had diverged"));
    }
  }
  const auto nan_in = [&](const std::string& array) {
    return changed([&](State& s) { put(s, "learner." + array, 2, static_cast<Real>(kNan)); });
  };
  CHECK(contains(nan_in("replay.rewards"), "holds a reward that is infinite or NaN"));
  CHECK(contains(nan_in("replay.observations"), "holds an observation that is infinite or NaN"));
  CHECK(contains(nan_in("replay.final_observations"), "holds an observation that is infinite or NaN"));
  CHECK(contains(nan_in("optimizer.exp_avg_sq"), "the optimiser's exp_avg_sq"));
  CHECK(contains(nan_in("online.gradients"), "the gradient of 0.weight"));
  CHECK(contains(changed([](State& s) { put(s, "learner.loss.value_and_sum", 1, static_cast<Real>(HUGE_VAL)); }),
                 "the sum of losses"));
  CHECK(contains(changed([](State& s) { put(s, "environments.values", 7, kNan); }),
                 "the state holds an observation that is infinite or NaN"));
  CHECK(contains(changed([](State& s) { s.values["learner.optimizer.steps"] = std::int64_t{-1}; }),
                 "cannot have made -1 steps"));
  CHECK(contains(changed([](State& s) { s.values["learner.optimizer.steps"] = INT64_MAX; }), "cannot have made"));
  CHECK(contains(changed([](State& s) { s.values["learner.optimizer.learning_rate"] = -1.0; }), "lr has to be in [0, inf)"));
  CHECK(contains(changed([](State& s) { s.values["learner.loss.batches"] = INT64_MIN; }), "cannot be the mean over"));
}

TEST_CASE("What cannot be of a table is refused: rows, actions, windows, traces") {
  const auto check = [](TabularMethod method, const std::vector<std::pair<std::string, std::function<void(State&)>>>& cases) {
    const State state = played(tabular_run(method));
    const Run run = tabular_run(method);
    for (const auto& [message, change] : cases) {
      INFO(message);
      CHECK(contains(problem(run, state, change), message));
    }
  };
  check(TabularMethod::sarsa,
        {{"holds row 48 of a table of 48", [](State& s) { put<std::int32_t>(s, "learner.states", 1, 48); }},
         {"holds row -1", [](State& s) { put<std::int32_t>(s, "learner.states", 0, -1); }},
         {"holds action 4 as the next one", [](State& s) { put<std::int32_t>(s, "learner.next_actions", 1, 4); }},
         {"holds action -2 as the next one", [](State& s) { put<std::int32_t>(s, "learner.next_actions", 1, -2); }},
         {"a value that is not finite", [](State& s) { put<double>(s, "learner.q", 7, kNan); }},
         {"a table cannot have made", [](State& s) { s.values["learner.updates"] = INT64_MAX; }},
         {"a table cannot have made", [](State& s) { s.values["learner.errors"] = std::int64_t{1000}; }}});
  check(TabularMethod::double_q_learning, {{"'q_b' in the state holds a value that is not finite",
                                            [](State& s) { put<double>(s, "learner.q_b", 0, -HUGE_VAL); }}});
  const std::string windows = "learner.windows.", traces = "learner.traces.";
  check(
      TabularMethod::nstep_sarsa,
      {{"4 open windows of an environment, expected 0 to 3", [&](State& s) { put<std::int64_t>(s, windows + "open", 0, 4); }},
       {"-1 open windows", [&](State& s) { put<std::int64_t>(s, windows + "open", 1, -1); }},
       {"holds 6 open windows, expected 4", [&](State& s) { put<std::int64_t>(s, windows + "open", 1, 1); }},
       {"holds row 48", [&](State& s) { put<std::int32_t>(s, windows + "states", 2, 48); }},
       {"holds action 4", [&](State& s) { put<std::int32_t>(s, windows + "actions", 2, 4); }},
       {"which do not fit", [&](State& s) {
          array_of(s, windows + "rewards").shape = {5};
          array_of(s, windows + "rewards").bytes.resize(40);
        }}});
  check(TabularMethod::q_lambda,
        {{"holds 1000 traces of an environment", [&](State& s) { put<std::int64_t>(s, traces + "alive", 0, 1000); }},
         {"-1 traces", [&](State& s) { put<std::int64_t>(s, traces + "alive", 0, -1); }},
         {"a trace of pair 192, expected 0 to 191", [&](State& s) { put<std::int32_t>(s, traces + "pairs", 0, 192); }},
         {"a trace of pair -1", [&](State& s) { put<std::int32_t>(s, traces + "pairs", 0, -1); }},
         {"expected one trace a pair", [&](State& s) { put<double>(s, traces + "values", 0, 0.0); }},
         {"expected one trace a pair", [&](State& s) { put<double>(s, traces + "values", 0, kNan); }},
         {"expected one trace a pair", [&](State& s) {
            std::int32_t first = 0;
            std::memcpy(&first, array_of(s, traces + "pairs").bytes.data(), sizeof first);
            put<std::int32_t>(s, traces + "pairs", 1, first);
          }}});
}

TEST_CASE("What cannot be of the environments is refused: streams, counts, flags, places") {
  const State state = played(tabular_run(TabularMethod::q_learning));
  const Run run = tabular_run(TabularMethod::q_learning);
  // of each environment: state, last action, probability, steps of the episode, observation, terminated, truncated
  const auto values = [&](std::size_t i, double x) {
    return problem(run, state, [&](State& s) { put<double>(s, "environments.values", i, x); });
  };
  for (const double x : {-1.0, 48.0, 0.5, kNan, HUGE_VAL, 1e300}) CHECK(contains(values(7, x), "was not saved by such an"));
  for (const double x : {-2.0, 4.0, 0.5, kNan}) CHECK(contains(values(1, x), "was not saved by such an environment"));
  for (const double x : {-1.0, 1.5, kNan}) CHECK(contains(values(2, x), "was not saved by such an environment"));
  for (const double x : {-1.0, 0.5, kNan, 1e300}) CHECK(contains(values(3, x), "was not saved under a time limit"));
  CHECK(contains(values(4, 1e300), "snapshot 0 holds an observation of 1e+300, which is too large for one"));
  for (const std::size_t flag : {5U, 6U, 12U, 13U}) {
    for (const double x : {2.0, -1.0, kNan}) CHECK(contains(values(flag, x), "there is neither 0 nor 1"));
  }
  const auto changed = [&](auto change) { return problem(run, state, change); };
  CHECK(contains(changed([](State& s) { put<std::int64_t>(s, "environments.streams", 3, 2); }), "increment"));
  CHECK(contains(changed([](State& s) { put<std::int64_t>(s, "environments.stream_halves", 1, -3); }), "cannot have -3"));
  CHECK(contains(changed([](State& s) { put<std::int64_t>(s, "environments.stream_halves", 1, std::int64_t{1} << 32); }),
                 "cannot have 4294967296 to give out next"));
  CHECK(
      contains(changed([](State& s) { put<std::int64_t>(s, "environments.value_counts", 0, -1); }), "said to have -1 values"));
  CHECK(contains(changed([](State& s) { put<std::int64_t>(s, "environments.value_counts", 0, 15); }), "where there are 14"));
  CHECK(contains(changed([](State& s) { put<std::int64_t>(s, "environments.value_counts", 1, 6); }), "1 values too many"));
  CHECK(contains(changed([](State& s) {
                   put<std::int64_t>(s, "environments.value_counts", 0, 1);
                   put<std::int64_t>(s, "environments.value_counts", 1, 13);
                 }),
                 "snapshot 0 was not saved by a vector environment of this kind"));
}

TEST_CASE("A state of another configuration is refused by name") {
  const State state = played(dqn_run());
  const auto refusal = [&](const Run& run) { return error_message([&] { run.trainer->load(state); }); };
  CHECK(contains(refusal(dqn_run([](DqnConfig& c) { c.hidden = {5}; })),
                 "'evaluation.best_model.0.weight' of the state has to be [5, 4], found [4, 4]"));
  CHECK(contains(refusal(dqn_run([](DqnConfig& c) {
                   c.hidden = {4, 4};
                 })),
                 "'evaluation.best_model.2.weight' of the state has to be [4, 4], found [2, 4]"));
  CHECK(contains(refusal(dqn_run([](DqnConfig& c) { c.optimizer = default_spec(OptimizerKind::rmsprop); })),
                 "there is no array 'learner.optimizer.square_avg'"));
  CHECK(contains(refusal(dqn_run([](DqnConfig& c) { c.optimizer = default_spec(OptimizerKind::sgd); })),
                 "'learner.optimizer.exp_avg' that nothing here has a use for"));
  CHECK(contains(refusal(dqn_run([](DqnConfig& c) { c.replay_capacity = 60; })),
                 "'learner.replay.rewards' of the state has to be [30, 2]"));
  CHECK(contains(refusal(dqn_run({}, 3)), "'returns' of the state has to be [3], found [2]"));
  CHECK(contains(refusal(tabular_run(TabularMethod::sarsa)), "there is no array 'evaluation.best_model.q'"));
}

TEST_CASE("Fewer steps to a return, where more windows are open than that, are refused") {
  const State state = played(tabular_run(TabularMethod::nstep_sarsa));
  const Run run = tabular_run(TabularMethod::nstep_sarsa, [](TabularConfig& c) { c.n_step = 3; });
  CHECK(contains(error_message([&] { run.trainer->load(state); }), "3 open windows of an environment, expected 0 to 2"));
}

TEST_CASE("A state from before the first step begins a run") {
  const Run first = dqn_run(), second = dqn_run(), whole = dqn_run();
  second.trainer->run();  // what it has done so far is gone
  second.trainer->load(first.trainer->save());
  CHECK(second.trainer->progress().env_steps == 0);
  second.trainer->run();
  whole.trainer->run();
  CHECK(test::difference(second.trainer->save(), whole.trainer->save()).empty());
}
