#include "tests/support/train_steps.h"

#include <functional>

#include "rl/dqn_step.h"
#include "tests/support/arrays.h"

namespace handgrad {
namespace {

constexpr std::int64_t kInputs = 4, kActions = 2;

DqnConfig configuration(
    std::vector<std::int64_t> hidden, std::int64_t batch, LossKind loss,
    const std::function<void(DqnConfig&)>& change = [](DqnConfig&) {}) {
  DqnConfig config;
  config.hidden = std::move(hidden);
  config.batch_size = batch;
  config.loss.kind = loss;
  config.target.every = 2;
  change(config);
  return config;
}

}  // namespace

std::map<std::string, DqnConfig> train_step_trials() {
  return {
      {"AMSGrad, clipped values, soft updates", configuration({128, 128}, 128, LossKind::smooth_l1,
                                                              [](DqnConfig& c) {
                                                                c.optimizer = default_spec(OptimizerKind::adamw);
                                                                c.optimizer.lr = 1e-4;
                                                                c.optimizer.amsgrad = true;
                                                                c.clipping = {Clipping::Kind::value, 100};
                                                                c.target.kind = TargetUpdate::Kind::soft;
                                                                c.target.every = 1;
                                                              })},
      {"clipped norms", configuration({256, 256}, 64, LossKind::smooth_l1,
                                      [](DqnConfig& c) {
                                        c.clipping = {Clipping::Kind::norm, 10};
                                      })},
      {"two hidden layers", configuration({120, 84}, 128, LossKind::mse)},
      {"one hidden layer", configuration({128}, 128, LossKind::mse)},
      {"small", configuration({16, 16}, 32, LossKind::mse)},
      {"odd shapes, double Q, tanh, RMSprop", configuration({37, 3, 19}, 41, LossKind::huber,
                                                            [](DqnConfig& c) {
                                                              c.activation = Activation::tanh;
                                                              c.double_q = true;
                                                              c.optimizer = default_spec(OptimizerKind::rmsprop);
                                                            })},
  };
}

Trained train(Backend& backend, const DqnConfig& config, int steps) {
  const std::int64_t B = config.batch_size;
  Generator random(11);
  DqnStep step(backend, config, kInputs, kActions, B, random);
  Buffer<Real> x(backend, B * kInputs), next(backend, B * kInputs), reward(backend, B), discount(backend, B);
  Buffer<std::int32_t> action(backend, B);
  Trained trained;
  for (int k = 1; k <= steps; ++k) {
    x.upload(random_reals(B * kInputs, random));
    next.upload(random_reals(B * kInputs, random));
    reward.upload(random_reals(B, random));
    discount.upload(random_reals(B, random, 0.9, 1));
    std::vector<std::int32_t> actions(static_cast<std::size_t>(B));
    for (std::int32_t& a : actions) a = static_cast<std::int32_t>(random.integers(0, kActions));
    action.upload(actions);
    step.run({x.matrix(B, kInputs), action.span(), reward.span(), discount.span(), next.matrix(B, kInputs)});
    if (k % config.target.every == 0) step.follow();
    trained.loss = step.loss().value();
  }
  trained.parameters = step.online().parameters_to_host();
  return trained;
}

}  // namespace handgrad
