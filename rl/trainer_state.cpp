// What a run consists of, written down and read back. The plan of evaluations is not among it: it follows from the progress.

#include <algorithm>

#include "../core/error.h"
#include "../core/finite.h"
#include "../envs/snapshot_state.h"
#include "trainer.h"

namespace handgrad {

State Trainer::save() {
  State state;
  StateArchive archive = StateArchive::saving(state);
  serialize(archive);
  return state;
}

void Trainer::load(const State& state) {
  StateArchive archive = StateArchive::loading(state);
  serialize(archive);
  archive.finish();
}

void Trainer::serialize(StateArchive& state) {
  bool begun = begun_;
  state.value("begun", begun);
  begun_ = state.loading() ? false : begun;  // until everything has been read: a failed load leaves a run that has not begun
  serialize_progress(state);
  require(begun || progress_.env_steps == 0, "the state says that the run has not begun, and that it has made ",
          progress_.env_steps, " environment steps");
  serialize_evaluations(state);
  {
    const auto section = state.section("learner");
    learner_->serialize(state);
  }
  if (begun) serialize_environments(state);
  if (!state.loading()) return;
  plan_evaluation();
  begun_ = begun;
}

void Trainer::serialize_progress(StateArchive& state) {
  state.value("env_steps", progress_.env_steps);
  state.value("episodes", progress_.episodes);
  state.array("returns", std::span(returns_));
  state.array("lengths", std::span(lengths_));
  recent_returns_.serialize(state);
  if (!state.loading()) return;
  const std::int64_t steps = progress_.env_steps, E = environments_->count();
  require(steps >= 0 && steps <= kLargestCount && steps % E == 0, "a run of ", E, " environments cannot have made ", steps,
          " environment steps, as the state says");
  require(progress_.episodes >= 0 && progress_.episodes <= steps, "a run cannot have finished ", progress_.episodes,
          " episodes after ", steps, " environment steps, as the state says");
  for (const std::int64_t length : lengths_) {
    require(length >= 0 && length <= steps / E, "an episode cannot have come to its step ", length, " after ", steps / E,
            " steps of its environment, as the state says");
  }
}

void Trainer::serialize_evaluations(StateArchive& state) {
  const auto section = state.section("evaluation");
  state.value("seeds", evaluation_seeds_);
  state.value("count", evaluations_);
  state.value("last_mean", last_mean_);
  state.value("best_mean", best_mean_);
  state.value("solved_at_env_step", solved_at_env_step_);
  require(evaluations_ >= 0 && evaluations_ <= kLargestCount, "a run cannot have had ", evaluations_,
          " evaluations, as the state says");
  require(last_mean_.has_value() == best_mean_.has_value() && best_mean_.has_value() == (evaluations_ > 0),
          "the state has to hold the last and the best mean where there have been evaluations, else neither");
  require(!solved_at_env_step_ || (*solved_at_env_step_ > 0 && *solved_at_env_step_ <= progress_.env_steps), "a run of ",
          progress_.env_steps, " environment steps cannot have solved its task at step ", solved_at_env_step_.value_or(0),
          ", as the state says");
  serialize_best_model(state);
}

void Trainer::serialize_best_model(StateArchive& state) {
  const auto section = state.section("best_model");
  if (state.loading()) best_model_ = best_mean_ ? learner_->model() : std::vector<NamedArray>();  // for names and shapes
  for (NamedArray& array : best_model_) {
    if (array.doubles.empty()) {
      state.array(array.name, std::span(array.values), array.shape);
    } else {
      state.array(array.name, std::span(array.doubles), array.shape);
    }
  }
}

void Trainer::serialize_environments(StateArchive& state) {
  const auto section = state.section("environments");
  std::vector<Snapshot> snapshots;
  if (!state.loading()) snapshots = environments_->save();
  snapshots.resize(static_cast<std::size_t>(environments_->count()));
  handgrad::serialize(state, snapshots);
  if (!state.loading()) return;
  observations_ = environments_->load(snapshots);
  require(all_finite(observations_), "the state holds an observation that is infinite or NaN");
}

}  // namespace handgrad
