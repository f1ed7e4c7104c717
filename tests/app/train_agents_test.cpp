// What agents that are trained at once leave behind. They run on a CPU backend here; on a GPU it is the same but for who trains.

#include "app/run/train_agents.h"

#include <csignal>

#include <nlohmann/json.hpp>

#include "app/config/resolve.h"
#include "app/interrupt.h"
#include "app/run/csv.h"
#include "app/run/run_folder.h"
#include "app/run/train_run.h"
#include "core/safetensors.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/program.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

RunConfig small_run(const std::vector<std::string>& more = {}) {
  std::vector<Assignment> assignments;
  for (const char* setting : {"env.id=CartPole-v1", "net.hidden=[8]", "dqn.batch_size=4", "epsilon.start=0.5",
                              "train.env_steps=400", "eval.episodes=3", "seed=7"}) {
    assignments.push_back(parse_set(setting));
  }
  for (const std::string& setting : more) assignments.push_back(parse_set(setting));
  return resolve(assignments).config;
}

AgentsSummary train(const RunConfig& config, const fs::path& path, std::int64_t agents = 5) {
  NewFolder folder = NewFolder::exactly(path);
  ProgressDisplay progress(ProgressMode::quiet, "", static_cast<std::size_t>(agents), {});
  return train_agents(config, agents_spec(config, agents, 1), "reference", folder, progress, std::chrono::steady_clock::now());
}

}  // namespace

TEST_CASE("agents trained at once leave a row each, their progress, their models and a summary") {
  const TemporaryFolder folder;
  const RunConfig config = small_run();
  const AgentsSummary summary = train(config, folder / "agents");

  const auto many = make_many_agents(agents_spec(config, 5, 1), "reference");
  many->run(400);
  const std::vector<AgentReport> expected = many->reports();
  const CsvTable agents = CsvTable::read(folder / "agents/agents.csv");
  REQUIRE(agents.rows() == 5);
  for (std::size_t k = 0; k < 5; ++k) {
    CHECK(agents.column("seed")[k] == 7 + static_cast<double>(k));
    CHECK(agents.column("episodes")[k] == static_cast<double>(expected[k].episodes));
    CHECK(agents.column("mean_return")[k] == *expected[k].mean_return);
    CHECK(agents.column("train_steps")[k] == 397);
    CHECK(agents.column("loss")[k] > 0);
    CHECK(std::isnan(agents.column("solved_at_env_step")[k]));
  }

  const CsvTable progress = CsvTable::read(folder / "agents/progress.csv");
  REQUIRE(progress.rows() == 100);
  CHECK(progress.column("env_step").front() == 4);
  CHECK(progress.column("env_step").back() == 400);
  const ReturnStatistics returns = statistics(summary.mean_returns());
  CHECK(progress.column("return_mean").back() == returns.mean);
  CHECK(progress.column("return_std").back() == returns.std);
  CHECK(progress.column("return_max").back() == *expected[summary.best.agent].mean_return);

  const TensorFile all = read_safetensors(folder / "agents/agents.safetensors");
  CHECK(all.at("0.weight").shape == std::vector<std::int64_t>{5, 8, 4});
  CHECK(all.at("2.bias").shape == std::vector<std::int64_t>{5, 2});
  CHECK(all.metadata.at("first_seed") == "7");
  for (std::int64_t k = 0; k < 5; ++k) {
    const std::vector<float> parameters = many->parameters(k);
    const auto& weights = all.at("0.weight").values;
    CHECK(std::equal(parameters.begin(), parameters.begin() + 32, weights.begin() + k * 32));
    const auto& biases = all.at("2.bias").values;
    CHECK(std::equal(parameters.end() - 2, parameters.end(), biases.begin() + k * 2));
  }

  const Json json = Json::parse(get_bytes(folder / "agents/summary.json"));
  CHECK(json == Json::parse(to_json(summary)));
  CHECK(json["agents"] == 5);
  CHECK(json["seed"] == 7);
  CHECK(json["env_steps"] == 400);
  CHECK(json["backend"] == "reference");
  CHECK(json["train_return_mean_100"]["mean"] == returns.mean);
  CHECK(json["solved"] == 0);
  CHECK(json["diverged"] == 0);
  CHECK(json["solved_at_env_step"].is_null());
  CHECK(json["agent_steps_per_second"] > 0);
  CHECK_FALSE(json.contains("interrupted"));
  CHECK(contains(to_lines(summary), "5, seeds 7 to 11, 400 steps each"));
  CHECK(contains(to_lines(summary), "solved      0.0 % (mean return of 100 episodes >= 475)"));
}

TEST_CASE("the best agent and the one in the middle can be played, and are judged as eval judges them") {
  const TemporaryFolder folder;
  const AgentsSummary summary = train(small_run(), folder / "agents");
  std::vector<double> returns = summary.mean_returns();
  std::ranges::sort(returns);
  CHECK(*summary.agents[summary.best.agent].mean_return == returns[4]);
  CHECK(*summary.agents[summary.median.agent].mean_return == returns[2]);

  const std::string path = (folder / "agents").string();
  for (const auto& [model, chosen] : {std::pair{"best", summary.best}, std::pair{"median", summary.median}}) {
    const Outcome eval = run_program({"eval", path, "--model", model, "--episodes", "3", "--json"});
    REQUIRE(eval.exit_code == 0);
    CHECK(Json::parse(eval.last_line())["return_mean"] == chosen.evaluation->mean);
    const TensorFile file = read_safetensors(model_file(path, model));
    CHECK(file.metadata.at("seed") == std::to_string(summary.agents[chosen.agent].seed));
  }
  const Outcome last = run_program({"eval", path});
  CHECK(last.exit_code == 2);
  CHECK(contains(last.err, "expected median or best"));
}

TEST_CASE("agents that are interrupted leave what there is") {
  const TemporaryFolder folder;
  AgentsSummary summary;
  {
    const InterruptScope interruptible;
    std::raise(SIGINT);
    summary = train(small_run(), folder / "agents");
  }
  const InterruptScope forgotten;  // the next test's runs are not interrupted
  CHECK(summary.interrupted);
  CHECK(summary.env_steps == 0);
  CHECK(!summary.best.evaluation);
  const Json json = Json::parse(get_bytes(folder / "agents/summary.json"));
  CHECK(json["interrupted"] == true);
  CHECK(json["train_return_mean_100"].is_null());
  CHECK(json["best"]["eval_return_mean"].is_null());
  CHECK(CsvTable::read(folder / "agents/agents.csv").rows() == 5);
  CHECK(read_safetensors(folder / "agents/agents.safetensors").tensors.size() == 4);
  CHECK(contains(to_lines(summary), "best        seed 7: no episode"));
}

TEST_CASE("agents are ranked by their returns, those without an episode last, the lower seed first among equals") {
  std::vector<AgentReport> agents(5);
  agents[0].mean_return = 20;
  agents[2].mean_return = 30;
  agents[3].mean_return = -10;
  agents[4].mean_return = 30;
  CHECK(ranking(agents) == std::vector<std::size_t>{2, 4, 0, 3, 1});
}

TEST_CASE("agents that have solved their task, and those that have diverged, are counted") {
  const TemporaryFolder folder;
  AgentsSummary summary = train(small_run({"train.env_steps=8"}), folder / "agents", 3);
  summary.agents[1].solved_at_env_step = 5;
  summary.agents[2].solved_at_env_step = 7;
  summary.agents[0].loss = std::numeric_limits<double>::infinity();
  const Json json = Json::parse(to_json(summary));
  CHECK(json["solved"] == 2);
  CHECK(json["solved_at_env_step"]["mean"] == 6);
  CHECK(json["diverged"] == 1);
  CHECK(contains(to_lines(summary), "66.7 %, at step 6 +- 1"));
  CHECK(contains(to_lines(summary), "diverged    1"));
}

TEST_CASE("agents trained at once refuse what they cannot do, by its name") {
  const auto message = [](const std::vector<std::string>& more) {
    return error_message([&] { agents_spec(small_run(more), 2, 1); });
  };
  CHECK(contains(message({"env.count=2"}), "env.count=1"));
  CHECK(contains(message({"env.count=2", "env.fast=true"}), "env.count=1"));
  CHECK(contains(message({"env.fast=true"}), "env.fast=false"));
  CHECK(contains(message({"env.block_steps=10"}), "env.block_steps=0"));
  CHECK(contains(message({"train.episodes=5"}), "train.episodes=0"));
  const RunConfig table =
      resolve({parse_set("env.id=FrozenLake-v1"), parse_set("algorithm=q_learning"), parse_set("train.env_steps=5")}).config;
  CHECK(contains(error_message([&] { agents_spec(table, 2, 1); }), "q_learning has tables"));
}

TEST_CASE("--seeds on a GPU that is not there says so and leaves nothing behind") {
  const TemporaryFolder folder;
  for (const char* backend : {"cuda", "cuda:fused"}) {
    const Outcome outcome = run_program({"train", "cartpole", "--seeds", "3", "--backend", backend, "--quiet", "--set",
                                         "train.env_steps=10", "--out", (folder / "agents").string()});
    if (outcome.exit_code == 0) continue;  // it is there
    CHECK(outcome.exit_code == 2);
    CHECK(contains(outcome.err, "cuda"));
    CHECK(outcome.error_lines() == 1);
    CHECK_FALSE(fs::exists(folder / "agents"));
  }
}
