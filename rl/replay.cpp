#include "replay.h"

#include <algorithm>
#include <numeric>

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

constexpr std::int64_t kLargestCapacity = std::int64_t{1} << 29;  // rows are numbered by 32-bit integers, finals included
constexpr std::int32_t kNone = -1;

ReplayConfig checked(ReplayConfig config) {
  require(config.environments >= 1, "a replay memory needs at least one environment, got ", config.environments);
  require(config.observation_size >= 1, "an observation needs at least one value, got ", config.observation_size);
  require(config.n_step >= 1, "n_step has to be at least 1, got ", config.n_step);
  require(config.batch_size >= 1, "the batch size has to be at least 1, got ", config.batch_size);
  require(config.capacity >= config.environments && config.capacity <= kLargestCapacity,
          "the replay capacity has to be between the number of environments, ", config.environments, ", and ",
          kLargestCapacity, ", got ", config.capacity);
  config.capacity -= config.capacity % config.environments;
  require(config.replacement || config.capacity >= config.batch_size, "a batch of ", config.batch_size,
          " without replacement does not fit a replay capacity of ", config.capacity,
          ": raise the capacity, lower the batch size, or sample with replacement");
  return config;
}

}  // namespace

Replay::Replay(Backend& backend, const ReplayConfig& config)
    : config_(checked(config)), steps_kept_(config_.capacity / config_.environments), slots_(steps_kept_ + 1) {
  const std::int64_t E = config_.environments, D = config_.observation_size, B = config_.batch_size;
  const auto places = static_cast<std::size_t>(slots_ * E), batch = static_cast<std::size_t>(B);
  observations_ = Buffer<Real>(backend, 2 * slots_ * E * D);
  actions_.resize(places);
  rewards_.resize(places);
  ends_.resize(places);
  final_rows_.assign(places, kNone);
  free_rows_.reserve(places);
  since_end_.resize(static_cast<std::size_t>(E));

  drawn_.resize(batch);
  running_.resize(static_cast<std::size_t>(E));
  stamps_.resize(config_.replacement ? 0 : static_cast<std::size_t>(config_.capacity));
  for (auto* indices : {&batch_rows_, &batch_next_rows_, &batch_actions_}) indices->resize(batch);
  for (auto* values : {&batch_rewards_, &batch_discounts_}) values->resize(batch);
  staging_.resize(static_cast<std::size_t>(E * D));
  for (auto* buffer : {&device_rows_, &device_next_rows_, &device_actions_}) *buffer = Buffer<std::int32_t>(backend, B);
  for (auto* buffer : {&device_rewards_, &device_discounts_}) *buffer = Buffer<Real>(backend, B);
  for (auto* buffer : {&device_observations_, &device_next_observations_}) *buffer = Buffer<Real>(backend, B * D);
}

void Replay::store_observations(std::int64_t first_row, std::span<const float> observations) {
  std::ranges::copy(observations, staging_.begin());
  observations_.upload(std::span(staging_).first(observations.size()), first_row * config_.observation_size);
}

void Replay::start(std::span<const float> observations) {
  require(observations.size() == staging_.size(), "expected ", config_.environments, " observations of ",
          config_.observation_size, " values, got ", observations.size(), " values");
  time_ = 0;
  std::ranges::fill(since_end_, 0);
  std::ranges::fill(final_rows_, kNone);
  free_rows_.resize(final_rows_.size());
  std::iota(free_rows_.rbegin(), free_rows_.rend(), static_cast<std::int32_t>(final_rows_.size()));
  store_observations(0, observations);
}

void Replay::add(std::span<const std::int32_t> actions, const VectorStep& step) {
  const std::int64_t E = config_.environments, D = config_.observation_size;
  require(static_cast<std::int64_t>(actions.size()) == E && static_cast<std::int64_t>(step.rewards.size()) == E &&
              step.observations.size() == staging_.size(),
          "expected a step of ", E, " environments, got ", actions.size(), " actions and ", step.rewards.size(), " rewards");
  for (std::int64_t e = 0; e < E; ++e) {
    const auto environment = static_cast<std::size_t>(e);
    const std::size_t at = place(time_, e);
    actions_[at] = actions[environment];
    rewards_[at] = static_cast<Real>(step.rewards[environment]);
    ends_[at] = static_cast<std::uint8_t>((step.terminated[environment] != 0 ? kTerminated : 0) |
                                          (step.truncated[environment] != 0 ? kTruncated : 0));
    if (final_rows_[at] != kNone) {  // of the transition that is overwritten
      free_rows_.push_back(final_rows_[at]);
      final_rows_[at] = kNone;
    }
    if (ends_[at] != 0) {
      final_rows_[at] = free_rows_.back();
      free_rows_.pop_back();
      store_observations(final_rows_[at], step.final_observations.subspan(environment * static_cast<std::size_t>(D),
                                                                          static_cast<std::size_t>(D)));
    }
    since_end_[environment] = ends_[at] != 0 ? 0 : since_end_[environment] + 1;
  }
  ++time_;
  store_observations((time_ % slots_) * E, step.observations);
}

std::int64_t Replay::sampleable(std::int64_t environment) const {
  const std::int64_t open = std::min<std::int64_t>(config_.n_step - 1, since_end_[static_cast<std::size_t>(environment)]);
  return std::max<std::int64_t>(0, held() - open);
}

std::int64_t Replay::size() const {
  if (config_.n_step == 1) return held() * config_.environments;
  std::int64_t total = 0;
  for (std::int64_t e = 0; e < config_.environments; ++e) total += sampleable(e);
  return total;
}

void Replay::draw(std::int64_t batch_size, std::int64_t total, Generator& random) {
  if (config_.replacement) {
    for (std::int64_t i = 0; i < batch_size; ++i) drawn_[static_cast<std::size_t>(i)] = random.integers(0, total);
    return;
  }
  if (++stamp_ == 0) {  // after 2^32 batches old stamps could be taken for new ones
    std::ranges::fill(stamps_, 0U);
    stamp_ = 1;
  }
  // Floyd: after round j the batch is a uniform sample of that many numbers out of [0, j].
  std::size_t i = 0;
  for (std::int64_t j = total - batch_size; j < total; ++j, ++i) {
    const std::int64_t candidate = random.integers(0, j + 1);
    drawn_[i] = stamps_[static_cast<std::size_t>(candidate)] == stamp_ ? j : candidate;
    stamps_[static_cast<std::size_t>(drawn_[i])] = stamp_;
  }
}

void Replay::assemble(std::size_t row, std::int64_t time, std::int64_t environment) {
  double sum = 0, discount = 1;
  std::size_t at = place(time, environment);
  batch_rows_[row] = static_cast<std::int32_t>(at);
  batch_actions_[row] = actions_[at];
  for (int k = 0;; ++k) {
    at = place(time + k, environment);
    sum += discount * static_cast<double>(rewards_[at]);
    discount *= config_.gamma;
    if (ends_[at] != 0 || k + 1 == config_.n_step) {
      // Trap: a terminated episode has no value beyond its end; one that ran into its time limit has.
      const int ends = (config_.terminal_bootstraps ? 0 : kTerminated) | (config_.truncation_as_terminal ? kTruncated : 0);
      if ((ends_[at] & ends) != 0) discount = 0;
      batch_next_rows_[row] = ends_[at] != 0 ? final_rows_[at] : static_cast<std::int32_t>(place(time + k + 1, environment));
      break;
    }
  }
  batch_rewards_[row] = static_cast<Real>(sum);
  batch_discounts_[row] = static_cast<Real>(discount);
}

ReplayBatch Replay::sample(std::int64_t batch_size, Generator& random) {
  const std::int64_t D = config_.observation_size;
  require(batch_size >= 1 && batch_size <= config_.batch_size, "this replay memory gives batches of 1 to ", config_.batch_size,
          ", got ", batch_size);
  std::int64_t total = 0;
  for (std::int64_t e = 0; e < config_.environments; ++e) {
    total += sampleable(e);
    running_[static_cast<std::size_t>(e)] = total;
  }
  require(total >= (config_.replacement ? 1 : batch_size), "a batch of ", batch_size,
          " was asked for, but the replay memory has ", total, " transitions");

  draw(batch_size, total, random);
  const std::int64_t oldest = time_ - held();
  const auto rows = static_cast<std::size_t>(batch_size);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto environment = std::ranges::upper_bound(running_, drawn_[row]) - running_.begin();
    const std::int64_t before = environment == 0 ? 0 : running_[static_cast<std::size_t>(environment - 1)];
    assemble(row, oldest + drawn_[row] - before, environment);
  }

  device_rows_.upload(std::span(batch_rows_).first(rows));
  device_next_rows_.upload(std::span(batch_next_rows_).first(rows));
  device_actions_.upload(std::span(batch_actions_).first(rows));
  device_rewards_.upload(std::span(batch_rewards_).first(rows));
  device_discounts_.upload(std::span(batch_discounts_).first(rows));
  const ConstMatrix source = observations_.matrix(2 * slots_ * config_.environments, D);
  Backend& backend = observations_.backend();
  const Matrix observations = device_observations_.matrix(batch_size, D);
  const Matrix next_observations = device_next_observations_.matrix(batch_size, D);
  backend.gather_rows(source, device_rows_.first(batch_size), observations);
  backend.gather_rows(source, device_next_rows_.first(batch_size), next_observations);
  return {observations, device_actions_.first(batch_size), device_rewards_.first(batch_size),
          device_discounts_.first(batch_size), next_observations};
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
