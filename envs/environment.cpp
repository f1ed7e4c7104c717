#include "environment.h"

#include "checks.h"

namespace handgrad {

Snapshot Environment::save() const {
  fail("this environment cannot be saved: its class does not implement save and load. Override Environment::save and ",
       "Environment::load with the state of the stream and the numbers that step depends on (envs/README.md)");
}

void Environment::load(const Snapshot&) {
  fail("this environment cannot be loaded: its class does not implement save and load. Override Environment::save and ",
       "Environment::load (envs/README.md)");
}

Wrapper::Wrapper(std::unique_ptr<Environment> inner, std::string_view name) : inner_(std::move(inner)) {
  require(inner_ != nullptr, name, " needs an environment, got none");
}

TimeLimit::TimeLimit(std::unique_ptr<Environment> inner, std::int64_t limit)
    : Wrapper(std::move(inner), "a time limit"), limit_(limit) {
  require(limit > 0, "a time limit is a number of steps above 0, got ", limit);
}

void TimeLimit::reset(std::optional<std::uint64_t> seed, std::span<float> observation) {
  inner().reset(seed, observation);
  steps_ = 0;
}

StepResult TimeLimit::step(std::int64_t action, std::span<float> observation) {
  StepResult result = inner().step(action, observation);  // a refused action throws here and does not count
  ++steps_;
  if (steps_ >= limit_) result.truncated = true;
  return result;
}

Snapshot TimeLimit::save() const {
  Snapshot snapshot = inner().save();
  snapshot.values.push_back(static_cast<double>(steps_));
  return snapshot;
}

void TimeLimit::load(const Snapshot& snapshot) {
  // Who steps on after the limit counts on: the count may be beyond it.
  require(!snapshot.values.empty() && is_whole(snapshot.values.back(), 0, 0x1p53),
          "this snapshot was not saved under a time limit");
  Snapshot inside = snapshot;
  inside.values.pop_back();
  inner().load(inside);
  steps_ = static_cast<std::int64_t>(snapshot.values.back());
}

}  // namespace handgrad
