#include "observation_transform.h"

#include <algorithm>

#include "checks.h"
#include "tabular.h"

namespace handgrad {
namespace {

const Discrete& discrete_states(const Environment& environment, ObservationKind kind) {
  const auto* space = std::get_if<Discrete>(&environment.observation_space());
  require(space != nullptr, "observation = \"", to_string(kind),
          "\" needs an environment whose observations are integers, found ", to_string(environment.observation_space()),
          "; use \"raw\"");
  return *space;
}

std::int64_t grid_columns(const Environment& environment) {
  const auto* table = dynamic_cast<const TabularEnvironment*>(&environment.unwrapped());
  const std::int64_t columns = table == nullptr ? 0 : table->grid_columns();
  require(columns > 0,
          "observation = \"row_column\" needs an environment whose states are the cells of a grid; use \"raw\" or ",
          "\"one_hot\"");
  return columns;
}

}  // namespace

std::string to_string(ObservationKind kind) {
  switch (kind) {
    case ObservationKind::raw: return "raw";
    case ObservationKind::row_column: return "row_column";
    case ObservationKind::one_hot: return "one_hot";
  }
  fail("there is no such way to show a state");
}

ObservationTransform::ObservationTransform(std::unique_ptr<Environment> wrapped, ObservationKind kind)
    : Wrapper(std::move(wrapped), "an observation transform"), kind_(kind), observation_space_(inner().observation_space()) {
  if (kind == ObservationKind::raw) return;
  const Discrete states = discrete_states(inner(), kind);
  first_ = states.start;
  if (kind == ObservationKind::one_hot) {
    const auto S = static_cast<std::size_t>(states.n);
    observation_space_ = Box{std::vector<float>(S, 0.0f), std::vector<float>(S, 1.0f)};
    return;
  }
  columns_ = grid_columns(inner());
  const std::int64_t last_row = (states.n - 1) / columns_;
  observation_space_ = Box{{0.0f, 0.0f}, {static_cast<float>(last_row), static_cast<float>(columns_ - 1)}};
}

void ObservationTransform::reset(std::optional<std::uint64_t> seed, std::span<float> observation) {
  if (kind_ == ObservationKind::raw) return inner().reset(seed, observation);
  require_observation(observation, static_cast<std::size_t>(observation_size()), "observation transform");
  float state = 0.0f;
  inner().reset(seed, {&state, 1});
  show(state, observation);
}

StepResult ObservationTransform::step(std::int64_t action, std::span<float> observation) {
  if (kind_ == ObservationKind::raw) return inner().step(action, observation);
  require_observation(observation, static_cast<std::size_t>(observation_size()), "observation transform");
  float state = 0.0f;
  const StepResult result = inner().step(action, {&state, 1});
  show(state, observation);
  return result;
}

void ObservationTransform::show(float state, std::span<float> observation) const {
  const std::int64_t cell = static_cast<std::int64_t>(state) - first_;
  if (kind_ == ObservationKind::row_column) {
    const std::int64_t row = cell / columns_, column = cell % columns_;
    observation[0] = static_cast<float>(row);
    observation[1] = static_cast<float>(column);
    return;
  }
  std::ranges::fill(observation, 0.0f);
  observation[static_cast<std::size_t>(cell)] = 1.0f;
}

}  // namespace handgrad
