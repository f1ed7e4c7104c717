#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rl/dqn_step.h"

namespace handgrad::app {

/// A train step of DQN that is measured: everything that a well-known program has chosen. CartPole's sizes: 4 values in,
/// 2 actions out.
///
///   one step: forward online and target, TD target, loss, backward, clip, optimiser, target update (soft: every step;
///   hard: every config.target.every-th, counted in train steps); the batch lies ready
struct TrainStepConfiguration {
  static constexpr std::int64_t kObservationSize = 4, kActions = 2;

  std::string name;
  DqnConfig dqn;

  /// [4, hidden..., 2]
  std::vector<std::int64_t> sizes() const;
  /// "4-128-128-2"
  std::string network() const;
  /// Multiply-adds of the linear layers of one train step, times two: both forward passes, dW of every layer, dX of every
  /// layer but the first. What else there is (activations, loss, optimiser) is small beside it. All are counted, those with
  /// the zeros that a ReLU leaves too: a backend that leaves them out can take less time than this at the peak.
  double flops() const;
};

/// The choices of PyTorch's DQN tutorial, RL Baselines3 Zoo, CleanRL, and three from lecture notes:
///
///   name      hidden   batch  optimiser                     loss      clip       target
///   tutorial  128-128  128    AdamW 1e-4, decay .01, AMSGrad  SmoothL1  value 100  soft .005
///   zoo       256-256  64     Adam 1e-3                     SmoothL1  norm 10    hard, every 100th
///   cleanrl   120-84   128    Adam 1e-3                     MSE       -          hard, every 100th
///   tf        100-50   64     Adam 1e-3                     MSE       -          hard, every 100th
///   hadiji    128      128    Adam 1e-3                     MSE       -          hard, every 100th
///   rlmep     16-16    32     Adam 1e-3                     MSE       -          hard, every 100th
std::vector<TrainStepConfiguration> train_step_configurations();

/// The one of that name. Throws Error naming those that there are.
TrainStepConfiguration train_step_configuration(const std::string& name);

/// B transitions on the host: observations and next_observations [B, 4], the others [B].
struct HostBatch {
  std::vector<Real> observations, rewards, discounts, next_observations;
  std::vector<std::int32_t> actions;
};

/// Random transitions, the same for the same seed; one in twenty ends an episode (discount 0).
HostBatch random_batch(const TrainStepConfiguration& configuration, std::uint64_t seed);
/// Of seeds 1 to `count`.
std::vector<HostBatch> random_batches(const TrainStepConfiguration& configuration, int count);

/// A train step ready to be run over and over: networks, optimiser, and batches that lie in the backend's memory.
class TrainStep {
 public:
  /// Initial parameters from a fixed seed, the target network a copy of them. The batches take turns. Throws Error for a
  /// batch whose arrays are not B rows long.
  TrainStep(std::unique_ptr<Backend> backend, const TrainStepConfiguration& configuration,
            const std::vector<HostBatch>& batches);
  /// On eight random batches, and a backend by its name. A fresh network leaves about half of its activations zero, and does
  /// not get far from that while it is measured. Several batches, lest a processor learn by heart which.
  TrainStep(const std::string& backend, const TrainStepConfiguration& configuration);

  /// One train step, and the target update if it is due. Allocates nothing.
  void run_once();
  /// Waits until all train steps so far are done: a GPU works while the host goes on.
  void wait() { step_.loss().value(); }

  /// The online network's parameters [P], in PyTorch's order: weight [out, in] and bias of each layer.
  std::vector<Real> parameters() const { return step_.online().parameters_to_host(); }
  /// Makes them these, and the target network a copy. Throws Error if they are not P.
  void set_parameters(const std::vector<Real>& online);

  std::int64_t steps() const { return steps_; }
  Backend& backend() { return *backend_; }
  DqnStep& dqn_step() { return step_; }

 private:
  struct Batch {
    Buffer<Real> observations, rewards, discounts, next_observations;
    Buffer<std::int32_t> actions;
    ReplayBatch views;
  };
  Batch upload(const HostBatch& host, std::int64_t rows);

  std::unique_ptr<Backend> backend_;
  std::int64_t follow_every_;
  Generator random_;
  DqnStep step_;
  std::vector<Batch> batches_;
  std::size_t next_batch_ = 0;
  std::int64_t steps_ = 0;
};

}  // namespace handgrad::app
