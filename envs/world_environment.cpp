#include "world_environment.h"

#include <algorithm>
#include <numeric>

#include "checks.h"
#include "flag_list.h"

namespace handgrad {
namespace {

constexpr std::int32_t kNoLimit = INT32_MAX;

/// Fewer environments a worker than this, and waking workers up takes longer than what they do.
constexpr std::size_t kFewestAWorker = 256;

/// Workers begin at multiples of this: no two of them write to one cache line, and the blocks that worlds make are full.
constexpr std::size_t kGrain = 64;

/// Where worker w of `workers` begins; w == workers: where the last one ends.
std::size_t begin_of(std::size_t w, std::size_t workers, std::size_t count) {
  return w == workers ? count : count * w / workers / kGrain * kGrain;
}

std::int32_t checked_limit(const std::optional<std::int64_t>& limit) {
  if (!limit) return kNoLimit;
  require(*limit > 0 && *limit <= WorldEnvironment::kLongestLimit, "a time limit is a number of steps from 1 to ",
          WorldEnvironment::kLongestLimit, ", got ", *limit);
  return static_cast<std::int32_t>(*limit);
}

/// truncated = ++steps >= limit
void count_to_limit(std::size_t n, std::int32_t* __restrict steps, std::uint8_t* __restrict truncated, std::int32_t limit) {
  for (std::size_t i = 0; i < n; ++i) {
    ++steps[i];
    truncated[i] = steps[i] >= limit;
  }
}

/// Whether an action is not one of start, ..., start + n - 1.
bool any_outside(std::span<const std::int32_t> actions, const Discrete& space) {
  const auto start = static_cast<std::uint32_t>(space.start), n = static_cast<std::uint32_t>(space.n);
  std::uint32_t outside = 0;
  for (const std::int32_t action : actions) outside |= static_cast<std::uint32_t>(action) - start >= n ? 1u : 0u;
  return outside != 0;
}

}  // namespace

WorldEnvironment::WorldEnvironment(std::unique_ptr<World> world, const WorldEnvironmentSettings& settings)
    : world_(std::move(world)), settings_(settings), limit_(checked_limit(settings.max_episode_steps)) {
  require(world_ != nullptr, "a vector environment needs a world, got none");
  require(settings.threads >= 1, "environments are stepped by 1 or more threads, got ", settings.threads);
  const std::size_t E = world_->count();
  width_ = static_cast<std::size_t>(observation_size());
  observations_.resize(E * width_);
  if (settings.mode == AutoresetMode::same_step) final_observations_.resize(E * width_);
  rewards_.resize(E);
  terminated_.resize(E);
  truncated_.resize(E);
  autoreset_.resize(E);
  steps_.resize(E);
  ended_.resize(E);
  list_.resize(E);
}

std::span<const float> WorldEnvironment::reset(std::uint64_t seed) {
  world_->seed(seed);
  std::iota(list_.begin(), list_.end(), 0);
  reset_listed(list_);
  std::fill(terminated_.begin(), terminated_.end(), std::uint8_t{0});
  std::fill(truncated_.begin(), truncated_.end(), std::uint8_t{0});
  std::fill(autoreset_.begin(), autoreset_.end(), std::uint8_t{0});
  started_ = true;
  return observations_;
}

// Whether anything is wrong is found for all at once; what it is, only where something is.
void WorldEnvironment::check_actions(std::span<const std::int32_t> actions) const {
  const std::size_t E = world_->count();
  require(started_, "vector environment: step before the first reset");
  require(actions.size() == E, "expected ", E, " actions, one an environment, got ", actions.size());
  bool suspicious = any_outside(actions, action_space());
  if (settings_.mode == AutoresetMode::disabled) {
    suspicious = suspicious || std::ranges::count(terminated_, 1) > 0 || std::ranges::count(truncated_, 1) > 0;
  }
  if (suspicious) [[unlikely]]
    refuse_if_wrong(actions);
}

void WorldEnvironment::refuse_if_wrong(std::span<const std::int32_t> actions) const {
  const std::size_t E = world_->count();
  const Discrete& space = action_space();
  for (std::size_t i = 0; i < E; ++i) {
    const bool ended = terminated_[i] != 0 || truncated_[i] != 0;
    if (ended && settings_.mode == AutoresetMode::next_step) continue;
    require(!ended || settings_.mode != AutoresetMode::disabled, "environment ", i, " of ", E,
            " has ended its episode and autoreset is disabled: reset before stepping on");
    require(actions[i] >= space.start && actions[i] - space.start < space.n, "environment ", i, " of ", E, ": action ",
            actions[i], " is outside [", space.start, ", ", space.start + space.n, ")");
  }
}

VectorStep WorldEnvironment::step(std::span<const std::int32_t> actions) {
  check_actions(actions);
  const std::size_t E = world_->count();
  if (settings_.mode == AutoresetMode::next_step) {
    unite_flags(E, terminated_.data(), truncated_.data(), autoreset_.data());
  }
  world_->check_allowed(actions, autoreset_);
  advance_all(actions.data());
  return {observations_, final_observations_, rewards_, terminated_, truncated_, autoreset_};
}

// Each environment is stepped by itself whoever does it, so results do not depend on the number of workers. Nothing throws in
// here: no exception may leave a parallel region.
void WorldEnvironment::advance_all(const std::int32_t* actions) noexcept {
  const std::size_t E = world_->count();
  const std::size_t workers = std::min(static_cast<std::size_t>(settings_.threads), E / kFewestAWorker);
  if (workers <= 1) return advance(0, E, actions);
#ifdef _OPENMP
#pragma omp parallel for num_threads(static_cast <int>(workers)) schedule(static, 1)
#endif
  for (std::size_t w = 0; w < workers; ++w) advance(begin_of(w, workers, E), begin_of(w + 1, workers, E), actions);
}

void WorldEnvironment::advance(std::size_t first, std::size_t last, const std::int32_t* actions) noexcept {
  world_->step(first, last, {actions, autoreset_.data(), observations_.data(), rewards_.data(), terminated_.data()});
  count_steps(first, last);
  if (settings_.mode == AutoresetMode::next_step) reset_waiting(first, last);
  if (settings_.mode == AutoresetMode::same_step) reset_ended(first, last);
}

void WorldEnvironment::count_steps(std::size_t first, std::size_t last) noexcept {
  if (limit_ == kNoLimit) return;
  count_to_limit(last - first, steps_.data() + first, truncated_.data() + first, limit_);
}

// What the step has written for them is overwritten: they had no step.
void WorldEnvironment::reset_waiting(std::size_t first, std::size_t last) noexcept {
  std::int32_t* const list = list_.data() + first;
  const std::size_t listed = list_flags(first, last, autoreset_.data(), list);
  for (const std::int32_t i : std::span(list, listed)) {
    rewards_[static_cast<std::size_t>(i)] = 0.0;
    terminated_[static_cast<std::size_t>(i)] = truncated_[static_cast<std::size_t>(i)] = 0;
  }
  reset_listed({list, listed});
}

void WorldEnvironment::reset_ended(std::size_t first, std::size_t last) noexcept {
  std::int32_t* const list = list_.data() + first;
  unite_flags(last - first, terminated_.data() + first, truncated_.data() + first, ended_.data() + first);
  const std::size_t listed = list_flags(first, last, ended_.data(), list);
  for (const std::int32_t i : std::span(list, listed)) {
    const std::size_t row = static_cast<std::size_t>(i) * width_;
    std::copy_n(observations_.data() + row, width_, final_observations_.data() + row);
  }
  reset_listed({list, listed});
}

void WorldEnvironment::reset_listed(std::span<const std::int32_t> which) noexcept {
  for (const std::int32_t i : which) steps_[static_cast<std::size_t>(i)] = 0;
  world_->reset(which, observations_.data());
}

Snapshot WorldEnvironment::save_environment(std::int64_t i) const {
  require(started_, "vector environment: nothing to save before the first reset");
  require(i >= 0 && i < count(), "environment ", i, " of ", count(), " does not exist");
  Snapshot snapshot = world_->save(static_cast<std::size_t>(i));
  if (limit_ != kNoLimit) snapshot.values.push_back(steps_[static_cast<std::size_t>(i)]);
  return snapshot;
}

std::vector<Snapshot> WorldEnvironment::save() const {
  require(started_, "vector environment: nothing to save before the first reset");
  std::vector<Snapshot> snapshots;
  for (std::size_t i = 0; i < world_->count(); ++i) {
    append({observations_.data() + i * width_, width_}, terminated_[i] != 0, truncated_[i] != 0,
           snapshots.emplace_back(save_environment(static_cast<std::int64_t>(i))));
  }
  return snapshots;
}

std::span<const float> WorldEnvironment::load(std::span<const Snapshot> snapshots) {
  const std::size_t E = world_->count();
  require(snapshots.size() == E, "expected ", E, " snapshots, one an environment, got ", snapshots.size());
  started_ = false;  // should one of them be refused, only a reset helps
  for (std::size_t i = 0; i < E; ++i) load_one(i, snapshots[i]);
  started_ = true;
  return observations_;
}

void WorldEnvironment::load_one(std::size_t i, const Snapshot& snapshot) {
  Snapshot inside = snapshot;
  take_appended(inside, i, {observations_.data() + i * width_, width_}, terminated_[i], truncated_[i]);
  if (limit_ != kNoLimit) {
    require(!inside.values.empty() && is_whole(inside.values.back(), 0, limit_),
            "this snapshot was not saved under a time limit of ", limit_, " steps");
    steps_[i] = static_cast<std::int32_t>(inside.values.back());
    inside.values.pop_back();
  }
  world_->load(i, inside);
}

}  // namespace handgrad
