#pragma once

#include "../core/random.h"
#include "dqn_step.h"
#include "learner.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// Deep Q-network (Mnih et al. 2015): an MLP Q(s, ·) that acts ε-greedily and is trained on transitions drawn from a replay
/// memory, against a target network that follows slowly. What a train step does is in DqnStep; this decides when.
///
/// After c environment steps (over all environments), with more than learning_starts of them and a batch's worth of
/// transitions in memory: each multiple of train_frequency that c has reached brings gradient_steps train steps; then the
/// target network follows, if it counts environment steps, once for each multiple of target.every (plus target.phase) that c
/// has reached.
class Dqn : public Learner {
 public:
  /// Observations an act or act_greedily call may have at once, unless there are more environments.
  static constexpr std::int64_t kMaxRows = 128;

  /// The backend must outlive the learner. `environments` is E, the number of parallel environments.
  /// Throws Error for a configuration that does not validate.
  Dqn(Backend& backend, const DqnConfig& config, std::int64_t observation_size, std::int64_t actions,
      std::int64_t environments, std::uint64_t seed);

  void start(std::span<const float> observations) override;
  void act(std::span<const float> observations, const Progress& progress, std::span<std::int32_t> actions) override;
  void observe(std::span<const std::int32_t> actions, const VectorStep& step, const Progress& progress) override;
  void act_greedily(std::span<const float> observations, std::span<std::int32_t> actions) override;
  double epsilon(const Progress& progress) const override { return config_.epsilon.at(progress.env_steps, progress.episodes); }
  std::int64_t train_steps() const override { return step_.optimizer().steps(); }
  std::optional<double> take_mean_loss() override;
  std::vector<NamedArray> model() const override;
  void load_model(const std::vector<NamedArray>& arrays) override;
  std::map<std::string, std::string> model_metadata() const override {
    return {{"activation", std::string(to_string(config_.activation))}};
  }
  /// Streams, networks, optimiser, loss, replay. What the network has been asked for last is gone.
  void serialize(StateArchive& state) override;

  const DqnConfig& config() const { return config_; }
  DqnStep& step() { return step_; }
  const Replay& replay() const { return replay_; }

 private:
  void train();

  DqnConfig config_;
  std::int64_t actions_, environments_, max_rows_;
  Generator initialisation_, exploration_, sampling_;
  RunningSchedule running_epsilon_;
  DqnStep step_;
  Replay replay_;
  Buffer<Real> observations_;          // [max_rows_, D] on their way to the network
  Buffer<std::int32_t> best_actions_;  // [max_rows_]
  ObservationUpload upload_;
  std::vector<std::int32_t> greedy_actions_;  // [E]
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
