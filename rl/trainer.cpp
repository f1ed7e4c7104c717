#include "trainer.h"

#include <algorithm>

#include "../core/error.h"

namespace handgrad {
namespace {

/// An evaluation of fewer episodes is too noisy to call a task solved.
constexpr std::int64_t kEpisodesToSolve = 100;

void validate(const TrainerConfig& config) {
  for (const std::int64_t limit : {config.max_episodes, config.max_env_steps, config.evaluate_every_episodes,
                                   config.evaluate_every_env_steps, config.evaluation_max_steps}) {
    require(limit >= 0, "a number of episodes or steps has to be at least 0 (none), got ", limit);
  }
  require(config.max_episodes > 0 || config.max_env_steps > 0, "a run needs an end: a number of episodes or of steps");
  require(config.evaluation_episodes >= 1, "an evaluation needs at least one episode, got ", config.evaluation_episodes);
}

}  // namespace

Trainer::Trainer(const TrainerConfig& config, std::unique_ptr<VectorEnvironment> environments,
                 std::unique_ptr<Learner> learner, std::function<std::unique_ptr<Environment>()> make_evaluation_environment,
                 std::uint64_t seed)
    : config_(config),
      environments_(std::move(environments)),
      learner_(std::move(learner)),
      make_evaluation_environment_(std::move(make_evaluation_environment)),
      seed_(seed),
      evaluation_seeds_(Generator::stream(seed, kEvaluation)) {
  validate(config);
  const auto E = static_cast<std::size_t>(environments_->count());
  actions_.resize(E);
  returns_.resize(E);
  lengths_.resize(E);
  plan_evaluation();
}

// At the next multiple of either number.
void Trainer::plan_evaluation() {
  const auto next = [](std::int64_t every, std::int64_t now) { return every > 0 ? (now / every + 1) * every : INT64_MAX; };
  evaluation_due_ = {.env_steps = next(config_.evaluate_every_env_steps, progress_.env_steps),
                     .episodes = next(config_.evaluate_every_episodes, progress_.episodes)};
}

void Trainer::begin() {
  observations_ = environments_->reset(seed_);
  learner_->start(observations_);
  begun_ = true;
}

StopReason Trainer::run(const TrainerCallbacks& callbacks) {
  if (!begun_) begin();
  while (true) {
    if (const auto reason = stop_reason()) return *reason;
    learner_->act(observations_, progress_, actions_);
    const VectorStep step = environments_->step(actions_);
    progress_.env_steps += environments_->count();
    learner_->observe(actions_, step, progress_);
    observations_ = step.observations;
    finish_episodes(step, callbacks);
    evaluate_if_due(callbacks);
    if (callbacks.on_step && !callbacks.on_step(progress_)) return StopReason::callback;
  }
}

void Trainer::finish_episodes(const VectorStep& step, const TrainerCallbacks& callbacks) {
  for (std::size_t e = 0; e < returns_.size(); ++e) {
    returns_[e] += step.rewards[e];
    ++lengths_[e];
    if (step.terminated[e] == 0 && step.truncated[e] == 0) continue;
    ++progress_.episodes;
    recent_returns_.add(returns_[e]);
    const EpisodeRecord record{.episode = progress_.episodes,
                               .env_step = progress_.env_steps,
                               .train_step = learner_->train_steps(),
                               .episode_return = returns_[e],
                               .length = lengths_[e],
                               .terminated = step.terminated[e] != 0,
                               .truncated = step.truncated[e] != 0,
                               .epsilon = learner_->epsilon(progress_),
                               .loss_mean = learner_->take_mean_loss()};
    returns_[e] = 0;
    lengths_[e] = 0;
    if (callbacks.on_episode) callbacks.on_episode(record);
  }
}

void Trainer::evaluate_if_due(const TrainerCallbacks& callbacks) {
  if (progress_.episodes < evaluation_due_.episodes && progress_.env_steps < evaluation_due_.env_steps) return;
  plan_evaluation();
  const ReturnStatistics returns = evaluate_for_the_record().statistics;
  last_mean_ = returns.mean;
  const bool best = !best_mean_ || returns.mean > *best_mean_;
  if (best) {
    best_mean_ = returns.mean;
    best_model_ = learner_->model();
  }
  if (!solved_at_env_step_ && config_.solved_threshold && returns.episodes >= kEpisodesToSolve &&
      returns.mean >= *config_.solved_threshold) {
    solved_at_env_step_ = progress_.env_steps;
  }
  ++evaluations_;
  if (callbacks.on_evaluation) {
    callbacks.on_evaluation({evaluations_, progress_.episodes, progress_.env_steps, learner_->train_steps(), returns, best});
  }
}

EvaluationResult Trainer::evaluate_for_the_record() {
  if (config_.evaluation_environment == EvaluationEnvironment::own) {
    return evaluate_now(config_.evaluation_episodes, evaluation_seeds_.next_uint32());
  }
  const auto copy = make_evaluation_environment_();
  require(copy != nullptr, "the function that makes environments for the evaluation made none");
  copy->load(environments_->save_environment(0));
  // Environment 0 may have begun its next episode already, the start that the copy is to have; or be in the middle of one.
  const bool at_start = lengths_[0] == 0;
  const std::span<const float> first(observations_.data(), at_start ? static_cast<std::size_t>(copy->observation_size()) : 0);
  return evaluate_in([this](auto observations, auto actions) { learner_->act_greedily(observations, actions); }, *copy, first,
                     config_.evaluation_episodes, config_.evaluation_max_steps);
}

EvaluationResult Trainer::evaluate_now(std::int64_t episodes, std::uint64_t seed) {
  return evaluate([this](auto observations, auto actions) { learner_->act_greedily(observations, actions); },
                  make_evaluation_environment_, episodes, seed, learner_->evaluation_rows(), config_.evaluation_max_steps);
}

std::optional<StopReason> Trainer::stop_reason() const {
  if (config_.stop_threshold && last_mean_ && *last_mean_ >= *config_.stop_threshold) return StopReason::threshold;
  if (config_.max_episodes > 0 && progress_.episodes >= config_.max_episodes) return StopReason::episodes;
  if (config_.max_env_steps > 0 && progress_.env_steps >= config_.max_env_steps) return StopReason::env_steps;
  return std::nullopt;
}

}  // namespace handgrad
