// States of a run that somebody has changed, and put together again so that no checksum tells. The input says which run, and what is
// changed of its state: a few bytes a change. What can be loaded goes on for some steps, and is then saved and loaded again.

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "core/backends.h"
#include "envs/registry.h"
#include "rl/dqn.h"
#include "rl/tabular.h"
#include "rl/trainer.h"
#include "tests/fuzz/contract.h"

using namespace handgrad;

namespace {

constexpr std::int64_t kStepsBefore = 40, kStepsAfter = 30;

struct Run {
  std::unique_ptr<Backend> backend = {};
  std::unique_ptr<Trainer> trainer = {};
};

Run make_run(const std::string& id, std::int64_t count,
             const std::function<std::unique_ptr<Learner>(const VectorEnvironment&, Backend&)>& make_learner) {
  const auto one = [id] { return Registry::gymnasium().make(id); };
  auto environments = std::make_unique<SyncVectorEnvironment>(one, count, AutoresetMode::same_step);
  Run run{.backend = make_backend("reference")};
  auto learner = make_learner(*environments, *run.backend);
  const TrainerConfig config{
      .max_env_steps = 1'000'000, .evaluate_every_episodes = 3, .evaluation_episodes = 1, .evaluation_max_steps = 10};
  run.trainer = std::make_unique<Trainer>(config, std::move(environments), std::move(learner), one, 1);
  return run;
}

Run make_tabular(TabularMethod method, FeatureSpec::Kind features, const std::string& id) {
  return make_run(id, 2, [&](const VectorEnvironment& environments, Backend&) {
    TabularConfig config{.method = method};
    const StateEncoder encoder({.kind = features, .bins = {3, 3}, .tilings = 2}, environments.observation_space());
    return std::make_unique<Tabular>(config, encoder, environments.action_space().n, 2, 1);
  });
}

Run make_dqn(bool difficult) {
  return make_run("CartPole-v1", difficult ? 2 : 1, [&](const VectorEnvironment& environments, Backend& backend) {
    DqnConfig config;
    config.hidden = {3};
    config.batch_size = 4;
    config.replay_capacity = 24;
    config.learning_starts = 8;
    config.n_step = difficult ? 3 : 1;
    config.replay_replacement = difficult;
    config.target = {.kind = difficult ? TargetUpdate::Kind::soft : TargetUpdate::Kind::hard};
    config.optimizer = default_spec(difficult ? OptimizerKind::adamw : OptimizerKind::rmsprop);
    return std::make_unique<Dqn>(backend, config, environments.observation_size(), environments.action_space().n,
                                 environments.count(), 1);
  });
}

constexpr std::size_t kRuns = 6;

Run make(std::size_t which) {
  switch (which) {
    case 0: return make_tabular(TabularMethod::q_learning, FeatureSpec::Kind::identity, "FrozenLake-v1");
    case 1: return make_tabular(TabularMethod::nstep_sarsa, FeatureSpec::Kind::bins, "MountainCar-v0");
    case 2: return make_tabular(TabularMethod::q_lambda, FeatureSpec::Kind::tiles, "MountainCar-v0");
    case 3: return make_tabular(TabularMethod::double_q_learning, FeatureSpec::Kind::identity, "Blackjack-v1");
    case 4: return make_dqn(false);
    default: return make_dqn(true);
  }
}

void go_on(Trainer& trainer, std::int64_t steps) {
  trainer.run({.on_step = [&steps](const Progress&) { return --steps > 0; }});
}

const State& good_state(std::size_t which) {
  static std::array<State, kRuns> states;
  if (states[which].values.empty()) {
    const Run run = make(which);
    go_on(*run.trainer, kStepsBefore);
    states[which] = run.trainer->save();
  }
  return states[which];
}

/// The input, taken apart from the front; zeros where it has ended.
class Changes {
 public:
  Changes(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}

  bool empty() const { return left_ == 0; }
  template <class T>
  T take() {
    std::array<char, sizeof(T)> bytes{};
    const std::size_t count = std::min(left_, sizeof(T));
    std::memcpy(bytes.data(), data_, count);
    data_ += count;
    left_ -= count;
    return std::bit_cast<T>(bytes);
  }
  template <class Container>
  auto& choose(Container& from) {
    return *std::next(from.begin(), take<std::uint8_t>() % static_cast<std::ptrdiff_t>(from.size()));
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

void change_bytes(RawTensor& array, Changes& changes) {
  const auto place = changes.take<std::uint16_t>();
  const auto bytes = changes.take<std::array<char, 8>>();
  for (std::size_t i = 0; i < bytes.size() && !array.bytes.empty(); ++i)
    array.bytes[(place + i) % array.bytes.size()] = bytes[i];
}

// As a list: what has more dimensions says so in its shape, and is refused for it.
void change_length(RawTensor& array, Changes& changes) {
  const std::size_t element = array.type.ends_with("64") ? 8 : array.type.ends_with("32") ? 4 : 1;
  const std::size_t elements = changes.take<std::uint8_t>();
  array.bytes.resize(elements * element);
  if (array.shape.size() == 1) array.shape[0] = static_cast<std::int64_t>(elements);
}

void change(State& state, Changes& changes) {
  switch (changes.take<std::uint8_t>() % 9) {
    case 0: changes.choose(state.values).second = changes.take<std::int64_t>(); break;
    case 1: changes.choose(state.values).second = static_cast<std::int64_t>(changes.take<std::int8_t>()); break;
    case 2: changes.choose(state.values).second = changes.take<double>(); break;
    case 3: changes.choose(state.values).second = changes.take<std::uint8_t>() % 2 == 0; break;
    case 4: changes.choose(state.values).second = std::string(changes.take<std::uint8_t>(), changes.take<char>()); break;
    case 5: state.values.erase(changes.choose(state.values).first); break;
    case 6: change_bytes(changes.choose(state.arrays), changes); break;
    case 7: change_length(changes.choose(state.arrays), changes); break;
    default: changes.choose(state.arrays).name = changes.choose(state.arrays).name;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Changes changes(data, size);
  const std::size_t which = changes.take<std::uint8_t>() % kRuns;
  State state = good_state(which);
  while (!changes.empty() && !state.values.empty()) change(state, changes);
  fuzz::read_or_explain(size, {.fixed = 8 << 20}, [&] {
    const Run run = make(which);
    run.trainer->load(state);
    go_on(*run.trainer, kStepsAfter);
    const State later = run.trainer->save();
    const Run again = make(which);
    again.trainer->load(later);
    fuzz::promise(again.trainer->save() == later, "a state is another one after it has been loaded");
  });
  return 0;
}
