// What single steps do to a table, in closed form; the golden cases tabular.* have twelve steps of each method.

#include "rl/tabular_update.h"

#include <cmath>

#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

constexpr std::int32_t kRows[] = {0, 1, 2, 3};

StateRows at(std::int32_t state) { return {&kRows[state], 1}; }

TabularConfig config_of(TabularMethod method) {
  TabularConfig config;
  config.method = method;
  config.gamma = 0.5;
  config.lambda = 0.5;
  config.n_step = 3;
  return config;
}

/// From state 0 by action 0 to state 1, where action 1 comes next.
TabularTransition from_0_to_1(double reward, bool terminated = false, bool truncated = false) {
  return {at(0), 0, reward, at(1), terminated ? -1 : 1, terminated, truncated};
}

void set_row(TabularUpdate& update, std::int32_t state, const std::vector<double>& values, std::int64_t table = 0) {
  std::ranges::copy(values, update.tables().weights(table).begin() + state * static_cast<std::int64_t>(values.size()));
}

double q(const TabularUpdate& update, std::int32_t state, std::int32_t action, std::int64_t table = 0) {
  return update.tables().value(at(state), action, table);
}

/// The target of one step from 0 to 1, whose values there are [1, 3, 3].
double target(TabularConfig config, bool terminated, bool truncated) {
  TabularUpdate update(config, 4, 1, 3);
  for (std::int64_t table = 0; table < update.tables().tables(); ++table) set_row(update, 1, {1, 3, 3}, table);
  update.run(0, from_0_to_1(10, terminated, truncated), {.alpha = 1.0, .epsilon = 0.6});
  return q(update, 0, 0);
}

}  // namespace

TEST_CASE("one step of each method, by hand") {
  const auto plain = [](TabularMethod method) { return target(config_of(method), false, false); };
  CHECK(plain(TabularMethod::q_learning) == 11.5);
  CHECK(plain(TabularMethod::sarsa) == 11.5);  // a' = 1, worth 3
  CHECK(plain(TabularMethod::double_q_learning) == 11.5);
  CHECK(plain(TabularMethod::q_lambda) == 11.5);
  CHECK(plain(TabularMethod::nstep_sarsa) == 0.0);  // two rewards are still to come
  // π = 0.6/3 + 0.4/2 for the two best, 0.6/3 for the other: 0.2·1 + 0.4·3 + 0.4·3 = 2.6
  CHECK(plain(TabularMethod::expected_sarsa) == Approx(11.3).epsilon(1e-15));
}

TEST_CASE("Trap: nothing comes after a termination, whatever the table says; a time limit bootstraps") {
  for (const TabularMethod method : all_tabular_methods()) {
    CAPTURE(to_string(method));
    TabularConfig config = config_of(method);
    const double bootstrapped = method == TabularMethod::expected_sarsa ? 11.3 : 11.5;
    CHECK(target(config, true, false) == 10.0);
    CHECK(target(config, true, true) == 10.0);  // both at once: terminated
    CHECK(target(config, false, true) == Approx(bootstrapped).epsilon(1e-15));
    config.truncation_as_terminal = true;
    CHECK(target(config, false, true) == 10.0);
  }
}

TEST_CASE("the mistake of bootstrapping from terminal states can be made") {
  TabularConfig config = config_of(TabularMethod::q_learning);
  config.terminal_bootstraps = true;
  CHECK(target(config, true, false) == 11.5);
  CHECK(target(config, true, true) == 11.5);
}

TEST_CASE("double Q-learning values the action that one table chooses by the other") {
  TabularUpdate update(config_of(TabularMethod::double_q_learning), 4, 1, 2);
  set_row(update, 1, {5, 0}, 0);
  set_row(update, 1, {-4, 7}, 1);
  update.run(0, from_0_to_1(0), {.alpha = 0.5, .coin = false});
  CHECK(q(update, 0, 0, 0) == 0.5 * 0.5 * -4);
  CHECK(q(update, 0, 0, 1) == 0.0);
  update.run(0, from_0_to_1(0), {.alpha = 0.5, .coin = true});
  CHECK(q(update, 0, 0, 1) == 0.0);  // table 1 chooses action 1, worth 0 in table 0
  CHECK(update.tables().total(at(1))[1] == 7.0);
}

TEST_CASE("a window of n steps is closed by its n-th reward, and by an episode's end") {
  TabularUpdate update(config_of(TabularMethod::nstep_sarsa), 4, 1, 2);
  set_row(update, 3, {0, 8}, 0);
  const auto step = [&](std::int32_t from, double reward, std::int32_t to, bool terminated, bool truncated) {
    update.run(0, {at(from), 0, reward, at(to), 1, terminated, truncated}, {.alpha = 1.0});
  };
  step(0, 1, 1, false, false);
  step(1, 2, 2, false, false);
  CHECK(q(update, 0, 0) == 0.0);
  step(2, 4, 3, false, false);
  CHECK(q(update, 0, 0) == 1 + 0.5 * 2 + 0.25 * 4 + 0.125 * 8);
  CHECK(q(update, 1, 0) == 0.0);
  step(3, 16, 3, false, true);  // the time limit: each open window bootstraps from Q(3, 1)
  CHECK(q(update, 1, 0) == 2 + 0.5 * 4 + 0.25 * 16 + 0.125 * 8);
  CHECK(q(update, 2, 0) == 4 + 0.5 * 16 + 0.25 * 8);
  CHECK(q(update, 3, 0) == 16 + 0.5 * 8);
  step(0, 5, 1, true, false);  // a new episode has windows of its own
  CHECK(q(update, 0, 0) == 5.0);
  CHECK(update.updates() == 5);
}

TEST_CASE("with n = 1, n-step SARSA is SARSA") {
  TabularConfig config = config_of(TabularMethod::nstep_sarsa);
  config.n_step = 1;
  CHECK(target(config, false, false) == target(config_of(TabularMethod::sarsa), false, false));
}

TEST_CASE("traces fade with greedy actions, end with exploring ones, and are each environment's own") {
  TabularUpdate update(config_of(TabularMethod::q_lambda), 4, 1, 2, 2);
  set_row(update, 1, {0, 1}, 0);
  const auto step = [&](std::int64_t environment, std::int32_t from, std::int32_t next_action) {
    update.run(environment, {at(from), 0, 1.0, at(1), next_action, false, false}, {.alpha = 0.0});
  };
  step(0, 0, 1);
  CHECK(update.traces(0)[0] == 0.25);
  CHECK(update.traces(1)[0] == 0.0);
  step(0, 2, 1);
  CHECK(update.traces(0)[0] == 0.0625);
  CHECK(update.traces(0)[4] == 0.25);
  step(0, 2, 1);
  CHECK(update.traces(0)[4] == 0.25 * 1.25);  // visited again: 0.25 + 1, faded
  step(1, 3, 0);                              // a worse action is taken next
  CHECK(update.traces(1)[6] == 0.0);
  CHECK(update.traces(0)[4] > 0.0);
  update.run(0, {at(3), 0, 1.0, at(1), 1, false, true}, {.alpha = 0.0});
  for (const double trace : update.traces(0)) CHECK(trace == 0.0);
}

TEST_CASE("an illegal action is never a best one, nor in an expectation") {
  // Action 2 of state 1, the largest, is not legal.
  const std::vector<std::uint8_t> legal = {1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1};
  const auto learned = [&](TabularMethod method) {
    TabularUpdate update(config_of(method), 4, 1, 3, 1, legal);
    for (std::int64_t table = 0; table < update.tables().tables(); ++table) set_row(update, 1, {1, 3, 100}, table);
    update.run(0, from_0_to_1(10), {.alpha = 1.0, .epsilon = 0.5});
    CHECK_FALSE(update.is_greedy(at(1), 2));
    return q(update, 0, 0);
  };
  CHECK(learned(TabularMethod::q_learning) == 11.5);
  CHECK(learned(TabularMethod::double_q_learning) == 11.5);
  CHECK(learned(TabularMethod::expected_sarsa) == 10 + 0.5 * (0.25 * 1 + 0.75 * 3));
}

TEST_CASE("several active rows share a value and each moves by its share") {
  TabularConfig config = config_of(TabularMethod::q_learning);
  const std::vector<std::int32_t> here = {0, 3}, there = {1, 2};
  TabularUpdate update(config, 4, 2, 2);
  set_row(update, 1, {0, 2});
  set_row(update, 2, {0, 4});
  set_row(update, 0, {1, 0});
  update.run(0, {here, 0, 10.0, there, -1, false, false}, {.alpha = 0.5});
  // G = 10 + 0.5 · (2 + 4) = 13, error 13 - 1 = 12, each row moves by 0.5 · 12 / 2.
  CHECK(q(update, 0, 0) == 4.0);
  CHECK(q(update, 3, 0) == 3.0);
  CHECK(update.tables().value(here, 0) == 7.0);
  const TabularUpdate::Errors errors = update.take_errors();
  CHECK(errors.count == 1);
  CHECK(errors.squares == 144.0);
  CHECK(update.take_errors().count == 0);
}

TEST_CASE("windows and traces work with several active rows as with one that stands for them") {
  // Two copies of every row: each moves by half as much, so the sum is what one row alone would be.
  for (const TabularMethod method : all_tabular_methods()) {
    CAPTURE(to_string(method));
    TabularConfig config = config_of(method);
    config.n_step = 2;
    TabularUpdate one(config, 4, 1, 2), two(config, 8, 2, 2);
    Generator random(5);
    for (int k = 0; k < 200; ++k) {
      const auto draw = [&](std::int64_t n) { return static_cast<std::int32_t>(random.integers(0, n)); };
      const std::int32_t s = draw(4), next = draw(4), action = draw(2), next_action = draw(2);
      const bool ended = draw(10) == 0;
      const double reward = random.uniform(-1, 1);
      const std::vector<std::int32_t> s_two = {s, s + 4}, next_two = {next, next + 4};
      const TabularStep step{.alpha = 0.3, .epsilon = 0.1, .coin = draw(2) == 1};
      one.run(0, {at(s), action, reward, at(next), next_action, ended, false}, step);
      two.run(0, {s_two, action, reward, next_two, next_action, ended, false}, step);
    }
    for (std::int32_t s = 0; s < 4; ++s) {
      const std::vector<std::int32_t> both = {s, s + 4};
      for (std::int32_t a = 0; a < 2; ++a) CHECK(two.tables().value(both, a) == Approx(q(one, s, a)).margin(1e-12));
    }
  }
}

TEST_CASE("a table that makes no sense is refused with what is wrong") {
  const auto complaint = [](auto make) { return error_message(make); };
  const TabularConfig config;
  CHECK(contains(complaint([&] { TabularUpdate(config, 0, 1, 2); }), "at least one of each"));
  CHECK(contains(complaint([&] { TabularUpdate(config, 2, 1, 2, 1, {1, 1, 1}); }), "a mask of 4 legal actions"));
  CHECK(contains(complaint([&] { TabularUpdate(config, 2, 1, 2, 1, {1, 1, 0, 0}); }), "state 1 has no legal action"));
  CHECK(contains(complaint([&] { TabularUpdate(config, 2, 2, 2, 1, {1, 1, 1, 0}); }), "not for tiles"));
  CHECK(contains(complaint([&] {
                   TabularUpdate update(config_of(TabularMethod::sarsa), 4, 1, 2);
                   update.run(0, {at(0), 0, 0.0, at(1), -1, false, false}, {.alpha = 0.1});
                 }),
                 "sarsa bootstraps from the next action"));
  TabularConfig wrong;
  wrong.gamma = 1.5;
  CHECK(contains(complaint([&] { validate(wrong); }), "gamma has to be in [0, 1], got 1.5"));
  wrong = {};
  wrong.n_step = 0;
  CHECK(contains(complaint([&] { validate(wrong); }), "n_step"));
  wrong = {};
  wrong.initial_low = 1.0;
  CHECK(contains(complaint([&] { validate(wrong); }), "the lower one first"));
  wrong = {};
  wrong.alpha.start = 2.0;
  CHECK(contains(complaint([&] { validate(wrong); }), "alpha: start must be in [0, 1], found 2"));
  CHECK(contains(complaint([&] { parse_tabular_method("q-learning"); }), "expected q_learning, sarsa"));
}
