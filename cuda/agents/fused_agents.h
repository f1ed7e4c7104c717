#pragma once

#include <algorithm>
#include <memory>

#include "../../core/backends.h"
#include "../device_memory.h"
#include "fused_agent.h"
#include "fused_parameters.h"
#include "fused_plan.h"
#include "fused_rules.h"

namespace handgrad::cuda {

/// Many agents with small networks, a thread block each, which acts and learns for many steps without a word from the host.
///
/// The algorithm is that of a Dqn in a single environment, in float throughout. Initial parameters are those of a Dqn of the
/// same seed; what is drawn while it runs is not: exploration, replay and starts of episodes come from Philox, keyed by the
/// agent's seed (device_random.h).
template <class Device, class Environment, int kLayers, bool kAmsgrad>
class FusedAgents : public ManyAgents {
 public:
  static constexpr std::int64_t kMostAgents = 65535;

  /// For settings that require_fused_settings takes. Throws Error if the device has not memory enough.
  FusedAgents(const ManyAgentsSpec& spec, std::unique_ptr<Device> device)
      : device_(std::move(device)),
        K_((require_room(spec), spec.agents)),
        first_seed_(spec.first_seed),
        places_(parameter_places<L>(spec.dqn.hidden)),
        plan_(spec.dqn),
        networks_(*device_, K_ * L::kNetworks),
        m_(*device_, K_ * L::kMoments),
        v_(*device_, K_ * L::kMoments),
        v_max_(*device_, kAmsgrad ? K_ * L::kMoments : 1),
        replay_(*device_, K_ * spec.dqn.replay_capacity * L::kTransition),
        returns_(*device_, K_ * kRecentReturns),
        records_(*device_, K_),
        planned_(*device_, planned_at_once() + spec.dqn.gradient_steps) {
    kernel_.networks = networks_.data();
    kernel_.m = m_.data();
    kernel_.v = v_.data();
    kernel_.v_max = v_max_.data();
    kernel_.replay = replay_.data();
    kernel_.records = records_.data();
    kernel_.returns = returns_.data();
    kernel_.plan = planned_.data();
    kernel_.capacity = static_cast<std::int32_t>(spec.dqn.replay_capacity);
    kernel_.first_seed = spec.first_seed;
    kernel_.max_episode_steps = fused_episode_limit(spec);
    kernel_.gamma = static_cast<float>(spec.dqn.gamma);
    kernel_.truncation_discount = spec.dqn.truncation_as_terminal ? 0.0f : kernel_.gamma;
    kernel_.terminal_discount = spec.dqn.terminal == Terminal::bootstrap ? kernel_.gamma : 0.0f;
    kernel_.solved_threshold = spec.solved_threshold.value_or(std::numeric_limits<double>::infinity());
    kernel_.settings = fused_settings(spec.dqn);
    initialize(spec);
  }

  FusedAgents(const FusedAgents&) = delete;
  FusedAgents& operator=(const FusedAgents&) = delete;

  std::int64_t agents() const override { return K_; }
  std::int64_t env_steps() const override { return plan_.env_steps(); }

  void run(std::int64_t n) override {
    require(n >= 0, "agents make 0 or more steps, got ", n);
    require(plan_.env_steps() + n < INT32_MAX, "cuda:fused trains for fewer than 2^31-1 steps");
    while (n > 0) {
      kernel_.env_steps = static_cast<std::int32_t>(plan_.env_steps());
      kernel_.train_steps = static_cast<std::int32_t>(plan_.train_steps());
      std::vector<PlannedStep> steps;
      for (; n > 0 && static_cast<std::int64_t>(steps.size()) < planned_at_once(); --n) plan_.add_env_step(steps);
      kernel_.steps = static_cast<std::int32_t>(steps.size());
      device_->copy_in(planned_.data(), steps.data(), steps.size() * sizeof(PlannedStep));
      device_->launch(kernel_, Grid{1, L::kThreads, L::kSharedBytes, K_});
      device_->synchronize();  // a launch takes about a quarter of a second: whoever waits may stop in between
    }
  }

  std::vector<AgentReport> reports() override {
    const std::vector<FusedRecord> records = copy_of(records_);
    const std::int64_t trained = plan_.train_steps() - reported_train_steps_;
    std::vector<AgentReport> reports;
    for (std::size_t k = 0; k < records.size(); ++k) {
      const FusedRecord& record = records[k];
      AgentReport report{first_seed_ + k, record.episodes, plan_.train_steps(), {}, {}, {}};
      const auto recent = static_cast<double>(std::min(record.episodes, kRecentReturns));
      if (recent > 0) report.mean_return = record.recent_sum / recent;
      if (trained > 0) report.loss = (record.loss_sum - reported_losses_[k]) / static_cast<double>(trained);
      if (record.solved_at >= 0) report.solved_at_env_step = record.solved_at;
      reported_losses_[k] = record.loss_sum;
      reports.push_back(report);
    }
    reported_train_steps_ = plan_.train_steps();
    return reports;
  }

  std::vector<float> parameters(std::int64_t k) override {
    require(k >= 0 && k < K_, "there is no agent ", k, " among ", K_);
    std::vector<float> network(L::kNetwork);
    device_->copy_out(network.data(), networks_.data() + k * L::kNetworks, network.size() * sizeof(float));
    return take_parameters(network, places_);
  }

  /// What one launch does: about a quarter of a second's worth of steps on an H100.
  std::int64_t planned_at_once() const { return std::max<std::int64_t>(1, kAgentSteps / std::max<std::int64_t>(K_, 512)); }

  Device& device() { return *device_; }

 private:
  using L = FusedLayout<Environment, kLayers>;
  static constexpr std::int64_t kAgentSteps = 4'000'000;

  static void require_room(const ManyAgentsSpec& spec) {
    require(spec.agents <= kMostAgents, "cuda:fused trains up to ", kMostAgents, " agents at once, got ", spec.agents);
  }

  template <class T>
  std::vector<T> copy_of(const DeviceMemory<Device, T>& memory) {
    std::vector<T> copy(static_cast<std::size_t>(memory.size()));
    device_->copy_out(copy.data(), memory.data(), copy.size() * sizeof(T));
    return copy;
  }

  // As DqnStep does, each agent from the stream of its seed; some agents at a time, so that the copy on the host stays small.
  void initialize(const ManyAgentsSpec& spec) {
    const auto backend = make_backend("reference");
    Network network = make_mlp(*backend, q_network(spec.dqn, L::D, L::A), 1, Network::Use::inference);
    constexpr std::int64_t kTogether = 64;
    for (std::int64_t first = 0; first < K_; first += kTogether) {
      const std::int64_t count = std::min(kTogether, K_ - first);
      std::vector<float> images(static_cast<std::size_t>(count * L::kNetworks));
      for (std::int64_t k = 0; k < count; ++k) {
        Generator random = Generator::stream(spec.first_seed + static_cast<std::uint64_t>(first + k), kInitialisation);
        network.initialize(random);
        const auto image = std::span(images).subspan(static_cast<std::size_t>(k * L::kNetworks), L::kNetworks);
        put_parameters(network.parameters_to_host(), places_, image.template first<L::kNetwork>());
        if (spec.dqn.target.initial == TargetUpdate::Initial::independent) network.initialize(random);
        put_parameters(network.parameters_to_host(), places_, image.template last<L::kNetwork>());
      }
      device_->copy_in(networks_.data() + first * L::kNetworks, images.data(), images.size() * sizeof(float));
    }
    FusedRecord none{};
    none.solved_at = -1;
    const std::vector<FusedRecord> records(static_cast<std::size_t>(K_), none);
    device_->copy_in(records_.data(), records.data(), records.size() * sizeof(FusedRecord));
    reported_losses_.resize(records.size());
  }

  std::unique_ptr<Device> device_;
  std::int64_t K_;
  std::uint64_t first_seed_;
  std::vector<std::size_t> places_;
  FusedPlan plan_;
  DeviceMemory<Device, float> networks_, m_, v_, v_max_, replay_, returns_;
  DeviceMemory<Device, FusedRecord> records_;
  DeviceMemory<Device, PlannedStep> planned_;
  FusedAgent<Environment, kLayers, kAmsgrad> kernel_{};
  std::vector<double> reported_losses_;
  std::int64_t reported_train_steps_ = 0;
};

template <class Environment, class Device>
std::unique_ptr<ManyAgents> make_fused_agents_in(const ManyAgentsSpec& spec, std::unique_ptr<Device> device) {
  const bool one = spec.dqn.hidden.size() == 1, amsgrad = spec.dqn.optimizer.amsgrad;
  if (one && amsgrad) return std::make_unique<FusedAgents<Device, Environment, 1, true>>(spec, std::move(device));
  if (one) return std::make_unique<FusedAgents<Device, Environment, 1, false>>(spec, std::move(device));
  if (amsgrad) return std::make_unique<FusedAgents<Device, Environment, 2, true>>(spec, std::move(device));
  return std::make_unique<FusedAgents<Device, Environment, 2, false>>(spec, std::move(device));
}

/// Throws Error naming what cuda:fused does not take.
template <class Device>
std::unique_ptr<ManyAgents> make_fused_agents(const ManyAgentsSpec& spec, std::unique_ptr<Device> device) {
  validate(spec);
  const FusedEnvironment environment = fused_environment(spec);
  require_fused_settings(spec.dqn);
  switch (environment) {
    case FusedEnvironment::cartpole: return make_fused_agents_in<DeviceCartPole>(spec, std::move(device));
    case FusedEnvironment::mountain_car: return make_fused_agents_in<DeviceMountainCar>(spec, std::move(device));
  }
  fail("there is no such fused environment");
}

}  // namespace handgrad::cuda
