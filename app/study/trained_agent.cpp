#include "app/study/trained_agent.h"

#include <algorithm>
#include <cmath>

#include "app/config/build_run.h"
#include "envs/observation_transform.h"
#include "rl/planning.h"

namespace handgrad::app {

namespace {

// Where nothing limits an episode, a greedy policy could walk in circles for ever.
constexpr std::int64_t kStepsWithoutLimit = 1'000;

std::int64_t step_limit(const RunConfig& config) {
  const std::int64_t limit = config.environment.max_episode_steps.value_or(-1);
  return limit > 0 ? limit : kStepsWithoutLimit;
}

// The largest of the values [A] that are allowed.
double largest(std::span<const double> values) {
  double result = -std::numeric_limits<double>::infinity();
  for (const double value : values) {
    if (value > result) result = value;  // false for NaN
  }
  return result;
}

std::vector<bool> end_states(const TransitionTable& transitions) {
  std::vector<bool> ends(transitions.size(), false);
  for (const auto& actions : transitions) {
    for (const auto& outcomes : actions) {
      for (const auto& outcome : outcomes) {
        if (outcome.terminated && outcome.probability > 0) ends[static_cast<std::size_t>(outcome.next_state)] = true;
      }
    }
  }
  return ends;
}

}  // namespace

TrainedAgent::TrainedAgent(const RunConfig& config, const TensorFile& model)
    : config_(config), limit_(step_limit(config)), policy_(Policy::from_tensors(model, "the model", config.backend)) {
  config_.environment.max_episode_steps = limit_;
  environment_ = environment_maker(config_.environment)();
  table_of_environment_ = dynamic_cast<const TabularEnvironment*>(&environment_->unwrapped());
}

const EvaluationResult& TrainedAgent::play(std::int64_t episodes) {
  const auto known = played_.find(episodes);
  if (known != played_.end()) return known->second;
  const auto act = [this](std::span<const float> observations, std::span<std::int32_t> actions) {
    policy_.act(observations, actions);
  };
  auto result = app::play(config_, act, episodes, final_evaluation_seed(config_.seed));
  return played_.emplace(episodes, std::move(result)).first->second;
}

double TrainedAgent::start_value() {
  if (table_of_environment_ != nullptr) {
    const Table& t = table();
    const auto& start = t.environment->initial_distribution();
    double sum = 0;
    for (std::size_t s = 0; s < t.states; ++s) {
      if (start[s] > 0) sum += start[s] * largest(std::span(t.q).subspan(s * t.actions, t.actions));
    }
    return sum;
  }
  std::vector<float> observation(static_cast<std::size_t>(environment_->observation_size()));
  environment_->reset(final_evaluation_seed(config_.seed), observation);
  return largest(values(observation));
}

const TrainedAgent::Table& TrainedAgent::table() {
  if (!table_) table_ = make_table();
  return *table_;
}

std::vector<double> TrainedAgent::values(std::span<const float> observation) {
  const auto values = policy_.values(observation);
  return {values.begin(), values.end()};
}

std::vector<float> TrainedAgent::observation_of(std::size_t state) const {
  std::vector<float> observation(static_cast<std::size_t>(environment_->observation_size()), static_cast<float>(state));
  if (const auto* transform = dynamic_cast<const ObservationTransform*>(environment_.get())) {
    transform->show(static_cast<float>(state), observation);
  }
  return observation;
}

TrainedAgent::Table TrainedAgent::make_table() {
  Table t;
  t.environment = table_of_environment_;
  require(t.environment != nullptr, config_.environment.id, " is no table of transitions");
  const TransitionTable& transitions = t.environment->transitions();
  t.states = transitions.size();
  t.actions = transitions.front().size();
  for (std::size_t s = 0; s < t.states; ++s) {
    const std::vector<float> observation = observation_of(s);
    const std::vector<double> q = values(observation);
    t.q.insert(t.q.end(), q.begin(), q.end());
    t.greedy.push_back(policy_.act(observation));
  }
  const double gamma = uses_table(config_) ? config_.tabular.gamma : config_.dqn.gamma;
  t.best = action_values(transitions, value_iteration(transitions, gamma).values, gamma);
  t.ends = end_states(transitions);
  const auto& start = t.environment->initial_distribution();
  t.value = expected_return(transitions, start, t.greedy, 1.0, limit_);
  t.best_value = optimal_return(transitions, start, 1.0, limit_);
  return t;
}

}  // namespace handgrad::app
