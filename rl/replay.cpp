#include "replay.h"

namespace handgrad::inline HANDGRAD_PRECISION {

Replay::Replay(Backend& backend, const ReplayConfig& config)
    : ring_(config),
      observations_(backend, ring_.rows() * config.observation_size),
      batch_indices_(3 * static_cast<std::size_t>(config.batch_size)),
      batch_values_(2 * static_cast<std::size_t>(config.batch_size)),
      upload_(config.environments * config.observation_size),
      device_indices_(backend, 3 * config.batch_size),
      device_values_(backend, 2 * config.batch_size),
      device_observations_(backend, 2 * config.batch_size * config.observation_size) {}

void Replay::start(std::span<const float> observations) {
  const ReplayConfig& config = ring_.config();
  require(static_cast<std::int64_t>(observations.size()) == config.environments * config.observation_size, "expected ",
          config.environments, " observations of ", config.observation_size, " values, got ", observations.size(), " values");
  ring_.start();
  store_observations(ring_.newest_row(), observations);
}

void Replay::add(std::span<const std::int32_t> actions, const VectorStep& step) {
  const auto D = static_cast<std::size_t>(ring_.config().observation_size);
  require(step.observations.size() == actions.size() * D, "expected ", actions.size(), " observations of ", D, " values, got ",
          step.observations.size(), " values");
  ring_.add(actions, step);
  for (std::size_t e = 0; e < actions.size(); ++e) {
    const std::int32_t row = ring_.final_row(e);
    if (row != ReplayRing::kNone) store_observations(row, step.final_observations.subspan(e * D, D));
  }
  store_observations(ring_.newest_row(), step.observations);
}

ReplayBatch Replay::sample(std::int64_t batch_size, Generator& random) {
  const std::int64_t B = batch_size, D = ring_.config().observation_size;
  require(B >= 1 && B <= ring_.config().batch_size, "this replay memory gives batches of 1 to ", ring_.config().batch_size,
          ", got ", B);
  const auto rows = static_cast<std::size_t>(B);
  const std::span<std::int32_t> host_indices = std::span(batch_indices_).first(3 * rows);
  const Vector host_values = std::span(batch_values_).first(2 * rows);
  ring_.sample(random, {.observations = host_indices.first(rows),
                        .next_observations = host_indices.subspan(rows, rows),
                        .actions = host_indices.subspan(2 * rows),
                        .rewards = host_values.first(rows),
                        .discounts = host_values.subspan(rows)});

  device_indices_.upload(host_indices);
  device_values_.upload(host_values);
  const ConstIndices indices = device_indices_.first(3 * B);
  const ConstVector values = device_values_.first(2 * B);
  const Matrix both = device_observations_.matrix(2 * B, D);
  observations_.backend().gather_rows(observations_.matrix(ring_.rows(), D), indices.first(2 * rows), both);
  return {ConstMatrix(both.data, B, D), indices.subspan(2 * rows), values.first(rows), values.subspan(rows),
          ConstMatrix(both.data + B * D, B, D)};
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
