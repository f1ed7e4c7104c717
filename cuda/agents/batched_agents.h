#pragma once

#include <memory>
#include <optional>

#include "../../core/backends.h"
#include "../../core/denormals.h"
#include "../../core/error.h"
#include "../../rl/agents_on_host.h"
#include "../../rl/dqn_rules.h"
#include "../kernels/rows.h"
#include "agents_step.h"
#include "scatter_rows.h"
#include "upload_block.h"

namespace handgrad::cuda {

/// Many agents on a device, one environment step and one train step after the other, each step for all agents at once:
///
///   host                                             device
///   who explores, and how
///   the others wait for                      ◀────   argmax Q(s, ·)                                              launched: act
///   environments step
///   observations, and where they belong      ────▶   stored in the replay memories [K, N, D]
///   rows, actions, rewards, discounts drawn  ────▶   gathered, y, dθ, clipped, θ = optimiser(θ, dθ)               launched: learn
///                                                    θ⁻ = τ θ + (1-τ) θ⁻, if that is due
///
/// An agent's random numbers, and so all that is drawn with them, are those of a Dqn of its seed; its networks are computed by
/// kernels that do the same for an agent however many others there are. So it takes the bits that it takes alone.
///
/// How many launches a step takes does not depend on K; each kind of step is recorded once and launched as a whole.
template <class Device>
class BatchedAgents : public ManyAgents {
 public:
  /// As many as a grid has room for.
  static constexpr std::int64_t kMostAgents = 65535;

  /// Throws Error as AgentsOnHost does, for more than kMostAgents, and if the device has not memory enough.
  BatchedAgents(const ManyAgentsSpec& spec, std::unique_ptr<Device> device)
      : config_(spec.dqn),
        host_((require_room(spec), spec)),
        device_(std::move(device)),
        K_(host_.agents()),
        D_(host_.observation_size()),
        B_(spec.dqn.batch_size),
        step_(*device_, spec.dqn, q_network(spec.dqn, D_, host_.actions()), K_),
        replay_(*device_, K_ * host_.replay_rows() * D_),
        batch_(*device_, K_ * 2 * B_ * D_),
        best_(*device_, K_),
        best_on_host_(static_cast<std::size_t>(K_)),
        arrival_block_(*device_, static_cast<std::size_t>(K_ * 2) * (static_cast<std::size_t>(D_) + 1) * sizeof(float)),
        arrived_(arrival_block_.template array<float>(static_cast<std::size_t>(K_ * 2 * D_))),
        arrived_rows_(arrival_block_.template array<std::int32_t>(static_cast<std::size_t>(K_ * 2))),
        batch_block_(*device_, static_cast<std::size_t>(K_ * B_) * 5 * sizeof(float) + kAdamCoefficients * sizeof(float)),
        rows_(batch_block_.template array<std::int32_t>(static_cast<std::size_t>(K_ * 2 * B_))),
        actions_(batch_block_.template array<std::int32_t>(static_cast<std::size_t>(K_ * B_))),
        rewards_(batch_block_.template array<float>(static_cast<std::size_t>(K_ * B_))),
        discounts_(batch_block_.template array<float>(static_cast<std::size_t>(K_ * B_))),
        coefficients_(batch_block_.template array<float>(kAdamCoefficients)) {
    initialize(spec);
    act_graph_.emplace(device_->capture([this] { act(); }));
    learn_graph_.emplace(device_->capture([this] { learn(); }));
    host_.start(AgentsArrival{arrived_.host, arrived_rows_.host});
    store_arrivals();
  }

  BatchedAgents(const BatchedAgents&) = delete;
  BatchedAgents& operator=(const BatchedAgents&) = delete;

  std::int64_t agents() const override { return K_; }
  std::int64_t env_steps() const override { return host_.env_steps(); }

  void run(std::int64_t n) override {
    require(n >= 0, "agents make 0 or more steps, got ", n);
    for (std::int64_t i = 0; i < n; ++i) step();
  }

  std::vector<AgentReport> reports() override {
    const Vector losses = step_.losses();
    std::vector<float> sums(losses.size());
    device_->copy_out(sums.data(), losses.data(), losses.size_bytes());
    const auto size = static_cast<std::int64_t>(losses.size());
    device_->launch(Fill{losses.data(), size, 0}, elements_grid(size));
    std::vector<AgentReport> reports;
    for (std::size_t k = 0; k < static_cast<std::size_t>(K_); ++k) {
      std::optional<double> loss;
      if (unreported_ > 0) loss = static_cast<double>(sums[k * kLossOutputs + kLossSum]) / static_cast<double>(unreported_);
      reports.push_back(host_.report(k, train_steps_, loss));
    }
    unreported_ = 0;
    return reports;
  }

  std::vector<float> parameters(std::int64_t k) override {
    require(k >= 0 && k < K_, "there is no agent ", k, " among ", K_);
    return step_.online().parameters_to_host(k);
  }

  Device& device() { return *device_; }

 private:
  static void require_room(const ManyAgentsSpec& spec) {
    require(spec.agents <= kMostAgents, "the cuda backend trains up to ", kMostAgents, " agents at once, got ", spec.agents);
  }

  // As DqnStep does, each agent from the stream of its seed.
  void initialize(const ManyAgentsSpec& spec) {
    const auto scratch = make_backend("reference");
    Network network = make_mlp(*scratch, q_network(config_, D_, host_.actions()), 1, Network::Use::inference);
    const bool independent = config_.target.initial == TargetUpdate::Initial::independent;
    for (std::int64_t k = 0; k < K_; ++k) {
      Generator random = Generator::stream(spec.first_seed + static_cast<std::uint64_t>(k), kInitialisation);
      network.initialize(random);
      step_.online().set_parameters(k, network.parameters_to_host());
      if (!independent) continue;
      network.initialize(random);
      step_.target().set_parameters(k, network.parameters_to_host());
    }
    if (!independent) step_.copy_to_target();
  }

  void act() {
    const ConstMatrix Q{step_.online().forward(arrived_.device, 2 * D_, 1), K_, host_.actions()};
    device_->launch(make_argmax(Q, best_.span()), spread_grid(K_));
  }

  void learn() {
    device_->launch(GatherRows{replay_.data(), rows_.device, batch_.data(), host_.replay_rows(), 2 * B_, D_},
                    gather_grid(2 * B_, D_, K_));
    const auto rows = static_cast<std::size_t>(K_ * B_);
    step_.run(AgentsTransitions{batch_.data(),
                                {actions_.device, rows},
                                {rewards_.device, rows},
                                {discounts_.device, rows},
                                {coefficients_.device, kAdamCoefficients}});
  }

  void store_arrivals() {
    arrival_block_.send();
    device_->launch(ScatterRows{arrived_.device, arrived_rows_.device, replay_.data(), K_, host_.replay_rows(), 2, D_},
                    scatter_grid(K_, 2, D_));
  }

  void step() {
    if (host_.choose()) {
      replay(*act_graph_);
      device_->copy_out(best_on_host_.data(), best_.data(), best_on_host_.size() * sizeof(std::int32_t));
      host_.finish_choice(best_on_host_);
    }
    arrival_block_.wait();
    host_.step(AgentsArrival{arrived_.host, arrived_rows_.host});
    store_arrivals();

    const std::int64_t now = host_.env_steps();
    if (host_.has_batch()) {
      for (std::int64_t k = trainings_due(config_, now - 1, now) * config_.gradient_steps; k > 0; --k) train();
    }
    for (std::int64_t k = follows_due(config_, now - 1, now); k > 0; --k) step_.follow();
  }

  void train() {
    batch_block_.wait();
    host_.sample(AgentsBatch{rows_.host, actions_.host, rewards_.host, discounts_.host});
    ++train_steps_;
    ++unreported_;
    std::ranges::copy(optimizer_coefficients(config_.optimizer, train_steps_), coefficients_.host.begin());
    batch_block_.send();
    replay(*learn_graph_);
    if (follows_after(config_.target, train_steps_)) step_.follow();
  }

  // An emulated device computes in the host's mode, a GPU flushes denormals anyway.
  void replay(const typename Device::Graph& graph) {
    const FlushDenormals flush;
    device_->replay(graph);
  }

  using Block = UploadBlock<Device>;

  DqnConfig config_;
  AgentsOnHost host_;
  std::unique_ptr<Device> device_;
  std::int64_t K_, D_, B_;
  AgentsStep<Device> step_;
  DeviceMemory<Device, float> replay_;       // [K, N, D]
  DeviceMemory<Device, float> batch_;        // [K, 2, B, D]
  DeviceMemory<Device, std::int32_t> best_;  // [K]
  std::vector<std::int32_t> best_on_host_;

  Block arrival_block_;
  typename Block::template Array<float> arrived_;              // [K, 2, D]
  typename Block::template Array<std::int32_t> arrived_rows_;  // [K, 2]
  Block batch_block_;
  typename Block::template Array<std::int32_t> rows_;          // [K, 2, B]
  typename Block::template Array<std::int32_t> actions_;       // [K, B]
  typename Block::template Array<float> rewards_, discounts_;  // [K, B]
  typename Block::template Array<float> coefficients_;         // [kAdamCoefficients]

  std::optional<typename Device::Graph> act_graph_, learn_graph_;
  std::int64_t train_steps_ = 0, unreported_ = 0;
};

}  // namespace handgrad::cuda
