#include "app/bench/environment_speed.h"

#include <memory>

#include "core/random.h"
#include "envs/registry.h"
#include "envs/vector_environment.h"

namespace handgrad::app {

namespace {

constexpr std::size_t kDrawn = 64 * EnvironmentTimer::kEnvironments;  // actions: enough for episodes to differ

std::vector<std::int32_t> random_actions(std::int64_t actions) {
  Generator random(1);
  std::vector<std::int32_t> drawn(kDrawn);
  for (auto& action : drawn) action = static_cast<std::int32_t>(random.integers(0, actions));
  return drawn;
}

/// Actions that are not allowed in a state are errors, and the actions here know nothing of states.
EnvironmentOptions options_for_random_actions(const std::string& id) {
  return id == "Rooms-v0" ? EnvironmentOptions{{"dynamics", std::string("doors_stay")}} : EnvironmentOptions{};
}

/// A call is kDrawn steps of one environment.
std::function<void()> single(const std::string& id) {
  struct State {
    std::unique_ptr<Environment> environment;
    std::vector<std::int32_t> actions;
    std::vector<float> observation;
  };
  auto state = std::make_shared<State>();
  state->environment = Registry::gymnasium().make(id, options_for_random_actions(id));
  state->actions = random_actions(state->environment->action_space().n);
  state->observation.resize(static_cast<std::size_t>(state->environment->observation_size()));
  state->environment->reset(1, state->observation);
  return [state] {
    for (const std::int32_t action : state->actions) {
      const StepResult step = state->environment->step(action, state->observation);
      if (step.terminated || step.truncated) state->environment->reset(std::nullopt, state->observation);
    }
  };
}

/// A call is kDrawn steps, counted over all environments.
std::function<void()> vectorised(const std::shared_ptr<VectorEnvironment>& environments) {
  environments->reset(1);
  return [environments, actions = random_actions(environments->action_space().n)] {
    const auto several = static_cast<std::size_t>(environments->count());
    for (std::size_t k = 0; k < kDrawn; k += several) environments->step(std::span(actions).subspan(k, several));
  };
}

std::shared_ptr<VectorEnvironment> side_by_side(const std::string& id, bool fast) {
  return Registry::gymnasium().make_vector(id, options_for_random_actions(id), EnvironmentTimer::kEnvironments,
                                           {.mode = AutoresetMode::same_step, .fast = fast});
}

double steps_per_second(const Stopwatch& stopwatch) { return static_cast<double>(kDrawn) / stopwatch.times().median; }

}  // namespace

EnvironmentTimer::EnvironmentTimer(const std::string& id)
    : single_(single(id)), vector_exact_(vectorised(side_by_side(id, false))) {
  if (Registry::gymnasium().find(id).make_fast_world) vector_fast_.emplace(vectorised(side_by_side(id, true)));
}

void EnvironmentTimer::round() {
  single_.round();
  vector_exact_.round();
  if (vector_fast_) vector_fast_->round();
}

EnvironmentSpeed EnvironmentTimer::speed() const {
  EnvironmentSpeed speed{steps_per_second(single_), steps_per_second(vector_exact_), std::nullopt};
  if (vector_fast_) speed.vector_fast = steps_per_second(*vector_fast_);
  return speed;
}

}  // namespace handgrad::app
