#include "rl/many_agents.h"

#include <cmath>
#include <limits>

#include "core/backends.h"
#include "envs/registry.h"
#include "rl/dqn.h"
#include "rl/trainer.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

ManyAgentsSpec small(std::int64_t agents, std::uint64_t first_seed = 5) {
  ManyAgentsSpec spec;
  spec.dqn.hidden = {8};
  spec.dqn.batch_size = 16;
  spec.dqn.epsilon = {.kind = Schedule::Kind::linear, .start = 1, .end = 0.1, .span = 20, .unit = Schedule::Unit::episode};
  spec.dqn.target = {.kind = TargetUpdate::Kind::hard, .every = 50};
  spec.environment = "CartPole-v1";
  spec.agents = agents;
  spec.first_seed = first_seed;
  return spec;
}

bool same(const AgentReport& a, const AgentReport& b) {
  return a.seed == b.seed && a.episodes == b.episodes && a.train_steps == b.train_steps && a.mean_return == b.mean_return &&
         a.loss == b.loss && a.solved_at_env_step == b.solved_at_env_step;
}

}  // namespace

TEST_CASE("many agents: each is the run of a trainer with its seed") {
  const ManyAgentsSpec spec = small(3);
  const auto many = make_many_agents(spec, "reference");
  many->run(700);
  CHECK(many->agents() == 3);
  CHECK(many->env_steps() == 700);
  const std::vector<AgentReport> reports = many->reports();
  REQUIRE(reports.size() == 3);

  for (std::int64_t k = 0; k < 3; ++k) {
    const std::uint64_t seed = spec.first_seed + static_cast<std::uint64_t>(k);
    const auto backend = make_backend("reference");
    auto learner = std::make_unique<Dqn>(*backend, spec.dqn, 4, 2, 1, seed);
    Dqn& dqn = *learner;
    const VectorSettings settings{.mode = AutoresetMode::same_step};
    Trainer trainer(
        {.max_env_steps = 700}, Registry::gymnasium().make_vector("CartPole-v1", {}, 1, settings), std::move(learner),
        [] { return Registry::gymnasium().make("CartPole-v1"); }, seed);
    trainer.run();
    const AgentReport& report = reports[static_cast<std::size_t>(k)];
    CHECK(report.seed == seed);
    CHECK(report.episodes == trainer.progress().episodes);
    CHECK(report.episodes > 10);
    CHECK(report.train_steps == dqn.train_steps());
    CHECK(report.train_steps == 700 - 15);
    CHECK(report.mean_return == trainer.recent_return_mean());
    CHECK(many->parameters(k) == dqn.step().online().parameters_to_host());
  }
}

TEST_CASE("many agents: what becomes of one hangs neither on their number, its place, nor the pieces of the run") {
  const auto many = make_many_agents(small(5), "reference");
  many->run(300);
  const std::vector<AgentReport> reports = many->reports();
  for (const std::int64_t k : {0, 2, 4}) {
    ManyAgentsSpec alone = small(1, 5 + static_cast<std::uint64_t>(k));
    const auto one = make_many_agents(alone, "reference");
    one->run(300);
    CHECK(same(one->reports()[0], reports[static_cast<std::size_t>(k)]));
    CHECK(one->parameters(0) == many->parameters(k));
  }

  const auto in_pieces = make_many_agents(small(5), "reference");
  for (const std::int64_t n : {0, 1, 149, 150}) in_pieces->run(n);
  const std::vector<AgentReport> again = in_pieces->reports();
  for (std::size_t k = 0; k < 5; ++k) CHECK(same(again[k], reports[k]));
  CHECK(in_pieces->parameters(3) == many->parameters(3));
  CHECK(many->parameters(0) != many->parameters(1));
}

TEST_CASE("many agents: several threads give the bits of one", "[threads]") {
  ManyAgentsSpec spec = small(200);  // enough for each of the three to have some
  const auto one = make_many_agents(spec, "reference");
  spec.threads = 3;
  const auto three = make_many_agents(spec, "reference");
  one->run(60);
  three->run(60);
  const std::vector<AgentReport> expected = one->reports(), found = three->reports();
  for (std::int64_t k = 0; k < spec.agents; ++k) {
    CAPTURE(k);
    REQUIRE(same(found[static_cast<std::size_t>(k)], expected[static_cast<std::size_t>(k)]));
    REQUIRE(three->parameters(k) == one->parameters(k));
  }
}

TEST_CASE("many agents: a loss is the mean since the last reports") {
  const auto many = make_many_agents(small(2), "reference");
  CHECK(!many->reports()[0].loss);
  CHECK(!many->reports()[0].mean_return);
  many->run(100);
  CHECK(many->reports()[0].loss.value() > 0);
  CHECK(!many->reports()[1].loss);
}

TEST_CASE("many agents: solved is when the mean of a hundred episodes first reaches the threshold") {
  ManyAgentsSpec spec = small(1);
  spec.solved_threshold = 9.0;  // every pole stays up that long, nearly
  spec.dqn.learning_starts = 1'000'000;
  const auto many = make_many_agents(spec, "reference");
  std::int64_t hundredth = 0;
  while (many->reports()[0].episodes < 100) {
    CHECK(!many->reports()[0].solved_at_env_step);
    many->run(1);
    ++hundredth;
  }
  CHECK(many->reports()[0].solved_at_env_step == hundredth);
  many->run(500);
  CHECK(many->reports()[0].solved_at_env_step == hundredth);

  spec.solved_threshold = {};
  const auto never = make_many_agents(spec, "reference");
  never->run(3000);
  CHECK(!never->reports()[0].solved_at_env_step);
}

TEST_CASE("many agents: one that diverges says so and stops nobody") {
  ManyAgentsSpec spec = small(1);
  spec.dqn.optimizer.kind = OptimizerKind::sgd;
  spec.dqn.optimizer.lr = 1e30;
  spec.dqn.loss.kind = LossKind::mse;
  const auto many = make_many_agents(spec, "reference");
  many->run(100);
  CHECK(!std::isfinite(many->reports()[0].loss.value()));
}

TEST_CASE("many agents see observations in the way that is asked for") {
  ManyAgentsSpec spec = small(2);
  spec.environment = "FrozenLake-v1";
  spec.observation = ObservationKind::one_hot;
  CHECK(make_environments(spec, 2)->observation_size() == 16);
  CHECK(parameter_layout(spec)[0].shape == std::vector<std::int64_t>{8, 16});
  const auto many = make_many_agents(spec, "reference");
  many->run(50);
  CHECK(many->reports()[1].train_steps == 35);
}

TEST_CASE("many agents: the parameters' layout is the network's") {
  const auto layout = parameter_layout(small(1));
  REQUIRE(layout.size() == 4);
  CHECK(layout[2].name == "2.weight");
  CHECK(layout[2].shape == std::vector<std::int64_t>{2, 8});
  CHECK(layout[2].offset == 4 * 8 + 8);
}

TEST_CASE("many agents refuse what cannot be") {
  const auto message = [](ManyAgentsSpec spec, const std::string& backend = "reference") {
    return error_message([&] { make_many_agents(spec, backend); });
  };
  CHECK(message(small(0)) == "there has to be at least one agent, got 0");
  CHECK(message(small(2, std::numeric_limits<std::int64_t>::max())).find("larger than 2^63-1") != std::string::npos);
  ManyAgentsSpec spec = small(1);
  spec.environment = "CartPool-v1";
  CHECK(message(spec).find("CartPole-v1") != std::string::npos);
  spec = small(1);
  spec.dqn.batch_size = 0;
  CHECK(message(spec) == "batch_size has to be at least 1, got 0");
  spec = small(1);
  spec.threads = 0;
  CHECK(message(spec) == "agents are trained by 1 or more threads, got 0");
  CHECK(message(small(1), "abacus").find("abacus") != std::string::npos);

  const auto many = make_many_agents(small(2), "reference");
  CHECK(error_message([&] { many->run(-1); }) == "agents make 0 or more steps, got -1");
  CHECK(error_message([&] { many->parameters(2); }) == "there is no agent 2 among 2");
}
