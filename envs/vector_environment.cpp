#include "vector_environment.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "checks.h"

namespace handgrad {

void append(std::span<const float> observation, bool terminated, bool truncated, Snapshot& to) {
  to.values.insert(to.values.end(), observation.begin(), observation.end());
  to.values.push_back(terminated ? 1.0 : 0.0);
  to.values.push_back(truncated ? 1.0 : 0.0);
}

void take_appended(Snapshot& from, std::size_t i, std::span<float> observation, std::uint8_t& terminated,
                   std::uint8_t& truncated) {
  constexpr double kMost = std::numeric_limits<float>::max();
  const std::size_t D = observation.size(), added = D + 2;
  require(from.values.size() >= added, "snapshot ", i, " was not saved by a vector environment of this kind");
  const std::span<const double> appended = std::span(from.values).last(added);
  require(is_whole(appended[D], 0, 1) && is_whole(appended[D + 1], 0, 1), "snapshot ", i,
          " was not saved by a vector environment of this kind: where its flags should be there is neither 0 nor 1");
  for (std::size_t k = 0; k < D; ++k) {
    require(!std::isfinite(appended[k]) || std::abs(appended[k]) <= kMost, "snapshot ", i, " holds an observation of ",
            appended[k], ", which is too large for one");
    observation[k] = static_cast<float>(appended[k]);
  }
  terminated = appended[D] != 0.0;
  truncated = appended[D + 1] != 0.0;
  from.values.resize(from.values.size() - added);
}

std::vector<Snapshot> VectorEnvironment::save() const {
  fail("this vector environment cannot be saved: its class does not implement save and load. Override ",
       "VectorEnvironment::save and VectorEnvironment::load");
}

std::span<const float> VectorEnvironment::load(std::span<const Snapshot>) {
  fail("this vector environment cannot be loaded: its class does not implement save and load. Override ",
       "VectorEnvironment::save and VectorEnvironment::load");
}

Snapshot VectorEnvironment::save_environment(std::int64_t) const {
  fail("the environments of this vector environment cannot be saved one by one: its class does not implement it");
}

SyncVectorEnvironment::SyncVectorEnvironment(const std::function<std::unique_ptr<Environment>()>& make, std::int64_t count,
                                             AutoresetMode mode)
    : mode_(mode) {
  require(count > 0, "a vector environment holds 1 or more environments, got ", count);
  for (std::int64_t i = 0; i < count; ++i) {
    environments_.push_back(make());
    require(environments_.back() != nullptr, "environment ", i, " of ", count, ": nothing was made");
    require(environments_.back()->observation_space() == observation_space() &&
                environments_.back()->action_space() == action_space(),
            "environment ", i, " of ", count, " has other spaces than environment 0");
  }
  const auto E = static_cast<std::size_t>(count);
  action_space_ = action_space();
  width_ = static_cast<std::size_t>(observation_size());
  observations_.resize(E * width_);
  if (mode == AutoresetMode::same_step) final_observations_.resize(E * width_);
  rewards_.resize(E);
  terminated_.resize(E);
  truncated_.resize(E);
  autoreset_.resize(E);
}

const Environment& SyncVectorEnvironment::environment(std::int64_t i) const {
  require(i >= 0 && i < count(), "environment ", i, " of ", count(), " does not exist");
  return *environments_[static_cast<std::size_t>(i)];
}

std::span<const float> SyncVectorEnvironment::reset(std::uint64_t seed) {
  for (std::size_t i = 0; i < environments_.size(); ++i) environments_[i]->reset(seed + i, row(observations_, i));
  std::fill(terminated_.begin(), terminated_.end(), std::uint8_t{0});
  std::fill(truncated_.begin(), truncated_.end(), std::uint8_t{0});
  started_ = true;
  return observations_;
}

void SyncVectorEnvironment::check_actions(std::span<const std::int32_t> actions) const {
  require(started_, "vector environment: step before the first reset");
  require(actions.size() == environments_.size(), "expected ", environments_.size(), " actions, one an environment, got ",
          actions.size());
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const std::int64_t offset = actions[i] - action_space_.start;
    const bool plain = offset >= 0 && offset < action_space_.n && !ended(i);
    if (!plain) [[unlikely]]
      check_action(i, actions[i]);
  }
}

/// The rare cases: an action outside the space, or after the end of an episode.
void SyncVectorEnvironment::check_action(std::size_t i, std::int32_t action) const {
  const std::size_t E = environments_.size();
  if (ended(i) && mode_ == AutoresetMode::next_step) return;
  require(!ended(i) || mode_ != AutoresetMode::disabled, "environment ", i, " of ", E,
          " has ended its episode and autoreset is disabled: reset before stepping on");
  const Discrete& space = action_space_;
  require(action >= space.start && action - space.start < space.n, "environment ", i, " of ", E, ": action ", action,
          " is outside [", space.start, ", ", space.start + space.n, ")");
}

VectorStep SyncVectorEnvironment::step(std::span<const std::int32_t> actions) {
  check_actions(actions);
  for (std::size_t i = 0; i < environments_.size(); ++i) {
    const std::span<float> observation = row(observations_, i);
    if (mode_ == AutoresetMode::next_step) {
      autoreset_[i] = ended(i);
      if (autoreset_[i] != 0) {
        environments_[i]->reset({}, observation);
        rewards_[i] = 0.0;
        terminated_[i] = truncated_[i] = 0;
        continue;
      }
    }
    const StepResult result = environments_[i]->step(actions[i], observation);
    rewards_[i] = result.reward;
    terminated_[i] = result.terminated;
    truncated_[i] = result.truncated;
    if (mode_ == AutoresetMode::same_step && (result.terminated || result.truncated)) {
      std::copy(observation.begin(), observation.end(), row(final_observations_, i).begin());
      environments_[i]->reset({}, observation);
    }
  }
  return {observations_, final_observations_, rewards_, terminated_, truncated_, autoreset_};
}

std::vector<Snapshot> SyncVectorEnvironment::save() const {
  require(started_, "vector environment: nothing to save before the first reset");
  std::vector<Snapshot> snapshots;
  for (std::size_t i = 0; i < environments_.size(); ++i) {
    const auto first = observations_.begin() + static_cast<std::ptrdiff_t>(i * width_);
    append({first, width_}, terminated_[i] != 0, truncated_[i] != 0, snapshots.emplace_back(environments_[i]->save()));
  }
  return snapshots;
}

std::span<const float> SyncVectorEnvironment::load(std::span<const Snapshot> snapshots) {
  const std::size_t E = environments_.size();
  require(snapshots.size() == E, "expected ", E, " snapshots, one an environment, got ", snapshots.size());
  started_ = false;  // should one of them be refused, only a reset helps
  for (std::size_t i = 0; i < E; ++i) {
    Snapshot inside = snapshots[i];
    take_appended(inside, i, row(observations_, i), terminated_[i], truncated_[i]);
    environments_[i]->load(inside);
  }
  started_ = true;
  return observations_;
}

}  // namespace handgrad
