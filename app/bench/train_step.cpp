#include "app/bench/train_step.h"

#include "core/backends.h"
#include "core/step_scope.h"
#include "core/suggest.h"

namespace handgrad::app {

namespace {

TrainStepConfiguration configuration(std::string name, std::vector<std::int64_t> hidden, std::int64_t batch) {
  TrainStepConfiguration c{std::move(name), {}};
  c.dqn.hidden = std::move(hidden);
  c.dqn.batch_size = batch;
  c.dqn.optimizer = default_spec(OptimizerKind::adam);
  c.dqn.loss = {LossKind::mse, 1.0, Reduction::mean};
  c.dqn.target = {.kind = TargetUpdate::Kind::hard, .every = 100};
  return c;
}

template <class T>
Buffer<T> to_buffer(Backend& backend, const std::vector<T>& host, std::int64_t size, const char* name) {
  require(static_cast<std::int64_t>(host.size()) == size, "the batch's ", name, " have to be ", size, " values, got ",
          host.size());
  Buffer<T> buffer(backend, size);
  buffer.upload(host);
  return buffer;
}

}  // namespace

std::vector<std::int64_t> TrainStepConfiguration::sizes() const {
  std::vector<std::int64_t> all = {kObservationSize};
  all.insert(all.end(), dqn.hidden.begin(), dqn.hidden.end());
  all.push_back(kActions);
  return all;
}

std::string TrainStepConfiguration::network() const {
  std::string all;
  for (const std::int64_t size : sizes()) all += (all.empty() ? "" : "-") + std::to_string(size);
  return all;
}

double TrainStepConfiguration::flops() const {
  const std::vector<std::int64_t> all = sizes();
  double multiply_adds = 0;
  for (std::size_t layer = 0; layer + 1 < all.size(); ++layer) {
    const auto product = static_cast<double>(dqn.batch_size * all[layer] * all[layer + 1]);
    multiply_adds += product * (layer == 0 ? 3 : 4);
  }
  return 2 * multiply_adds;
}

std::vector<TrainStepConfiguration> train_step_configurations() {
  TrainStepConfiguration tutorial = configuration("tutorial", {128, 128}, 128);
  tutorial.dqn.optimizer = default_spec(OptimizerKind::adamw);
  tutorial.dqn.optimizer.lr = 1e-4;
  tutorial.dqn.optimizer.amsgrad = true;
  tutorial.dqn.loss.kind = LossKind::smooth_l1;
  tutorial.dqn.clipping = {.kind = Clipping::Kind::value, .limit = 100};
  tutorial.dqn.target = {.kind = TargetUpdate::Kind::soft, .every = 1, .tau = 0.005};

  TrainStepConfiguration zoo = configuration("zoo", {256, 256}, 64);
  zoo.dqn.loss.kind = LossKind::smooth_l1;
  zoo.dqn.clipping = {.kind = Clipping::Kind::norm, .limit = 10};

  return {tutorial,
          zoo,
          configuration("cleanrl", {120, 84}, 128),
          configuration("tf", {100, 50}, 64),
          configuration("hadiji", {128}, 128),
          configuration("rlmep", {16, 16}, 32)};
}

TrainStepConfiguration train_step_configuration(const std::string& name) {
  std::vector<std::string> names;
  std::string all;
  for (const TrainStepConfiguration& c : train_step_configurations()) {
    if (c.name == name) return c;
    all += (all.empty() ? "" : ", ") + c.name;
    names.push_back(c.name);
  }
  fail("no train step '", name, "': there are ", all, ".", did_you_mean(name, names));
}

HostBatch random_batch(const TrainStepConfiguration& configuration, std::uint64_t seed) {
  Generator random(seed);
  const auto B = static_cast<std::size_t>(configuration.dqn.batch_size);
  HostBatch batch;
  const auto uniform = [&](std::vector<Real>& values, std::size_t count, double low, double high) {
    values.resize(count);
    for (Real& x : values) x = static_cast<Real>(random.uniform(low, high));
  };
  uniform(batch.observations, B * TrainStepConfiguration::kObservationSize, -1, 1);
  uniform(batch.next_observations, B * TrainStepConfiguration::kObservationSize, -1, 1);
  uniform(batch.rewards, B, 0, 1);
  for (std::size_t i = 0; i < B; ++i) {
    batch.actions.push_back(static_cast<std::int32_t>(random.integers(0, TrainStepConfiguration::kActions)));
    batch.discounts.push_back(random.integers(0, 20) == 0 ? Real(0) : static_cast<Real>(configuration.dqn.gamma));
  }
  return batch;
}

std::vector<HostBatch> random_batches(const TrainStepConfiguration& configuration, int count) {
  std::vector<HostBatch> batches;
  for (int seed = 1; seed <= count; ++seed) batches.push_back(random_batch(configuration, static_cast<std::uint64_t>(seed)));
  return batches;
}

TrainStep::TrainStep(std::unique_ptr<Backend> backend, const TrainStepConfiguration& configuration,
                     const std::vector<HostBatch>& batches)
    : backend_(std::move(backend)),
      follow_every_(configuration.dqn.target.every),
      random_(1),
      step_(*backend_, configuration.dqn, TrainStepConfiguration::kObservationSize, TrainStepConfiguration::kActions,
            configuration.dqn.batch_size, random_) {
  require(!batches.empty(), "a train step needs at least one batch");
  for (const HostBatch& host : batches) batches_.push_back(upload(host, configuration.dqn.batch_size));
}

TrainStep::TrainStep(const std::string& backend, const TrainStepConfiguration& configuration)
    : TrainStep(make_backend(backend), configuration, random_batches(configuration, 8)) {}

TrainStep::Batch TrainStep::upload(const HostBatch& host, std::int64_t rows) {
  constexpr std::int64_t D = TrainStepConfiguration::kObservationSize;
  Batch batch;
  batch.observations = to_buffer(*backend_, host.observations, rows * D, "observations");
  batch.actions = to_buffer(*backend_, host.actions, rows, "actions");
  batch.rewards = to_buffer(*backend_, host.rewards, rows, "rewards");
  batch.discounts = to_buffer(*backend_, host.discounts, rows, "discounts");
  batch.next_observations = to_buffer(*backend_, host.next_observations, rows * D, "next observations");
  batch.views = {batch.observations.matrix(rows, D), batch.actions.span(), batch.rewards.span(), batch.discounts.span(),
                 batch.next_observations.matrix(rows, D)};  // of memory that stays where it is when the batch is moved
  return batch;
}

void TrainStep::run_once() {
  const StepScope scope(*backend_);  // the target update belongs to the step
  step_.run(batches_[next_batch_].views);
  if (++next_batch_ == batches_.size()) next_batch_ = 0;
  if (++steps_ % follow_every_ == 0) step_.follow();
}

void TrainStep::set_parameters(const std::vector<Real>& online) {
  step_.online().set_parameters(online);
  step_.copy_to_target();
}

}  // namespace handgrad::app
