// PyTorch's C++ library in the comparison of train steps.
//
//   peers_libtorch serve FOLDER      answers requests (see train_step_worker.h)

#include <iostream>

#include <torch/torch.h>

#include "bench/peers/glue/train_step_worker.h"

using namespace handgrad;

namespace {

struct Batch {
  torch::Tensor observations, actions, rewards, discounts, next_observations;
};

torch::Tensor to_tensor(const std::vector<float>& values, torch::IntArrayRef shape) {
  return torch::tensor(values).reshape(shape);
}

class Libtorch : public peers::Contestant {
 public:
  explicit Libtorch(const peers::StartingPoint& start) : config_(start.configuration.dqn) {
    set_parameters(start);
    for (const app::HostBatch& batch : start.batches) {
      const auto B = static_cast<std::int64_t>(batch.actions.size());
      const std::vector<std::int64_t> actions(batch.actions.begin(), batch.actions.end());
      batches_.push_back({to_tensor(batch.observations, {B, -1}), torch::tensor(actions).reshape({B, 1}),
                          to_tensor(batch.rewards, {B}), to_tensor(batch.discounts, {B}),
                          to_tensor(batch.next_observations, {B, -1})});
    }
    make_optimizer();
  }

  void run(std::int64_t steps) override {
    for (std::int64_t i = 0; i < steps; ++i) step(batches_[static_cast<std::size_t>(steps_ % 10)]);
  }

  std::vector<float> parameters() const override {
    std::vector<float> all;
    for (const torch::Tensor& p : online_) all.insert(all.end(), p.data_ptr<float>(), p.data_ptr<float>() + p.numel());
    return all;
  }

 private:
  void set_parameters(const peers::StartingPoint& start) {
    const torch::Tensor flat = torch::tensor(start.parameters);
    const std::vector<std::int64_t> sizes = start.configuration.sizes();
    std::int64_t at = 0;
    const auto take = [&](std::int64_t count) {
      at += count;
      return flat.slice(0, at - count, at).clone();
    };
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
      online_.push_back(take(sizes[i + 1] * sizes[i]).reshape({sizes[i + 1], sizes[i]}));
      online_.push_back(take(sizes[i + 1]));
    }
    for (torch::Tensor& p : online_) {
      target_.push_back(p.clone());
      p.requires_grad_();
    }
  }

  void make_optimizer() {
    const OptimizerSpec& o = config_.optimizer;
    if (o.kind == OptimizerKind::adamw) {
      optimizer_ = std::make_unique<torch::optim::AdamW>(online_, torch::optim::AdamWOptions(o.lr)
                                                                      .betas({o.beta1, o.beta2})
                                                                      .eps(o.eps)
                                                                      .weight_decay(o.weight_decay)
                                                                      .amsgrad(o.amsgrad));
    } else {
      optimizer_ =
          std::make_unique<torch::optim::Adam>(online_, torch::optim::AdamOptions(o.lr).betas({o.beta1, o.beta2}).eps(o.eps));
    }
  }

  static torch::Tensor forward(const std::vector<torch::Tensor>& p, torch::Tensor x) {
    for (std::size_t i = 0; i < p.size(); i += 2) {
      x = torch::linear(x, p[i], p[i + 1]);
      if (i + 2 < p.size()) x = torch::relu(x);
    }
    return x;
  }

  void step(const Batch& batch) {
    torch::Tensor y;
    {
      const torch::NoGradGuard no_grad;
      y = batch.rewards + batch.discounts * forward(target_, batch.next_observations).amax(1);
    }
    const torch::Tensor q = forward(online_, batch.observations).gather(1, batch.actions).squeeze(1);
    const torch::Tensor loss = config_.loss.kind == LossKind::mse ? torch::mse_loss(q, y) : torch::smooth_l1_loss(q, y);
    optimizer_->zero_grad();
    loss.backward();
    if (config_.clipping.kind == Clipping::Kind::value) torch::nn::utils::clip_grad_value_(online_, config_.clipping.limit);
    if (config_.clipping.kind == Clipping::Kind::norm) torch::nn::utils::clip_grad_norm_(online_, config_.clipping.limit);
    optimizer_->step();
    if (++steps_ % config_.target.every == 0) follow();
  }

  void follow() {
    const torch::NoGradGuard no_grad;
    for (std::size_t i = 0; i < online_.size(); ++i) {
      if (config_.target.kind == TargetUpdate::Kind::soft) {
        target_[i].lerp_(online_[i], config_.target.tau);
      } else {
        target_[i].copy_(online_[i]);
      }
    }
  }

  DqnConfig config_;
  std::vector<torch::Tensor> online_, target_;
  std::vector<Batch> batches_;
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
  std::int64_t steps_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || std::string(argv[1]) != "serve") {
    std::cerr << "usage: peers_libtorch serve FOLDER\n";
    return 2;
  }
  try {
    torch::set_num_threads(1);
    at::globalContext().setFlushDenormal(true);
    peers::serve(argv[2], [](const peers::StartingPoint& start) { return std::make_unique<Libtorch>(start); });
  } catch (const std::exception& error) {
    std::cerr << "peers_libtorch: " << error.what() << '\n';
    return 1;
  }
}
