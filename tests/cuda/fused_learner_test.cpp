#include "cuda/agents/fused_learner.h"

#include "cuda/agents/device_environments.h"
#include "cuda/agents/fused_parameters.h"
#include "cuda/agents/fused_rules.h"
#include "nn/optimizer.h"
#include "rl/dqn_step.h"
#include "tests/cuda/emulation/device_array.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"

using namespace handgrad;
using namespace handgrad::cuda;

namespace {

constexpr int kSteps = 3;

/// The train steps of a fused agent alone: batches come from memory instead of replay.
template <class Environment, int kLayers, bool kAmsgrad>
struct TrainOnBatches {
  using L = FusedLayout<Environment, kLayers>;
  static constexpr int kThreads = L::kThreads;
  float *networks, *m, *v, *v_max;
  const float* batches;  // [steps, 64, kTransition]
  const PlannedStep* plan;
  FusedSettings settings;

  template <class Thread>
  void operator()(Thread& thread) const {
    FusedLearner<Environment, kLayers, kAmsgrad> learner;
    const typename FusedLearner<Environment, kLayers, kAmsgrad>::Arrays arrays{networks, m, v, v_max};
    learner.load(thread, arrays);
    thread.sync();
    for (int n = 0; n < kSteps; ++n) {
      FusedRow row;
      if (thread.lane() < kWarpRows) {
        float* shared = thread.template shared<float>();
        const int at = kWarpRows * thread.warp() + thread.lane();
        const float* from = batches + (n * kSide + at) * L::kTransition;
        for (int d = 0; d < L::kInputs; ++d) {
          shared[L::kObservations + at * L::kInputs + d] = from[d];
          shared[L::kNext + at * L::kInputs + d] = from[L::kInputs + d];
        }
        row = {from[2 * L::kInputs], from[2 * L::kInputs + 1], static_cast<std::int32_t>(from[2 * L::kInputs + 2])};
      }
      thread.sync_warp();
      learner.train(thread, settings, plan[n], row);
      if ((plan[n].does & PlannedStep::target_follows) != 0) learner.move_target(thread, settings.tau);
      thread.sync();
    }
    learner.store(thread, arrays);
  }
  friend bool operator==(const TrainOnBatches&, const TrainOnBatches&) = default;
};

template <class Environment, int kLayers, bool kAmsgrad>
void compare_with(const DqnConfig& config, std::uint64_t seed) {
  using L = FusedLayout<Environment, kLayers>;
  const auto backend = make_backend("reference");
  Generator random(seed);
  DqnStep step(*backend, config, L::D, L::A, config.batch_size, random);
  const auto places = parameter_places<L>(config.hidden);
  auto initial = step.online().parameters_to_host(), initial_target = initial;
  for (float& p : initial_target) p += static_cast<float>(random.uniform(-0.1, 0.1));
  step.target().set_parameters(initial_target);
  std::vector<float> networks(L::kNetworks);
  put_parameters(initial, places, std::span(networks).first(L::kNetwork));
  put_parameters(initial_target, places, std::span(networks).subspan(L::kNetwork));

  const std::int64_t B = config.batch_size;
  std::vector<float> batches(static_cast<std::size_t>(kSteps * kSide * L::kTransition));
  std::vector<PlannedStep> plan;
  for (int n = 0; n < kSteps; ++n) {
    const auto s = random_reals(B * L::D, random, -2, 2), next = random_reals(B * L::D, random, -2, 2);
    const auto rewards = random_reals(B, random, -1, 1);
    std::vector<float> discounts;
    std::vector<std::int32_t> actions;
    for (std::size_t b = 0; b < static_cast<std::size_t>(B); ++b) {
      actions.push_back(static_cast<std::int32_t>(random.integers(0, L::A)));
      discounts.push_back(random.random() < 0.2 ? 0.0f : 0.99f);
      float* row = &batches[(static_cast<std::size_t>(n) * kSide + b) * L::kTransition];
      std::copy_n(&s[b * L::D], L::D, row);
      std::copy_n(&next[b * L::D], L::D, row + L::kInputs);
      row[2 * L::kInputs] = rewards[b];
      row[2 * L::kInputs + 1] = discounts[b];
      row[2 * L::kInputs + 2] = static_cast<float>(actions[b]);
    }
    const auto s_on = on(*backend, s), next_on = on(*backend, next), rewards_on = on(*backend, rewards),
               discounts_on = on(*backend, discounts);
    const auto actions_on = on(*backend, actions);
    step.run({s_on.matrix(B, L::D), actions_on.span(), rewards_on.span(), discounts_on.span(), next_on.matrix(B, L::D)});
    const auto c = optimizer_coefficients(config.optimizer, n + 1);
    plan.push_back({0, c[kAdamDecay], c[kAdamStep], c[kAdamRootScale], c[kAdamEps], PlannedStep::trains, {}});
    if (n == 1) {
      step.follow();
      plan.back().does |= PlannedStep::target_follows;
    }
  }

  EmulatedDevice device(seed);
  DeviceArray<float> networks_on(device, networks), batches_on(device, batches);
  DeviceArray<float> m(device, L::kMoments), v(device, L::kMoments), v_max(device, L::kMoments);
  DeviceArray<PlannedStep> plan_on(device, plan);
  device.launch(TrainOnBatches<Environment, kLayers, kAmsgrad>{networks_on.data(), m.data(), v.data(), v_max.data(),
                                                               batches_on.data(), plan_on.data(), fused_settings(config)},
                Grid{1, L::kThreads, L::kSharedBytes, 1});
  const auto result = networks_on.host();
  CHECK(difference(take_parameters(std::span(result).first(L::kNetwork), places), step.online().parameters_to_host(), 1e-4,
                   2e-5) == "");
  CHECK(difference(take_parameters(std::span(result).subspan(L::kNetwork), places), step.target().parameters_to_host(), 1e-4,
                   2e-5) == "");
  // It has learned at all; and what pads the network is still zero.
  CHECK(difference(step.online().parameters_to_host(), initial, 1e-2, 1e-3) != "");
  double all = 0, real = 0;
  for (const float x : std::span(result).first(L::kNetwork)) all += std::abs(static_cast<double>(x));
  for (const float x : take_parameters(std::span(result).first(L::kNetwork), places)) real += std::abs(static_cast<double>(x));
  CHECK(all == Approx(real).epsilon(1e-12));
}

template <class Environment, bool kAmsgrad>
void compare(DqnConfig config, std::uint64_t seed) {
  compare_with<Environment, 2, kAmsgrad>(config, seed);
  config.hidden.pop_back();
  compare_with<Environment, 1, kAmsgrad>(config, seed);
}

DqnConfig basic() {
  DqnConfig config;
  config.batch_size = 64;
  config.optimizer.lr = 1e-2;
  config.optimizer.eps = 1e-3;  // where a gradient is next to nothing, its sign is up to rounding
  return config;
}

}  // namespace

TEST_CASE("A fused train step is DqnStep's, for losses, clipping, double Q-learning and targets") {
  DqnConfig config = basic();
  SECTION("as it comes") {}
  SECTION("mse, a sum") { config.loss = {LossKind::mse, 1.0, Reduction::sum}; }
  SECTION("huber with delta 0.3") { config.loss = {LossKind::huber, 0.3, Reduction::mean}; }
  SECTION("smooth_l1 with delta 0.5") { config.loss = {LossKind::smooth_l1, 0.5, Reduction::mean}; }
  SECTION("clipped by value") { config.clipping = {Clipping::Kind::value, 0.01}; }
  SECTION("clipped by norm") { config.clipping = {Clipping::Kind::norm, 0.1}; }
  SECTION("by a norm that nothing reaches") { config.clipping = {Clipping::Kind::norm, 1000}; }
  SECTION("double") { config.double_q = true; }
  SECTION("soft target") { config.target.kind = TargetUpdate::Kind::soft, config.target.tau = 0.25; }
  SECTION("a batch of 37") { config.batch_size = 37; }
  SECTION("a batch of 1") { config.batch_size = 1; }
  compare<DeviceCartPole, false>(config, 3);
}

TEST_CASE("A fused train step is DqnStep's, for the Adam family") {
  DqnConfig config = basic();
  SECTION("adamw") { config.optimizer.kind = OptimizerKind::adamw, config.optimizer.weight_decay = 0.1; }
  SECTION("adam with L2") { config.optimizer.weight_decay = 0.1; }
  SECTION("adam_keras") { config.optimizer.kind = OptimizerKind::adam_keras; }
  SECTION("radam") { config.optimizer.kind = OptimizerKind::radam; }
  SECTION("other betas") { config.optimizer.beta1 = 0.5, config.optimizer.beta2 = 0.9; }
  compare<DeviceCartPole, false>(config, 4);
}

TEST_CASE("A fused train step is DqnStep's, with AMSGrad") {
  DqnConfig config = basic();
  config.optimizer.amsgrad = true;
  config.optimizer.beta2 = 0.5;
  compare<DeviceCartPole, true>(config, 5);
}

TEST_CASE("A fused train step is DqnStep's, for narrow networks and other environments") {
  DqnConfig config = basic();
  config.batch_size = 20;
  SECTION("33-17") { config.hidden = {33, 17}; }
  SECTION("1-64") { config.hidden = {1, 64}; }
  SECTION("64-3") { config.hidden = {64, 3}; }
  compare<DeviceCartPole, false>(config, 6);
  compare<DeviceMountainCar, false>(config, 7);
}
