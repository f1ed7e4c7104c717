#include "app/bench/timing.h"

#include <algorithm>
#include <chrono>

#include "core/random.h"
#include "envs/registry.h"
#include "envs/vector_environment.h"

namespace handgrad::app {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBatches = 101;
constexpr double kBatchSeconds = 2e-3;

double seconds_of(const std::function<void()>& call, std::int64_t calls) {
  const auto begin = Clock::now();
  for (std::int64_t i = 0; i < calls; ++i) call();
  return std::chrono::duration<double>(Clock::now() - begin).count();
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

double train_step_seconds(const TrainStepConfiguration& configuration, const std::string& backend) {
  TrainStep step(backend, configuration);
  return median_seconds([&] { step.run_once(); });
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
