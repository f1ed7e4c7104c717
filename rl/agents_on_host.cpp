#include "agents_on_host.h"

#include <algorithm>

#include "../core/error.h"
#include "dqn_rules.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

// With n-step returns up to n - 1 of the transitions kept are held back, as many as the episode that goes on has: so how many
// can be drawn differs between agents.
void require_common_start(const DqnConfig& config) {
  if (config.n_step == 1) return;
  const std::int64_t held_back = config.n_step - 1;
  const std::int64_t start = config.batch_size + held_back - 1, capacity = config.batch_size + held_back;
  require(config.learning_starts >= start && config.replay_capacity >= capacity,
          "agents that learn side by side begin in the same step: with n_step = ", config.n_step, " and batches of ",
          config.batch_size, " that takes learning_starts >= ", start, " and a replay capacity >= ", capacity, ", got ",
          config.learning_starts, " and ", config.replay_capacity);
}

// Fewer agents a thread are done before it would have begun.
constexpr std::int64_t kAgentsAThread = 64;

}  // namespace

AgentsOnHost::AgentsOnHost(const ManyAgentsSpec& spec)
    : environments_((validate(spec), require_common_start(spec.dqn), make_environments(spec, spec.agents))),
      chosen_(static_cast<std::size_t>(spec.agents)),
      batch_size_(spec.dqn.batch_size),
      team_(static_cast<int>(std::clamp<std::int64_t>(spec.agents / kAgentsAThread, 1, spec.threads))) {
  const ReplayConfig replay = replay_config(spec.dqn, environments_->observation_size(), 1);
  agents_.reserve(chosen_.size());
  for (std::uint64_t seed = spec.first_seed; seed < spec.first_seed + chosen_.size(); ++seed) {
    agents_.push_back({Generator::stream(seed, kExploration), Generator::stream(seed, kReplaySampling),
                       RunningSchedule(spec.dqn.epsilon), ReplayRing(replay), AgentHistory(seed, spec.solved_threshold)});
  }
  observations_ = environments_->reset(spec.first_seed);
}

template <class Work>
void AgentsOnHost::for_each_agent(const Work& work) {
  team_.in_slices(agents(), [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t k = first; k < last; ++k) work(static_cast<std::size_t>(k));
  });
}

void AgentsOnHost::deliver(std::size_t k, const AgentsArrival& arrival, std::span<const float> observations,
                           std::span<const float> finals) {
  const auto D = static_cast<std::size_t>(observation_size());
  const ReplayRing& replay = agents_[k].replay;
  std::ranges::copy(observations.subspan(k * D, D), arrival.observations.begin() + static_cast<std::ptrdiff_t>(2 * k * D));
  arrival.rows[2 * k] = static_cast<std::int32_t>(replay.newest_row());
  arrival.rows[2 * k + 1] = replay.final_row(0);
  if (replay.final_row(0) == ReplayRing::kNone) return;
  std::ranges::copy(finals.subspan(k * D, D), arrival.observations.begin() + static_cast<std::ptrdiff_t>((2 * k + 1) * D));
}

void AgentsOnHost::start(const AgentsArrival& arrival) {
  for_each_agent([&](std::size_t k) {
    agents_[k].replay.start();
    deliver(k, arrival, observations_, {});
  });
}

bool AgentsOnHost::choose() {
  for_each_agent([&](std::size_t k) {
    Agent& agent = agents_[k];
    chosen_[k] = random_action(agent.epsilon.at(env_steps_, agent.history.episodes()), actions(), agent.exploration);
  });
  return std::ranges::any_of(chosen_, [](std::int32_t action) { return action == kGreedy; });
}

void AgentsOnHost::finish_choice(std::span<const std::int32_t> best) {
  for (std::size_t k = 0; k < chosen_.size(); ++k) {
    if (chosen_[k] == kGreedy) chosen_[k] = best[k];
  }
}

void AgentsOnHost::step(const AgentsArrival& arrival) {
  const VectorStep step = environments_->step(chosen_);
  ++env_steps_;
  for_each_agent([&](std::size_t k) {
    Agent& agent = agents_[k];
    const std::span<const std::int32_t> action(&chosen_[k], 1);
    agent.replay.add(action, {.observations = {},
                              .final_observations = {},
                              .rewards = step.rewards.subspan(k, 1),
                              .terminated = step.terminated.subspan(k, 1),
                              .truncated = step.truncated.subspan(k, 1),
                              .autoreset = {}});
    deliver(k, arrival, step.observations, step.final_observations);
    agent.history.add(step.rewards[k], step.terminated[k] != 0 || step.truncated[k] != 0, env_steps_);
  });
}

void AgentsOnHost::sample(const AgentsBatch& batch) {
  const auto B = static_cast<std::size_t>(batch_size_);
  for_each_agent([&](std::size_t k) {
    agents_[k].replay.sample(agents_[k].sampling, {.observations = batch.rows.subspan(2 * k * B, B),
                                                   .next_observations = batch.rows.subspan((2 * k + 1) * B, B),
                                                   .actions = batch.actions.subspan(k * B, B),
                                                   .rewards = batch.rewards.subspan(k * B, B),
                                                   .discounts = batch.discounts.subspan(k * B, B)});
  });
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
