#include "app/config/formulas.h"
#include "app/config/presets.h"
#include "app/config/resolve.h"
#include "app/config/settings.h"
#include "app/usage_error.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

ResolvedConfig resolve_text(const std::string& toml, const std::vector<std::string>& set = {}) {
  const TemporaryFolder folder;
  put_bytes(folder / "run.toml", toml);
  return resolve_preset((folder / "run.toml").string(), set);
}

const std::string kLake = "algorithm = \"sarsa\"\ntrain.episodes = 10\n[env]\nid = \"FrozenLake-v1\"\n";
const std::string kPole = "algorithm = \"q_learning\"\ntrain.episodes = 10\n[env]\nid = \"CartPole-v1\"\n";

std::string complaint(const std::string& toml, const std::vector<std::string>& set = {}) {
  return error_message([&] { resolve_text(toml, set); });
}

std::string formulas(const std::vector<std::string>& set) { return update_formulas(resolve_text(kLake, set).config); }

}  // namespace

TEST_CASE("a setting of another algorithm's section is refused, with a remedy") {
  const std::string message = complaint(kLake + "[dqn]\ngamma = 0.9\n");
  CHECK(contains(message, "run.toml:6: dqn.gamma is no setting of algorithm = \"sarsa\""));
  CHECK(contains(message, "leave it out, or choose another algorithm"));
  CHECK(contains(complaint(kLake, {"net.hidden=[4]"}), "--set net.hidden=[4]: net.hidden is no setting of"));
  CHECK(contains(complaint("train.episodes = 1\nenv.id = \"CartPole-v1\"\nalpha.start = 0.5\n"),
                 "alpha.start is no setting of algorithm = \"dqn\""));
}

TEST_CASE("config.toml of a table has no settings of networks, and of a network none of tables") {
  const std::string table = to_toml(resolve_text(kLake).config);
  CHECK(contains(table, "[tabular]"));
  CHECK(contains(table, "[alpha]"));
  CHECK(contains(table, "[epsilon]"));
  CHECK_FALSE(contains(table, "[dqn]"));
  CHECK_FALSE(contains(table, "[net]"));
  const std::string network = to_toml(resolve_preset("cartpole", {}).config);
  CHECK(contains(network, "[dqn]"));
  CHECK_FALSE(contains(network, "[tabular]"));
  CHECK_FALSE(contains(network, "[features]"));
}

TEST_CASE("the exploration rate is the learner's own, whatever the algorithm") {
  const RunConfig config = resolve_text(kLake, {"epsilon.start=0.5", "epsilon.floor=0.25"}).config;
  CHECK(config.tabular.epsilon.start == 0.5);
  CHECK(config.tabular.epsilon.floor == 0.25);
  CHECK(config.dqn.epsilon.start == DqnConfig().epsilon.start);
  CHECK(resolve_preset("cartpole", {"epsilon.start=0.5"}).config.dqn.epsilon.start == 0.5);
}

TEST_CASE("the algorithm is taken first, wherever it stands") {
  CHECK(resolve_text("tabular.gamma = 0.5\ntrain.episodes = 1\nenv.id = \"FrozenLake-v1\"\nalgorithm = \"q_lambda\"\n")
            .config.tabular.method == TabularMethod::q_lambda);
  CHECK(contains(complaint(kLake, {"algorithm=q-lambda"}), "Did you mean 'q_lambda'?"));
}

TEST_CASE("initial values are one number or the two ends of a range") {
  const auto initial = [](const std::string& value) {
    return resolve_text(kLake, {"tabular.initial=" + value}).config.tabular;
  };
  CHECK(initial("-3").initial_low == -3);
  CHECK(initial("-3").initial_high == -3);
  CHECK(initial("[-1, 1]").initial_low == -1);
  CHECK(initial("[-1, 1]").initial_high == 1);
  CHECK(initial("[0.5, 0.75]").initial_high == 0.75);
  CHECK(contains(complaint(kLake, {"tabular.initial=[1, -1]"}), "expected a number, or [low, high]"));
  CHECK(contains(complaint(kLake, {"tabular.initial=[1]"}), "expected a number, or [low, high]"));
  CHECK(contains(complaint(kLake, {"tabular.initial=inf"}), "expected a number, or [low, high]"));
}

TEST_CASE("a table needs states: numbered ones, or features that make them") {
  CHECK(contains(complaint(kPole), "set features.kind to bins or tiles"));
  const std::string bins = kPole + "[features]\nkind = \"bins\"\nbins = [6, 6, 12, 12]\n";
  CHECK(contains(complaint(bins), "set features.low and features.high"));  // CartPole's velocities have no bounds
  const RunConfig config = resolve_text(bins + "low = [-2.4, -3, -0.2, -3.5]\nhigh = [2.4, 3, 0.2, 3.5]\n").config;
  CHECK(config.features.bins == std::vector<std::int64_t>{6, 6, 12, 12});
  CHECK(config.features.low == std::vector<double>{-2.4, -3, -0.2, -3.5});
  CHECK(all_values(resolve_text(to_toml(config)).config) == all_values(config));
  CHECK(contains(complaint(bins, {"features.bins=[6]"}), "for each of the 4 components"));
  CHECK(contains(complaint(bins, {"features.bins=[0, 1, 1, 1]"}), "an array of whole numbers"));
}

TEST_CASE("the formulas of a table carry its own numbers") {
  CHECK(contains(formulas({"tabular.gamma=0.9"}), "G = r + 0.9 · (1 - terminated) · Q(s', a')"));
  CHECK(contains(formulas({"algorithm=q_learning", "tabular.terminal=bootstrap"}), "G = r + 0.99 · max_b Q(s', b)"));
  CHECK(contains(formulas({"algorithm=expected_sarsa"}), "Σ_b π(b|s') Q(s', b)"));
  CHECK(contains(formulas({"algorithm=double_q_learning"}), "Qb(s', argmax_b Qa(s', b))"));
  CHECK(contains(formulas({"algorithm=nstep_sarsa", "tabular.n_step=7"}), "once 7 rewards are there"));
  CHECK(contains(formulas({"algorithm=q_lambda", "tabular.lambda=0.7"}), "e = 0.99 · 0.7 e"));
  CHECK(contains(formulas({"alpha.kind=exponential", "alpha.start=0.5", "alpha.end=0", "alpha.span=1000", "alpha.floor=0.05",
                           "alpha.unit=episode"}),
                 "α(n) = max(0.05, 0 + (0.5 - 0) · exp(-n/1000)),  n episodes finished so far"));
  CHECK(contains(formulas({"tabular.initial=[-1, 1]"}), "Q uniformly at random between -1 and 1"));
}
