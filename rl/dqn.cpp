#include "dqn.h"

#include <algorithm>

#include "../core/step_scope.h"
#include "dqn_rules.h"
#include "norm.h"

namespace handgrad::inline HANDGRAD_PRECISION {

Dqn::Dqn(Backend& backend, const DqnConfig& config, std::int64_t observation_size, std::int64_t actions,
         std::int64_t environments, std::uint64_t seed)
    : config_(config),
      actions_(actions),
      environments_(environments),
      max_rows_(std::max({kMaxRows, environments, config.batch_size})),
      initialisation_(Generator::stream(seed, kInitialisation)),
      exploration_(Generator::stream(seed, kExploration)),
      sampling_(Generator::stream(seed, kReplaySampling)),
      running_epsilon_(config.epsilon),
      step_(backend, config, observation_size, actions, max_rows_, initialisation_),
      health_(backend),
      replay_(backend, replay_config(config, observation_size, environments)),
      observations_(backend, max_rows_ * observation_size),
      best_actions_(backend, max_rows_),
      upload_(max_rows_ * observation_size),
      greedy_actions_(static_cast<std::size_t>(environments)) {}

void Dqn::start(std::span<const float> observations) { replay_.start(observations); }

void Dqn::act_greedily(std::span<const float> observations, std::span<std::int32_t> actions) {
  const std::int64_t D = step_.online().in_features(), rows = static_cast<std::int64_t>(actions.size());
  require(static_cast<std::int64_t>(observations.size()) == rows * D && rows <= max_rows_, "expected up to ", max_rows_,
          " observations of ", D, " values, got ", observations.size(), " values for ", rows, " actions");
  Backend& backend = step_.online().backend();
  const StepScope scope(backend);
  upload_(observations, observations_);
  const ConstMatrix Q = step_.values(observations_.matrix(rows, D));
  backend.argmax(Q, best_actions_.first(rows));
  best_actions_.download(actions);
}

void Dqn::act(std::span<const float> observations, const Progress& progress, std::span<std::int32_t> actions) {
  const double random_share = running_epsilon_.at(progress.env_steps, progress.episodes);
  bool anyone_greedy = false;
  for (std::int32_t& action : actions) {
    action = random_action(random_share, actions_, exploration_);
    anyone_greedy |= action == kGreedy;
  }
  if (!anyone_greedy) return;
  if (environments_ == 1) {
    act_greedily(observations, actions);
    return;
  }
  act_greedily(observations, greedy_actions_);
  for (std::size_t e = 0; e < actions.size(); ++e) {
    if (actions[e] == kGreedy) actions[e] = greedy_actions_[e];
  }
}

void Dqn::observe(std::span<const std::int32_t> actions, const VectorStep& step, const Progress& progress) {
  replay_.add(actions, step);
  const std::int64_t now = progress.env_steps, before = now - environments_;
  if (replay_.size() >= config_.batch_size) {
    for (std::int64_t k = trainings_due(config_, before, now); k > 0; --k) train();
  }
  for (std::int64_t k = follows_due(config_, before, now); k > 0; --k) step_.follow();
}

void Dqn::train() {
  for (std::int64_t k = 0; k < config_.gradient_steps; ++k) {
    const StepScope scope(step_.online().backend());  // gathering the batch and the target update are part of the step
    step_.run(replay_.sample(config_.batch_size, sampling_));
    if (!may_diverge_) health_.after_step(step_);
    if (follows_after(config_.target, train_steps())) step_.follow();
  }
}

std::optional<double> Dqn::take_mean_loss() {
  const std::optional<double> mean = step_.loss().take_mean();
  if (mean && !may_diverge_) health_.after_fetch(step_, *mean);
  return mean;
}

std::vector<NamedNorm> Dqn::norms() const {
  const Network& online = step_.online();
  const std::vector<Real> parameters = online.parameters_to_host(), gradients = online.gradients_to_host();
  std::vector<NamedNorm> norms;
  for (const Network::Entry& entry : online.layout()) {
    const auto first = static_cast<std::size_t>(entry.offset), size = static_cast<std::size_t>(entry.size);
    norms.push_back({entry.name + ".parameter", l2_norm(ConstVector(parameters).subspan(first, size))});
    norms.push_back({entry.name + ".gradient", l2_norm(ConstVector(gradients).subspan(first, size))});
  }
  norms.push_back({"total.parameter", l2_norm(ConstVector(parameters))});
  norms.push_back({"total.gradient", l2_norm(ConstVector(gradients))});
  return norms;
}

std::vector<NamedArray> Dqn::model() const {
  const std::vector<Real> parameters = step_.online().parameters_to_host();
  std::vector<NamedArray> arrays;
  for (const Network::Entry& entry : step_.online().layout()) {
    const auto first = parameters.begin() + entry.offset;
    arrays.push_back({entry.name, entry.shape, std::vector<float>(first, first + entry.size)});
  }
  return arrays;
}

void Dqn::load_model(const std::vector<NamedArray>& arrays) {
  const auto& layout = step_.online().layout();
  require(arrays.size() == layout.size(), "this network has ", layout.size(), " parameter arrays, the model ", arrays.size());
  std::vector<Real> parameters;
  for (std::size_t k = 0; k < layout.size(); ++k) {
    require(arrays[k].name == layout[k].name && arrays[k].shape == layout[k].shape, "parameter array ", k, " of the model, '",
            arrays[k].name, "', does not fit this network's '", layout[k].name, "'");
    parameters.insert(parameters.end(), arrays[k].values.begin(), arrays[k].values.end());
  }
  step_.online().set_parameters(parameters);
  step_.copy_to_target();
}

// The stream of initialisation has been used up: the networks say what came of it.
void Dqn::serialize(StateArchive& state) {
  state.value("exploration", exploration_);
  state.value("sampling", sampling_);
  step_.serialize(state);
  if (state.loading() && !may_diverge_) check_health();
  const auto section = state.section("replay");
  replay_.serialize(state, actions_);
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
