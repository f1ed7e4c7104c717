#include "app/bench/timing.h"

#include <algorithm>
#include <chrono>

#include "core/backends.h"
#include "core/buffer.h"
#include "core/random.h"
#include "envs/registry.h"
#include "envs/vector_environment.h"
#include "rl/dqn_step.h"

namespace handgrad::app {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kObservationSize = 4, kActions = 2;
constexpr int kBatches = 101;
constexpr double kBatchSeconds = 2e-3;

double seconds_of(const std::function<void()>& call, std::int64_t calls) {
  const auto begin = Clock::now();
  for (std::int64_t i = 0; i < calls; ++i) call();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

Buffer<Real> random_buffer(Backend& backend, std::int64_t size, Generator& random, double low, double high) {
  std::vector<Real> host(static_cast<std::size_t>(size));
  for (Real& x : host) x = static_cast<Real>(random.uniform(low, high));
  Buffer<Real> buffer(backend, size);
  buffer.upload(host);
  return buffer;
}

std::vector<std::int32_t> random_actions(std::int64_t actions, std::size_t count) {
  Generator random(1);
  std::vector<std::int32_t> drawn(count);
  for (auto& action : drawn) action = static_cast<std::int32_t>(random.integers(0, actions));
  return drawn;
}

}  // namespace

double median_seconds(const std::function<void()>& call) {
  std::int64_t calls = 1;
  while (seconds_of(call, calls) < kBatchSeconds) calls *= 2;  // warms up too
  std::vector<double> times;
  for (int batch = 0; batch < kBatches; ++batch) times.push_back(seconds_of(call, calls) / static_cast<double>(calls));
  std::nth_element(times.begin(), times.begin() + kBatches / 2, times.end());
  return times[kBatches / 2];
}

double TrainStepConfiguration::flops() const {
  std::vector<std::int64_t> sizes = {kObservationSize};
  sizes.insert(sizes.end(), hidden.begin(), hidden.end());
  sizes.push_back(kActions);
  double multiply_adds = 0;
  for (std::size_t layer = 0; layer + 1 < sizes.size(); ++layer) {
    const auto size = static_cast<double>(batch * sizes[layer] * sizes[layer + 1]);
    multiply_adds += size * (layer == 0 ? 3 : 4);
  }
  return 2 * multiply_adds;
}

std::vector<TrainStepConfiguration> train_step_configurations() {
  return {{"tutorial", {128, 128}, 128}, {"zoo", {256, 256}, 64}, {"cleanrl", {120, 84}, 128},
          {"tf", {100, 50}, 64},         {"hadiji", {128}, 128},  {"rlmep", {16, 16}, 32}};
}

double train_step_seconds(const TrainStepConfiguration& configuration, const std::string& backend_name) {
  const auto backend = make_backend(backend_name);
  DqnConfig config;
  config.hidden = configuration.hidden;
  config.batch_size = configuration.batch;
  config.optimizer = default_spec(OptimizerKind::adam);
  config.clipping = {.kind = Clipping::Kind::value, .limit = 100};
  config.target.kind = TargetUpdate::Kind::soft;
  Generator random(1);
  DqnStep step(*backend, config, kObservationSize, kActions, configuration.batch, random);

  const std::int64_t B = configuration.batch;
  auto observations = random_buffer(*backend, B * kObservationSize, random, -1, 1);
  auto next_observations = random_buffer(*backend, B * kObservationSize, random, -1, 1);
  auto rewards = random_buffer(*backend, B, random, 0, 1), discounts = random_buffer(*backend, B, random, 0.9, 1);
  Buffer<std::int32_t> actions(*backend, B);
  actions.upload(random_actions(kActions, static_cast<std::size_t>(B)));
  const ReplayBatch batch{observations.matrix(B, kObservationSize), actions.span(), rewards.span(), discounts.span(),
                          next_observations.matrix(B, kObservationSize)};
  return median_seconds([&] {
    step.run(batch);
    step.follow();
  });
}

EnvironmentSpeed environment_speed(const std::string& id) {
  constexpr std::size_t kDrawn = 4096;
  constexpr std::int64_t kEnvironments = 64;
  const Registry registry = Registry::gymnasium();
  const auto environment = registry.make(id);
  const auto actions = random_actions(environment->action_space().n, kDrawn);
  std::vector<float> observation(static_cast<std::size_t>(environment->observation_size()));
  environment->reset(1, observation);
  const double single = median_seconds([&] {
    for (const std::int32_t action : actions) {
      const StepResult step = environment->step(action, observation);
      if (step.terminated || step.truncated) environment->reset(std::nullopt, observation);
    }
  });
  SyncVectorEnvironment environments([&] { return registry.make(id); }, kEnvironments, AutoresetMode::same_step);
  environments.reset(1);
  const double several = median_seconds([&] {
    for (std::size_t k = 0; k < kDrawn; k += kEnvironments) environments.step(std::span(actions).subspan(k, kEnvironments));
  });
  return {static_cast<double>(kDrawn) / single, static_cast<double>(kDrawn) / several};
}

}  // namespace handgrad::app
