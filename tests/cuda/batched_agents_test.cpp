// Many agents on an emulated GPU: each as if it were alone, to the last bit, and as on the reference backend.

#include "cuda/agents/batched_agents.h"

#include <cmath>
#include <map>

#include "tests/cuda/emulation/emulated_device.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;
using namespace handgrad::cuda;

namespace {

ManyAgentsSpec small(std::int64_t agents = 2, std::uint64_t first_seed = 5) {
  ManyAgentsSpec spec;
  spec.dqn.hidden = {8};
  spec.dqn.batch_size = 4;
  spec.dqn.replay_capacity = 30;
  spec.dqn.optimizer.lr = 3e-3;
  spec.dqn.epsilon = {.kind = Schedule::Kind::linear, .start = 1, .end = 0.1, .span = 5, .unit = Schedule::Unit::episode};
  spec.dqn.target = {.kind = TargetUpdate::Kind::hard, .every = 10};
  spec.environment = "CartPole-v1";
  spec.agents = agents;
  spec.first_seed = first_seed;
  return spec;
}

BatchedAgents<EmulatedDevice> emulated(const ManyAgentsSpec& spec, std::uint64_t order = 1) {
  return {spec, std::make_unique<EmulatedDevice>(order)};
}

bool same(const AgentReport& a, const AgentReport& b) {
  return a.seed == b.seed && a.episodes == b.episodes && a.train_steps == b.train_steps && a.mean_return == b.mean_return &&
         a.loss == b.loss && a.solved_at_env_step == b.solved_at_env_step;
}

/// Every choice that the batched path has, in few and small configurations.
std::map<std::string, ManyAgentsSpec> choices() {
  std::map<std::string, ManyAgentsSpec> all;
  all["plain"] = small();
  ManyAgentsSpec& n_step = all["3 steps, double, AdamW with AMSGrad, norm, soft target"] = small();
  n_step.dqn.n_step = 3;
  n_step.dqn.learning_starts = 5;
  n_step.dqn.double_q = true;
  n_step.dqn.optimizer = default_spec(OptimizerKind::adamw);
  n_step.dqn.optimizer.amsgrad = true;
  n_step.dqn.clipping = {Clipping::Kind::norm, 0.5};
  n_step.dqn.target = {.kind = TargetUpdate::Kind::soft, .every = 1, .tau = 0.05};
  ManyAgentsSpec& momentum = all["tanh, two layers, momentum, clipping by value, target by environment steps"] = small();
  momentum.dqn.hidden = {6, 5};
  momentum.dqn.activation = Activation::tanh;
  momentum.dqn.optimizer = default_spec(OptimizerKind::sgd);
  momentum.dqn.optimizer.lr = 1e-2;
  momentum.dqn.optimizer.momentum = 0.9;
  momentum.dqn.clipping = {Clipping::Kind::value, 0.1};
  momentum.dqn.target = {.every = 7, .unit = TargetUpdate::Unit::env_step, .phase = 3};
  momentum.dqn.replay_replacement = false;
  ManyAgentsSpec& all_actions = all["loss over all actions, independent target, RMSprop"] = small();
  all_actions.dqn.loss_over = LossOver::all;
  all_actions.dqn.loss = {LossKind::mse, 1.0, Reduction::mean};
  all_actions.dqn.target.initial = TargetUpdate::Initial::independent;
  all_actions.dqn.optimizer = default_spec(OptimizerKind::rmsprop);
  all_actions.dqn.optimizer.centered = true;
  all_actions.dqn.optimizer.momentum = 0.5;
  all_actions.dqn.optimizer.lr = 1e-3;
  ManyAgentsSpec& huber = all["Huber, summed, two train steps every third step, bootstrapping at ends, RMSprop of 2015"] =
      small();
  huber.dqn.loss = {LossKind::huber, 0.5, Reduction::sum};
  huber.dqn.train_frequency = 3;
  huber.dqn.gradient_steps = 2;
  huber.dqn.terminal = Terminal::bootstrap;
  huber.dqn.truncation_as_terminal = true;
  huber.dqn.optimizer = default_spec(OptimizerKind::rmsprop_dqn2015);
  ManyAgentsSpec& online = all["all actions, the untaken by the online network, no hidden layer, one-hot states"] = small();
  online.environment = "FrozenLake-v1";
  online.observation = ObservationKind::one_hot;
  online.dqn.hidden = {};
  online.dqn.loss_over = LossOver::all;
  online.dqn.untaken = Untaken::online_s;
  ManyAgentsSpec& next = all["all actions, the untaken by the next state, RAdam"] = small();
  next.dqn.loss_over = LossOver::all;
  next.dqn.untaken = Untaken::target_next;
  next.dqn.optimizer = default_spec(OptimizerKind::radam);
  return all;
}

}  // namespace

TEST_CASE("Batched agents do what ordinary learners do on the reference backend, whatever is chosen") {
  for (const auto& [what, spec] : choices()) {
    INFO(what);
    auto batched = emulated(spec);
    const auto ordinary = make_many_agents(spec, "reference");
    const int pieces = what == "plain" ? 10 : 3;
    for (int piece = 0; piece < pieces; ++piece) {
      batched.run(30);
      ordinary->run(30);
      const std::vector<AgentReport> got = batched.reports(), expected = ordinary->reports();
      for (std::size_t k = 0; k < got.size(); ++k) {
        INFO("agent " << k << ", after step " << ordinary->env_steps());
        CHECK(got[k].seed == expected[k].seed);
        CHECK(got[k].train_steps == expected[k].train_steps);
        CHECK(got[k].train_steps > 0);
        CHECK(got[k].episodes == expected[k].episodes);  // an action that differs shows in these
        CHECK(got[k].mean_return == expected[k].mean_return);
        REQUIRE(got[k].loss.has_value());
        CHECK(*got[k].loss == Approx(*expected[k].loss).epsilon(1e-3));
        CHECK(difference(batched.parameters(static_cast<std::int64_t>(k)), ordinary->parameters(static_cast<std::int64_t>(k)),
                         1e-3, 1e-4) == "");
      }
    }
  }
}

TEST_CASE("What becomes of a batched agent depends neither on how many there are, nor on its place, to the last bit") {
  for (const auto& [what, spec] : choices()) {
    INFO(what);
    ManyAgentsSpec five = spec;
    five.agents = 5;
    auto many = emulated(five);
    many.run(40);
    const std::vector<AgentReport> reports = many.reports();
    for (const std::int64_t k : {0, 3, 4}) {
      INFO("agent " << k);
      ManyAgentsSpec alone = spec;
      alone.agents = k == 3 ? 2 : 1;  // alone, or the first of two
      alone.first_seed = spec.first_seed + static_cast<std::uint64_t>(k);
      auto one = emulated(alone, 7);
      one.run(10);
      one.run(30);
      CHECK(one.parameters(0) == many.parameters(k));
      CHECK(same(one.reports()[0], reports[static_cast<std::size_t>(k)]));
    }
  }
}

TEST_CASE("Batched agents are launched as often for five as for one, and take no memory once they run") {
  const auto launches_of = [](std::int64_t agents) {
    ManyAgentsSpec spec = small(agents);
    spec.dqn.epsilon = {.start = 0};  // all of them ask their networks in every step
    auto batched = emulated(spec);
    batched.run(10);
    const std::int64_t before = batched.device().launches();
    const std::size_t allocations = batched.device().allocations();
    batched.run(10);
    CHECK(batched.device().allocations() == allocations);
    return batched.device().launches() - before;
  };
  // Of a step: 3 to act, 1 to store, 1 to gather, 2 + 2 forward, 1 target, 1 loss, 2 backward, 1 optimiser; 1 in 10 to follow.
  CHECK(launches_of(1) == 10 * 14 + 1);
  CHECK(launches_of(5) == 10 * 14 + 1);
}

TEST_CASE("Batched agents work on threads as without them") {
  ManyAgentsSpec spec = small(130);
  spec.dqn.hidden = {};
  spec.dqn.batch_size = 2;
  auto one = emulated(spec);
  spec.threads = 2;
  auto two = emulated(spec);
  one.run(4);
  two.run(4);
  for (const std::int64_t k : {0, 64, 65, 129}) CHECK(one.parameters(k) == two.parameters(k));
}

TEST_CASE("A batched agent that diverges says so and leaves the others alone") {
  ManyAgentsSpec spec = small(2);
  spec.dqn.optimizer = default_spec(OptimizerKind::sgd);
  spec.dqn.optimizer.lr = 1e30;
  spec.dqn.loss.kind = LossKind::mse;
  auto batched = emulated(spec);
  CHECK(!batched.reports()[0].loss);
  batched.run(40);
  CHECK(!std::isfinite(batched.reports()[1].loss.value()));
  CHECK(!batched.reports()[1].loss);
}

TEST_CASE("Batched agents refuse what cannot be") {
  const auto message = [](const ManyAgentsSpec& spec) { return error_message([&] { emulated(spec); }); };
  ManyAgentsSpec spec = small();
  spec.dqn.n_step = 3;
  CHECK(contains(message(spec), "n_step = 3 and batches of 4 that takes learning_starts >= 5"));
  spec.dqn.learning_starts = 5;
  spec.dqn.replay_capacity = 5;
  CHECK(contains(message(spec), "a replay capacity >= 6, got 5 and 5"));
  spec.dqn.replay_capacity = 6;
  CHECK(message(spec) == "(nothing was thrown)");
  CHECK(contains(message(small(65536)), "up to 65535 agents at once, got 65536"));
  CHECK(contains(message(small(0)), "at least one agent"));
  auto batched = emulated(small());
  CHECK(error_message([&] { batched.run(-1); }) == "agents make 0 or more steps, got -1");
  CHECK(error_message([&] { batched.parameters(2); }) == "there is no agent 2 among 2");
}
