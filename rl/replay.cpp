#include "replay.h"

#include <algorithm>

#include "../core/finite.h"

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

void Replay::serialize(StateArchive& state, std::int64_t actions) {
  ring_.serialize(state, actions);
  if (state.loading()) {
    load_observations(state);
  } else {
    save_observations(state);
  }
}

void Replay::save_observations(StateArchive& state) {
  const std::int64_t D = ring_.config().observation_size;
  const auto width = static_cast<std::size_t>(D);
  const auto runs = ring_.runs_in_use();
  const auto in_first = static_cast<std::size_t>(runs[0].count * D), in_second = static_cast<std::size_t>(runs[1].count * D);
  std::vector<Real> host(in_first + in_second);
  observations_.download(std::span(host).first(in_first), runs[0].first * D);
  observations_.download(std::span(host).subspan(in_first), runs[1].first * D);
  state.array("observations", std::span(host), {runs[0].count + runs[1].count, D});

  // Final rows lie apart from the others, and close together but for gaps: all up to the last one are fetched at once.
  const std::vector<std::int32_t> rows = ring_.final_rows_in_use();
  const std::int64_t first = ring_.rows() / 2, end = rows.empty() ? first : *std::ranges::max_element(rows) + std::int64_t{1};
  host.resize(static_cast<std::size_t>((end - first) * D));
  observations_.download(host, first * D);
  std::vector<Real> finals(rows.size() * width);
  for (std::size_t k = 0; k < rows.size(); ++k) {
    std::copy_n(host.begin() + (rows[k] - first) * D, width, finals.begin() + static_cast<std::int64_t>(k) * D);
  }
  state.array("final_observations", std::span(finals), {static_cast<std::int64_t>(rows.size()), D});
}

void Replay::load_observations(StateArchive& state) {
  const std::int64_t D = ring_.config().observation_size;
  const auto runs = ring_.runs_in_use();
  const auto in_first = static_cast<std::size_t>(runs[0].count * D), in_second = static_cast<std::size_t>(runs[1].count * D);
  std::vector<Real> host(in_first + in_second);
  const auto require_finite = [&host] {
    require(all_finite(ConstVector(host)), "the replay memory in the state holds an observation that is infinite or NaN");
  };
  state.array("observations", std::span(host), {runs[0].count + runs[1].count, D});
  require_finite();
  observations_.upload(std::span(host).first(in_first), runs[0].first * D);
  observations_.upload(std::span(host).subspan(in_first), runs[1].first * D);

  const auto finals = static_cast<std::int64_t>(ring_.final_rows_in_use().size());  // which have just been numbered in order
  host.resize(static_cast<std::size_t>(finals * D));
  state.array("final_observations", std::span(host), {finals, D});
  require_finite();
  observations_.upload(host, ring_.rows() / 2 * D);
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
