#include "tabular.h"

#include <algorithm>

#include "../core/error.h"
#include "../core/finite.h"
#include "norm.h"

namespace handgrad {
namespace {

bool learns_from_next_action(TabularMethod method) {
  return method == TabularMethod::sarsa || method == TabularMethod::nstep_sarsa || method == TabularMethod::q_lambda;
}

const NamedArray* find(const std::vector<NamedArray>& arrays, const std::string& name) {
  const auto found = std::ranges::find(arrays, name, &NamedArray::name);
  return found == arrays.end() ? nullptr : &*found;
}

}  // namespace

Tabular::Tabular(const TabularConfig& config, StateEncoder encoder, std::int64_t actions, std::int64_t environments,
                 std::uint64_t seed, std::vector<std::uint8_t> legal)
    : config_(config),
      encoder_(std::move(encoder)),
      width_(static_cast<std::size_t>(encoder_.observation_size())),
      active_(static_cast<std::size_t>(encoder_.active())),
      actions_(actions),
      environments_(environments),
      chooses_ahead_(learns_from_next_action(config.method)),
      exploration_(Generator::stream(seed, kExploration)),
      coin_(Generator::stream(seed, kTableChoice)),
      alpha_(config.alpha),
      epsilon_(config.epsilon),
      update_(config, encoder_.rows(), encoder_.active(), actions, environments, std::move(legal)),
      states_(static_cast<std::size_t>(environments) * active_),
      next_(active_),
      pending_(static_cast<std::size_t>(environments), kNone) {
  Generator initialisation = Generator::stream(seed, kInitialisation);
  const auto share = static_cast<double>(active_);  // a value is a sum over as many rows
  for (std::int64_t table = 0; table < tables().tables(); ++table) {
    for (double& value : tables().weights(table)) {
      value = (config.initial_low == config.initial_high ? config.initial_low
                                                         : initialisation.uniform(config.initial_low, config.initial_high)) /
              share;
    }
  }
}

void Tabular::start(std::span<const float> observations) {
  require(observations.size() == pending_.size() * width_, "expected ", environments_, " observations of ", width_,
          " values, got ", observations.size(), " values");
  for (std::size_t e = 0; e < pending_.size(); ++e) encode(observations, e, state(e));
  std::ranges::fill(pending_, kNone);
  update_.forget();
}

void Tabular::act(std::span<const float>, const Progress& progress, std::span<std::int32_t> actions) {
  const double epsilon = epsilon_.at(progress.env_steps, progress.episodes);
  for (std::size_t e = 0; e < actions.size(); ++e) {
    actions[e] = pending_[e] != kNone ? pending_[e] : choose(state(e), epsilon);
  }
}

std::int32_t Tabular::choose(StateRows rows, double epsilon) {
  return exploration_.random() < epsilon ? explore(rows) : exploit(rows);
}

std::int32_t Tabular::explore(StateRows rows) {
  const QTables& q = tables();
  if (q.legal().empty()) return static_cast<std::int32_t>(exploration_.integers(0, actions_));
  std::int64_t left = exploration_.integers(0, q.legal_count(rows));
  std::int32_t action = 0;
  while (!q.is_legal(rows, action) || left-- > 0) ++action;
  return action;
}

std::int32_t Tabular::exploit(StateRows rows) {
  const double* values = tables().total(rows);
  const BestActions best = best_actions(values, actions_);
  if (best.count == 1 || config_.tie == TieBreak::first) return best.first;
  if (config_.tie == TieBreak::all_equal && best.count < tables().legal_count(rows)) return best.first;
  std::int64_t left = exploration_.integers(0, best.count);
  std::int32_t action = best.first;
  while (values[action] != best.value || left-- > 0) ++action;
  return action;
}

void Tabular::observe(std::span<const std::int32_t> actions, const VectorStep& step, const Progress& progress) {
  const TabularStep numbers{.alpha = alpha_.at(progress.env_steps - environments_, progress.episodes),
                            .epsilon = epsilon_.at(progress.env_steps, progress.episodes)};
  for (std::size_t e = 0; e < actions.size(); ++e) observe_one(e, actions[e], step, numbers);
}

void Tabular::observe_one(std::size_t environment, std::int32_t action, const VectorStep& step, const TabularStep& numbers) {
  const bool terminated = step.terminated[environment] != 0, truncated = step.truncated[environment] != 0;
  const bool ended = terminated || truncated;
  // Trap: where an episode ended, the step led to the final observation; the other one begins the next episode.
  encode(ended ? step.final_observations : step.observations, environment, next_);
  const bool needs_next = chooses_ahead_ && (!terminated || config_.terminal_bootstraps);
  const std::int32_t next_action = needs_next ? choose(next_, numbers.epsilon) : kNone;
  TabularStep numbers_here = numbers;
  if (config_.method == TabularMethod::double_q_learning) numbers_here.coin = coin_.integers(0, 2) == 1;
  update_.run(static_cast<std::int64_t>(environment),
              {state(environment), action, step.rewards[environment], next_, next_action, terminated, truncated},
              numbers_here);
  if (ended) {
    encode(step.observations, environment, state(environment));
    pending_[environment] = kNone;
  } else {
    std::copy_n(next_.begin(), active_, state(environment).begin());
    pending_[environment] = next_action;
  }
}

void Tabular::act_greedily(std::span<const float> observations, std::span<std::int32_t> actions) {
  require(observations.size() == actions.size() * width_, "expected ", actions.size(), " observations of ", width_,
          " values, got ", observations.size(), " values");
  for (std::size_t row = 0; row < actions.size(); ++row) {
    encode(observations, row, next_);
    actions[row] = argmax(tables().total(next_), actions_);
  }
}

std::optional<double> Tabular::take_mean_loss() {
  const TabularUpdate::Errors errors = update_.take_errors();
  if (errors.count == 0) return std::nullopt;
  return errors.squares / static_cast<double>(errors.count);
}

std::vector<NamedNorm> Tabular::norms() const {
  const QTables& q = update_.tables();
  std::vector<NamedNorm> norms;
  std::vector<double> each;
  for (std::int64_t table = 0; table < q.tables(); ++table) {
    each.push_back(l2_norm(q.weights(table)));
    norms.push_back({table_name(q.tables(), table) + ".parameter", each.back()});
  }
  norms.push_back({"total.parameter", l2_norm(std::span<const double>(each))});
  return norms;
}

std::vector<NamedArray> Tabular::model() const {
  const QTables& q = update_.tables();
  const std::vector<std::int64_t> shape = {q.rows(), q.actions()};
  std::vector<NamedArray> arrays;
  for (std::int64_t table = 0; table < q.tables(); ++table) {
    const std::span<const double> values = q.weights(table);
    arrays.push_back({table_name(q.tables(), table), shape, {}, {values.begin(), values.end()}});
  }
  if (!q.legal().empty()) arrays.push_back({"legal", shape, {q.legal().begin(), q.legal().end()}});
  return arrays;
}

void Tabular::load_model(const std::vector<NamedArray>& arrays) {
  const QTables loaded = tables_of_model(arrays, encoder_.rows());
  QTables& q = tables();
  require(loaded.tables() == q.tables() && loaded.actions() == actions_ && loaded.legal() == q.legal(),
          "the model's tables are not those of this learner: expected ", q.tables(), " of ", q.rows(), " rows and ", actions_,
          " actions, with the same actions legal");
  for (std::int64_t table = 0; table < q.tables(); ++table) {
    std::ranges::copy(loaded.weights(table), q.weights(table).begin());
  }
  update_.forget();
  std::ranges::fill(pending_, kNone);
}

void Tabular::serialize(StateArchive& state) {
  state.value("exploration", exploration_);
  state.value("coin", coin_);
  state.array("states", std::span(states_), {environments_, static_cast<std::int64_t>(active_)});
  state.array("next_actions", std::span(pending_));
  update_.serialize(state);
  if (!state.loading()) return;
  check_health();
  for (const std::int32_t row : states_) {
    require(row >= 0 && row < encoder_.rows(), "the state holds row ", row, " of a table of ", encoder_.rows());
  }
  for (const std::int32_t action : pending_) {
    require(action >= kNone && action < actions_, "the state holds action ", action, " as the next one, expected 0 to ",
            actions_ - 1, ", or -1 for none");
  }
}

QTables tables_of_model(const std::vector<NamedArray>& arrays, std::int64_t rows) {
  const std::int64_t count = find(arrays, "q") != nullptr ? 1 : 2;
  const NamedArray* first = find(arrays, table_name(count, 0));
  const NamedArray* legal = find(arrays, "legal");
  require(first != nullptr, "there is no table in this model: expected an array 'q', or 'q_a' and 'q_b'");
  require(first->shape.size() == 2 && first->shape[0] == rows && first->shape[1] >= 1, "'", first->name,
          "' has to be a table of ", rows, " rows, as the encoding of states says");
  const std::vector<std::int64_t> shape = first->shape;
  require(legal == nullptr || legal->shape == shape, "'legal' has to have the shape of '", first->name, "'");
  require(legal == nullptr || std::ranges::all_of(legal->values, [](float x) { return x == 0.0f || x == 1.0f; }),
          "'legal' has to say 1 or 0 of every action");
  QTables tables(
      rows, shape[1], count,
      legal == nullptr ? std::vector<std::uint8_t>() : std::vector<std::uint8_t>(legal->values.begin(), legal->values.end()));
  for (std::int64_t table = 0; table < count; ++table) {
    const NamedArray* array = find(arrays, table_name(count, table));
    require(array != nullptr && array->shape == shape, "there is no '", table_name(count, table), "' beside '", first->name,
            "'");
    const std::vector<double> values = array->as_doubles();
    require(std::ranges::all_of(values, [](double x) { return is_finite(x); }), "'", array->name,
            "' holds a value that is not finite: the model is unusable");
    std::ranges::copy(values, tables.weights(table).begin());
  }
  return tables;
}

}  // namespace handgrad
