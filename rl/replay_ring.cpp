#include "replay_ring.h"

#include <algorithm>
#include <numeric>

#include "../core/error.h"
#include "../core/finite.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

constexpr std::int64_t kLargestCapacity = std::int64_t{1} << 29;  // rows are numbered by 32-bit integers, finals included

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

ReplayRing::ReplayRing(const ReplayConfig& config)
    : config_(checked(config)),
      steps_kept_(config_.capacity / config_.environments),
      places_((steps_kept_ + 1) * config_.environments),
      no_value_(static_cast<std::uint8_t>((config_.terminal_bootstraps ? 0 : kTerminated) |
                                          (config_.truncation_as_terminal ? kTruncated : 0))) {
  const auto E = static_cast<std::size_t>(config_.environments);
  transitions_.assign(static_cast<std::size_t>(places_), {.final_row = kNone});
  free_rows_.reserve(static_cast<std::size_t>(places_));
  final_rows_.assign(E, kNone);
  since_end_.resize(E);
  drawn_.resize(static_cast<std::size_t>(config_.batch_size));
  running_.resize(E);
  stamps_.resize(config_.replacement ? 0 : static_cast<std::size_t>(config_.capacity));
}

void ReplayRing::start() {
  time_ = newest_ = 0;
  std::ranges::fill(since_end_, 0);
  std::ranges::fill(transitions_, Transition{.final_row = kNone});
  free_rows_.resize(transitions_.size());
  std::iota(free_rows_.rbegin(), free_rows_.rend(), static_cast<std::int32_t>(places_));
}

// From the oldest to the newest: visit(place, environment).
template <class Visit>
void ReplayRing::visit_held(Visit visit) const {
  std::int64_t place = oldest_place();
  for (std::int64_t t = held(); t > 0; --t) {
    for (std::int64_t e = 0; e < config_.environments; ++e)
      visit(static_cast<std::size_t>(place + e), static_cast<std::size_t>(e));
    place = wrapped(place + config_.environments);
  }
}

std::array<ReplayRing::RowRun, 2> ReplayRing::runs_in_use() const {
  const std::int64_t rows = (held() + 1) * config_.environments, first = oldest_place();
  const std::int64_t before_the_end = std::min(rows, places_ - first);
  return {{{first, before_the_end}, {0, rows - before_the_end}}};
}

std::vector<std::int32_t> ReplayRing::final_rows_in_use() const {
  std::vector<std::int32_t> rows;
  visit_held([&](std::size_t place, std::size_t) {
    if (transitions_[place].final_row != kNone) rows.push_back(transitions_[place].final_row);
  });
  return rows;
}

void ReplayRing::serialize(StateArchive& state, std::int64_t actions) {
  state.value("time", time_);
  if (state.loading()) {
    require(time_ >= 0 && time_ <= kLargestCount, "a replay memory cannot have seen ", time_, " steps, as the state says");
    newest_ = time_ % (steps_kept_ + 1) * config_.environments;
  }
  const auto count = static_cast<std::size_t>(held() * config_.environments);
  const std::vector<std::int64_t> shape = {held(), config_.environments};
  std::vector<Real> rewards(count);
  std::vector<std::int32_t> taken(count);
  std::vector<std::uint8_t> ends(count);
  std::size_t k = 0;
  if (!state.loading()) {
    visit_held([&](std::size_t place, std::size_t) {
      const Transition& transition = transitions_[place];
      rewards[k] = transition.reward;
      taken[k] = transition.action;
      ends[k++] = transition.ends;
    });
  }
  state.array("rewards", std::span(rewards), shape);
  state.array("actions", std::span(taken), shape);
  state.array("ends", std::span(ends), shape);
  if (!state.loading()) return;

  require(all_finite(ConstVector(rewards)), "the replay memory in the state holds a reward that is infinite or NaN");
  std::ranges::fill(transitions_, Transition{.final_row = kNone});
  visit_held([&](std::size_t place, std::size_t) {
    require(taken[k] >= 0 && taken[k] < actions, "the replay memory in the state holds action ", taken[k], ", expected 0 to ",
            actions - 1);
    require(ends[k] <= (kTerminated | kTruncated), "the replay memory in the state holds an end of kind ", int{ends[k]},
            ", expected 0 to 3");
    transitions_[place] = {rewards[k], taken[k], kNone, ends[k]};
    ++k;
  });
  number_final_rows();
}

void ReplayRing::number_final_rows() {
  auto next = static_cast<std::int32_t>(places_);
  std::ranges::fill(since_end_, 0);
  visit_held([&](std::size_t place, std::size_t environment) {
    ++since_end_[environment];
    if (transitions_[place].ends == 0) return;
    since_end_[environment] = 0;
    transitions_[place].final_row = next++;
  });
  free_rows_.resize(static_cast<std::size_t>(2 * places_ - next));
  std::iota(free_rows_.rbegin(), free_rows_.rend(), next);
  std::ranges::fill(final_rows_, kNone);
}

void ReplayRing::add(std::span<const std::int32_t> actions, const VectorStep& step) {
  require(static_cast<std::int64_t>(actions.size()) == config_.environments && step.rewards.size() == actions.size(),
          "expected a step of ", config_.environments, " environments, got ", actions.size(), " actions and ",
          step.rewards.size(), " rewards");
  for (std::size_t e = 0; e < actions.size(); ++e) {
    Transition& transition = transitions_[static_cast<std::size_t>(newest_) + e];
    if (transition.final_row != kNone) free_rows_.push_back(transition.final_row);  // of the one that is overwritten
    const auto ends =
        static_cast<std::uint8_t>((step.terminated[e] != 0 ? kTerminated : 0) | (step.truncated[e] != 0 ? kTruncated : 0));
    transition = {static_cast<Real>(step.rewards[e]), actions[e], kNone, ends};
    require(is_finite(transition.reward), "the reward ", step.rewards[e], " of environment ", e, " is not finite in ",
            8 * sizeof(Real), " bits: scale rewards down");
    final_rows_[e] = kNone;
    ++since_end_[e];
    if (ends == 0) continue;
    since_end_[e] = 0;
    final_rows_[e] = transition.final_row = free_rows_.back();
    free_rows_.pop_back();
  }
  ++time_;
  newest_ = wrapped(newest_ + config_.environments);
}

std::int64_t ReplayRing::sampleable(std::int64_t environment) const {
  const std::int64_t open = std::min<std::int64_t>(config_.n_step - 1, since_end_[static_cast<std::size_t>(environment)]);
  return std::max<std::int64_t>(0, held() - open);
}

std::int64_t ReplayRing::size() const {
  if (config_.n_step == 1) return held() * config_.environments;
  std::int64_t total = 0;
  for (std::int64_t e = 0; e < config_.environments; ++e) total += sampleable(e);
  return total;
}

void ReplayRing::draw(std::int64_t batch_size, std::int64_t total, Generator& random) {
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

std::int64_t ReplayRing::oldest_place() const {
  // Once the ring is full, the slot after the newest observation's is the one that is overwritten next.
  return time_ < steps_kept_ ? 0 : wrapped(newest_ + config_.environments);
}

// What can be sampled is numbered environment by environment, the oldest transition first.
inline std::int64_t ReplayRing::place_of(std::int64_t oldest, std::int64_t number) const {
  return config_.environments == 1 ? wrapped(oldest + number) : place_among_several(oldest, number);
}

std::int64_t ReplayRing::place_among_several(std::int64_t oldest, std::int64_t number) const {
  // Nobody has more than held(), so it is this environment or, where transitions are held back, a later one. The numbers fit
  // in 32 bits, whose division is quicker.
  std::size_t environment = static_cast<std::uint32_t>(number) / static_cast<std::uint32_t>(held());
  while (running_[environment] <= number) ++environment;
  const std::int64_t before = environment == 0 ? 0 : running_[environment - 1];
  return wrapped(oldest + (number - before) * config_.environments) + static_cast<std::int64_t>(environment);
}

void ReplayRing::assemble_one_step(const ReplayRows& batch) const {
  const auto gamma = static_cast<Real>(config_.gamma);
  const std::int64_t oldest = oldest_place();
  for (std::size_t row = 0; row < batch.actions.size(); ++row) {
    const std::int64_t at = place_of(oldest, drawn_[row]);
    const Transition& transition = transitions_[static_cast<std::size_t>(at)];
    const auto next = static_cast<std::int32_t>(wrapped(at + config_.environments));
    batch.observations[row] = static_cast<std::int32_t>(at);
    batch.next_observations[row] = transition.final_row != kNone ? transition.final_row : next;
    batch.actions[row] = transition.action;
    batch.rewards[row] = transition.reward;
    // Trap: a terminated episode has no value beyond its end; one that ran into its time limit has.
    batch.discounts[row] = (transition.ends & no_value_) != 0 ? Real(0) : gamma;
  }
}

void ReplayRing::assemble_n_steps(const ReplayRows& batch) const {
  const std::int64_t oldest = oldest_place();
  for (std::size_t row = 0; row < batch.actions.size(); ++row) {
    std::int64_t at = place_of(oldest, drawn_[row]);
    batch.observations[row] = static_cast<std::int32_t>(at);
    batch.actions[row] = transitions_[static_cast<std::size_t>(at)].action;
    double sum = 0, discount = 1;
    for (int k = 1;; ++k) {
      const Transition& transition = transitions_[static_cast<std::size_t>(at)];
      sum += discount * static_cast<double>(transition.reward);
      discount *= config_.gamma;
      at = wrapped(at + config_.environments);
      if (transition.ends == 0 && k < config_.n_step) continue;
      // Trap: as above.
      if ((transition.ends & no_value_) != 0) discount = 0;
      batch.next_observations[row] = transition.final_row != kNone ? transition.final_row : static_cast<std::int32_t>(at);
      break;
    }
    batch.rewards[row] = static_cast<Real>(sum);
    batch.discounts[row] = static_cast<Real>(discount);
  }
}

void ReplayRing::sample(Generator& random, const ReplayRows& batch) {
  const auto B = static_cast<std::int64_t>(batch.actions.size());
  require(B >= 1 && B <= config_.batch_size, "this replay memory gives batches of 1 to ", config_.batch_size, ", got ", B);
  std::int64_t total = 0;
  for (std::int64_t e = 0; e < config_.environments; ++e) {
    total += sampleable(e);
    running_[static_cast<std::size_t>(e)] = total;
  }
  require(total >= (config_.replacement ? 1 : B), "a batch of ", B, " was asked for, but the replay memory has ", total,
          " transitions");

  draw(B, total, random);
  if (config_.n_step == 1) {
    assemble_one_step(batch);
  } else {
    assemble_n_steps(batch);
  }
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
