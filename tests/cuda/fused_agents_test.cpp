#include "cuda/agents/fused_agents.h"

#include <cmath>

#include "envs/cartpole.h"
#include "envs/mountain_car.h"
#include "tests/cuda/emulation/device_array.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;
using namespace handgrad::cuda;

namespace {

ManyAgentsSpec small_spec() {
  ManyAgentsSpec spec;
  spec.environment = "CartPole-v1";
  spec.dqn.hidden = {16, 24};
  spec.dqn.batch_size = 8;
  spec.dqn.replay_capacity = 20;  // so that it wraps
  spec.dqn.target.every = 5;
  spec.dqn.epsilon.start = 0.3;
  spec.first_seed = 11;
  return spec;
}

std::unique_ptr<ManyAgents> emulated(const ManyAgentsSpec& spec, std::uint64_t order = 1) {
  return make_fused_agents(spec, std::make_unique<EmulatedDevice>(order));
}

std::vector<std::uint32_t> words(const Words4& w) { return {w.word[0], w.word[1], w.word[2], w.word[3]}; }

}  // namespace

// Known answers of Random123 (Salmon et al. 2011), philox4x32 of ten rounds.
TEST_CASE("Philox gives the words that its authors print") {
  CHECK(words(philox({{0, 0, 0, 0}}, 0)) == std::vector<std::uint32_t>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  constexpr std::uint32_t kOnes = 0xffffffff;
  CHECK(words(philox({{kOnes, kOnes, kOnes, kOnes}}, ~std::uint64_t{0})) ==
        std::vector<std::uint32_t>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(words(philox({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0x299f31d0a4093822)) ==
        std::vector<std::uint32_t>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("Draws of a fused agent are uniform, and differ by seed, purpose, count and who draws") {
  constexpr int kCells = 10, kDraws = 20'000;
  std::vector<int> cells(kCells);
  double sum = 0;
  for (std::uint32_t n = 0; n < kDraws; ++n) {
    const Words4 w = cuda::draw(5, DrawPurpose::replay, n, 3);
    ++cells[below(kCells, w.word[n % 4])];
    const float u = unit_interval(w.word[(n + 1) % 4]);
    CHECK((u >= 0 && u < 1));
    sum += static_cast<double>(u);
  }
  // Chi squared with 9 degrees of freedom: above 27.9 once in a thousand.
  double chi = 0;
  for (const int count : cells) chi += std::pow(count - kDraws / kCells, 2) / (kDraws / kCells);
  CHECK(chi < 27.9);
  CHECK(sum / kDraws == Approx(0.5).margin(0.008));  // four standard deviations
  CHECK(below(7, 0xffffffff) == 6);
  CHECK(unit_interval(0xffffffff) < 1);

  const auto first = words(cuda::draw(5, DrawPurpose::replay, 0, 0));
  CHECK(words(cuda::draw(6, DrawPurpose::replay, 0, 0)) != first);
  CHECK(words(cuda::draw(5, DrawPurpose::start, 0, 0)) != first);
  CHECK(words(cuda::draw(5, DrawPurpose::replay, 1, 0)) != first);
  CHECK(words(cuda::draw(5, DrawPurpose::replay, 0, 1)) != first);
  CHECK(words(cuda::draw(5 + (std::uint64_t{1} << 32), DrawPurpose::replay, 0, 0)) != first);
}

TEST_CASE("A kernel's CartPole steps as that of envs does, within rounding") {
  Generator random(1);
  CartPole cartpole;
  std::vector<float> observation(4), expected(4);
  cartpole.reset(0, observation);
  int ends = 0;
  for (int trial = 0; trial < 2'000; ++trial) {
    const DeviceCartPole::State start{static_cast<float>(random.uniform(-2.4, 2.4)), static_cast<float>(random.uniform(-3, 3)),
                                      static_cast<float>(random.uniform(-0.2, 0.2)),
                                      static_cast<float>(random.uniform(-3, 3))};
    Snapshot snapshot = cartpole.save();
    snapshot.values = {static_cast<double>(start.x), static_cast<double>(start.velocity), static_cast<double>(start.angle),
                       static_cast<double>(start.angular_velocity), 0};
    cartpole.load(snapshot);
    const auto action = static_cast<int>(random.integers(0, 2));
    const StepResult result = cartpole.step(action, expected);
    DeviceCartPole::State state = start;
    float reward = 0;
    const bool terminated = DeviceCartPole::step(state, action, reward);
    DeviceCartPole::observe(state, observation.data());
    CHECK(difference(observation, expected, 1e-5, 1e-6) == "");
    CHECK(static_cast<double>(reward) == result.reward);
    CHECK(terminated == result.terminated);  // none of these lies on the edge
    ends += terminated;
  }
  CHECK(ends > 50);
}

TEST_CASE("A kernel's MountainCar steps as that of envs does, within rounding") {
  Generator random(2);
  MountainCar car;
  std::vector<float> observation(2), expected(2);
  car.reset(0, observation);
  int ends = 0;
  for (int trial = 0; trial < 2'000; ++trial) {
    const DeviceMountainCar::State start{static_cast<float>(random.uniform(-1.2, 0.55)),
                                         static_cast<float>(random.uniform(-0.07, 0.07))};
    Snapshot snapshot = car.save();
    snapshot.values = {static_cast<double>(start.position), static_cast<double>(start.velocity)};
    car.load(snapshot);
    const auto action = static_cast<int>(random.integers(0, 3));
    const StepResult result = car.step(action, expected);
    DeviceMountainCar::State state = start;
    float reward = 0;
    const bool terminated = DeviceMountainCar::step(state, action, reward);
    DeviceMountainCar::observe(state, observation.data());
    CHECK(difference(observation, expected, 1e-5, 1e-6) == "");
    CHECK(static_cast<double>(reward) == result.reward);
    CHECK(terminated == result.terminated);
    ends += terminated;
  }
  CHECK(ends > 10);
}

TEST_CASE(
    "What becomes of a fused agent hangs on its seed alone: not on K, its place, the order of threads or how often it ran") {
  ManyAgentsSpec spec = small_spec();
  spec.agents = 3;
  SECTION("two hidden layers") {}
  SECTION("one hidden layer") { spec.dqn.hidden = {24}; }
  SECTION("MountainCar") { spec.environment = "MountainCar-v0", spec.max_episode_steps = 9; }
  const auto together = emulated(spec, 1);
  together->run(17);
  together->run(0);
  together->run(23);
  CHECK(together->env_steps() == 40);
  const auto reports = together->reports();
  for (std::size_t k = 0; k < 3; ++k) {
    ManyAgentsSpec one = spec;
    one.agents = 1;
    one.first_seed = spec.first_seed + k;
    const auto alone = emulated(one, 100 + k);
    alone->run(40);
    CHECK(same_bits(alone->parameters(0), together->parameters(static_cast<std::int64_t>(k))));
    const AgentReport report = alone->reports()[0];
    CHECK(report.seed == reports[k].seed);
    CHECK(report.episodes == reports[k].episodes);
    CHECK(report.train_steps == 33);  // from the eighth step on, when there is a batch in memory
    CHECK(report.mean_return == reports[k].mean_return);
    CHECK(*report.loss == Approx(*reports[k].loss).epsilon(1e-6));
  }
  CHECK(!same_bits(together->parameters(0), together->parameters(1)));
}

TEST_CASE("A fused agent starts from the parameters of a Dqn of its seed") {
  ManyAgentsSpec spec = small_spec();
  spec.agents = 2;
  spec.dqn.learning_starts = 1'000;
  const auto fused = emulated(spec), host = make_many_agents(spec, "reference");
  fused->run(3);
  for (std::int64_t k = 0; k < 2; ++k) CHECK(same_bits(fused->parameters(k), host->parameters(k)));
  const AgentReport report = fused->reports()[1];
  CHECK(report.seed == 12);
  CHECK(report.train_steps == 0);
  CHECK(!report.loss);
  CHECK(!report.mean_return);
}

namespace {

/// The kernel with its arrays in reach.
struct InTheOpen {
  using L = FusedLayout<DeviceCartPole, 2>;

  InTheOpen(std::int32_t capacity, std::int32_t limit, std::vector<PlannedStep> plan,
            const EmulatedDevice::Options& options = {})
      : device(options),
        networks(device, L::kNetworks),
        moments(device, 3 * L::kMoments),
        replay(device, std::vector<float>(static_cast<std::size_t>(capacity * L::kTransition), std::nanf(""))),
        returns(device, kRecentReturns),
        records(device, 1),
        steps(device, plan) {
    Generator random(3);
    std::vector<float> network(L::kNetworks);
    const auto places = parameter_places<L>(std::vector<std::int64_t>{64, 64});
    const auto parameters = random_reals(static_cast<std::int64_t>(places.size()), random, -0.3, 0.3);
    put_parameters(parameters, places, std::span(network).first(L::kNetwork));
    put_parameters(parameters, places, std::span(network).last(L::kNetwork));
    networks.upload(network);
    kernel.networks = networks.data();
    kernel.m = moments.data();
    kernel.v = moments.data() + L::kMoments;
    kernel.v_max = moments.data() + 2 * L::kMoments;
    kernel.replay = replay.data();
    kernel.returns = returns.data();
    kernel.records = records.data();
    kernel.plan = steps.data();
    kernel.steps = static_cast<std::int32_t>(plan.size());
    kernel.capacity = capacity;
    kernel.first_seed = 5;
    kernel.max_episode_steps = limit;
    kernel.gamma = 0.9f;
    kernel.truncation_discount = 0.8f;
    kernel.terminal_discount = 0.0f;
    kernel.solved_threshold = 1e9;
    DqnConfig config;
    config.batch_size = 64;
    kernel.settings = fused_settings(config);
  }

  std::vector<float> parameters() const {
    const auto network = networks.host();
    return take_parameters(std::span(network).first(L::kNetwork), parameter_places<L>(std::vector<std::int64_t>{64, 64}));
  }

  void run() { device.launch(kernel, Grid{1, L::kThreads, L::kSharedBytes, 1}); }

  EmulatedDevice device;
  DeviceArray<float> networks, moments, replay, returns;
  DeviceArray<FusedRecord> records;
  DeviceArray<PlannedStep> steps;
  FusedAgent<DeviceCartPole> kernel{};
};

PlannedStep planned(std::int32_t does, float epsilon) { return {epsilon, 1, 0.01f, 30, 1e-3f, does, {}}; }

}  // namespace

TEST_CASE("What a fused agent stores is what the environment does: rewards, ends, the observation before a new start") {
  constexpr int kSteps = 60, kLimit = 12;
  InTheOpen agent(kSteps, kLimit, std::vector<PlannedStep>(kSteps, planned(PlannedStep::acts, 0.5f)));
  agent.run();
  const auto rows = agent.replay.host();
  CartPole cartpole;
  std::vector<float> observation(4), expected(4), last;
  cartpole.reset(0, observation);
  int length = 0, terminations = 0, truncations = 0, lefts = 0;
  for (int t = 0; t < kSteps; ++t) {
    const float* row = &rows[static_cast<std::size_t>(t) * InTheOpen::L::kTransition];
    const std::vector<float> s(row, row + 4), next(row + 4, row + 8);
    if (length == 0) {
      for (const float x : s) CHECK(std::abs(x) <= 0.05f);
      CHECK(s != last);
    } else {
      CHECK(s == last);
    }
    Snapshot snapshot = cartpole.save();
    snapshot.values.assign(s.begin(), s.end());
    snapshot.values.push_back(0);
    cartpole.load(snapshot);
    lefts += row[10] == 0;
    const StepResult result = cartpole.step(static_cast<std::int64_t>(row[10]), expected);
    CHECK(difference(next, expected, 1e-5, 1e-6) == "");
    CHECK(row[8] == 1);
    ++length;
    const bool truncated = !result.terminated && length == kLimit;
    CHECK(row[9] == (result.terminated ? 0.0f : truncated ? 0.8f : 0.9f));
    terminations += result.terminated;
    truncations += truncated;
    last = next;
    if (result.terminated || truncated) length = 0;
  }
  CHECK(terminations > 0);
  CHECK(truncations > 0);
  CHECK((lefts > 5 && lefts < kSteps - 5));
  const FusedRecord record = agent.records.host()[0];
  CHECK(record.episodes == terminations + truncations);
  CHECK(record.episode_steps == length);
  CHECK(record.recent_sum == kSteps - length);
}

TEST_CASE("A fused agent that does not explore takes the action of the largest value") {
  constexpr int kSteps = 40;
  InTheOpen agent(kSteps, 0, std::vector<PlannedStep>(kSteps, planned(PlannedStep::acts, 0.0f)));
  agent.run();
  const auto backend = make_backend("reference");
  Network network = make_mlp(*backend, {{4, 64, 64, 2}}, kSteps, Network::Use::inference);
  network.set_parameters(agent.parameters());
  const auto rows = agent.replay.host();
  std::vector<float> observations, actions;
  for (std::size_t t = 0; t < kSteps; ++t) {
    const float* row = &rows[t * InTheOpen::L::kTransition];
    observations.insert(observations.end(), row, row + 4);
    actions.push_back(row[10]);
  }
  const auto observations_on = on(*backend, observations);
  const auto Q = to_host(*backend, network.forward(observations_on.matrix(kSteps, 4)));
  for (std::size_t t = 0; t < kSteps; ++t) CHECK(actions[t] == (Q[2 * t + 1] > Q[2 * t] ? 1.0f : 0.0f));
}

TEST_CASE("A fused agent never learns from a place of its memory that was not written") {
  // The memory is NaN at first, and a single draw from the wrong place would be the end of every parameter.
  std::vector<PlannedStep> plan;
  for (int t = 0; t < 90; ++t) {
    const bool trains = t < 12 || t > 75;  // with one transition in memory, the very first step, and with the ring wrapped
    plan.push_back(planned(PlannedStep::acts | (trains ? PlannedStep::trains : 0), 1.0f));
  }
  plan.push_back(planned(PlannedStep::trains, 0));
  InTheOpen agent(70, 0, plan);
  agent.run();
  for (const float x : agent.networks.host()) CHECK(std::isfinite(x));
  CHECK(std::isfinite(agent.records.host()[0].loss_sum));
  CHECK(agent.records.host()[0].loss_sum > 0);
}

TEST_CASE("A fused agent may learn from the transition that it has just made") {
  InTheOpen agent(10, 0, {planned(PlannedStep::acts | PlannedStep::trains, 0.0f)});
  const auto backend = make_backend("reference");
  Network network = make_mlp(*backend, {{4, 64, 64, 2}}, 2, Network::Use::inference);
  network.set_parameters(agent.parameters());
  agent.run();
  const auto row = agent.replay.host();
  const auto both = on(*backend, std::vector<float>(row.begin(), row.begin() + 8));  // s, s'
  const auto Q = to_host(*backend, network.forward(both.matrix(2, 4)));
  const double y = 1 + 0.9 * static_cast<double>(std::max(Q[2], Q[3]));
  const double d = static_cast<double>(Q[static_cast<std::size_t>(row[10])]) - y;
  const double loss = std::abs(d) < 1 ? d * d / 2 : std::abs(d) - 0.5;
  CHECK(agent.records.host()[0].loss_sum == Approx(loss).epsilon(1e-5));
}

TEST_CASE("A fused agent without one of its barriers becomes another") {
  const std::vector<PlannedStep> plan(2, planned(PlannedStep::acts | PlannedStep::trains | PlannedStep::target_follows, 0.0f));
  const auto outcome = [&](const EmulatedDevice::Options& options) {
    InTheOpen agent(10, 0, plan, options);
    std::vector<float> networks = agent.networks.host();
    networks[InTheOpen::L::kOnlineSmall + InTheOpen::L::kB3 + 1] = 5;  // action 1, unless Q is NaN
    agent.networks.upload(networks);
    agent.kernel.settings.clip = FusedSettings::norm;
    agent.kernel.settings.clip_limit = 0.01f;
    agent.run();
    return std::pair(agent.networks.host(), agent.device.barriers());
  };
  const auto whole = outcome({});
  const auto& barriers = whole.second;
  REQUIRE(barriers.size() == 1);
  const auto& [kernel, most] = *barriers.begin();
  CHECK(most[0] == 1 + 2 * 6 + 1);
  for (int which = 0; which < most[0] - 1; ++which) {  // the last one is for the sum of losses
    if (which == 6 || which == 7) continue;            // acting by what is left of the step before rarely changes the action
    bool noticed = false;
    for (std::uint64_t seed = 1; seed <= 3 && !noticed; ++seed) {
      EmulatedDevice::Options options;
      options.seed = seed;
      options.left_out = LeftOut{kernel, Barrier::sync, which};
      noticed = error_message([&] { require(same_bits(outcome(options).first, whole.first), "different"); }) !=
                "(nothing was thrown)";
    }
    INFO("sync() " << which);
    CHECK(noticed);
  }
}

TEST_CASE("A plan follows the rules of a Dqn, step by step") {
  DqnConfig config;
  config.batch_size = 4;
  config.learning_starts = 5;
  config.train_frequency = 2;
  config.gradient_steps = 2;
  config.target.every = 3;
  config.target.unit = TargetUpdate::Unit::train_step;
  config.epsilon = {.kind = Schedule::Kind::linear, .start = 1, .end = 0, .span = 10};
  FusedPlan plan(config);
  std::vector<PlannedStep> steps;
  for (int t = 0; t < 8; ++t) plan.add_env_step(steps);
  std::vector<int> does;
  for (const PlannedStep& step : steps) does.push_back(step.does);
  constexpr int a = PlannedStep::acts, t = PlannedStep::trains, f = PlannedStep::target_follows;
  CHECK(does == std::vector<int>{a, a, a, a, a, a | t, t, a, a | t | f, t});
  CHECK(plan.env_steps() == 8);
  CHECK(plan.train_steps() == 4);
  CHECK(steps[3].epsilon == 0.7f);
  CHECK(steps[7].epsilon == 0.4f);
  CHECK(steps[5].step == Approx(1e-3 / (1 - 0.9)).epsilon(1e-6));
  CHECK(steps[6].step == Approx(1e-3 / (1 - 0.81)).epsilon(1e-6));
  CHECK(steps[6].root_scale == Approx(1 / std::sqrt(1 - 0.999 * 0.999)).epsilon(1e-6));

  config.target = {.every = 4, .unit = TargetUpdate::Unit::env_step};
  FusedPlan by_env_steps(config);
  steps.clear();
  for (int n = 0; n < 4; ++n) by_env_steps.add_env_step(steps);
  CHECK(steps[3].does == (a | f));
}

TEST_CASE("cuda:fused names the setting it does not take, and what to use instead") {
  const auto message = [](const auto& change) {
    ManyAgentsSpec spec = small_spec();
    change(spec);
    return error_message([&] { emulated(spec); });
  };
  const std::string instead = "The backend cuda trains many agents with any setting.";
  const auto refused = [&](const std::string& text, const std::string& part) {
    INFO(text);
    CHECK(contains(text, "cuda:fused takes "));
    CHECK(contains(text, part));
    CHECK(contains(text, instead));
  };
  refused(message([](auto& s) { s.environment = "Acrobot-v1"; }), "CartPole and MountainCar");
  refused(message([](auto& s) { s.options["sutton_barto_reward"] = true; }), "sutton_barto_reward = false");
  refused(message([](auto& s) { s.dqn.hidden = {64, 64, 64}; }), "net.hidden");
  refused(message([](auto& s) { s.dqn.hidden = {}; }), "net.hidden");
  refused(message([](auto& s) { s.dqn.hidden = {65}; }), "net.hidden");
  refused(message([](auto& s) { s.dqn.hidden = {64, 65}; }), "net.hidden");
  refused(message([](auto& s) { s.dqn.activation = Activation::tanh; }), "net.activation");
  refused(message([](auto& s) { s.dqn.batch_size = 65, s.dqn.replay_capacity = 100; }), "dqn.batch_size is 65");
  refused(message([](auto& s) { s.dqn.n_step = 3; }), "dqn.n_step = 1, not 3");
  refused(message([](auto& s) { s.dqn.replay_replacement = false; }), "dqn.replay_replacement");
  refused(message([](auto& s) { s.dqn.loss_over = LossOver::all; }), "loss.over");
  refused(
      message([](auto& s) { s.dqn.epsilon = {.kind = Schedule::Kind::linear, .span = 5, .unit = Schedule::Unit::episode}; }),
      "epsilon.unit");
  refused(message([](auto& s) { s.dqn.optimizer = default_spec(OptimizerKind::sgd); }), "Adam family, not sgd");
  refused(message([](auto& s) { s.dqn.optimizer.eps = 0; }), "optimizer.eps");
  CHECK(contains(message([](auto& s) { s.agents = 70'000; }), "up to 65535 agents at once, got 70000"));
}
