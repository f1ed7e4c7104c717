#include "app/bench/agents_speed.h"

#include <chrono>

namespace handgrad::app {

ManyAgentsSpec measured_agents(std::int64_t agents, int threads) {
  ManyAgentsSpec spec;
  spec.dqn.hidden = {64, 64};
  spec.dqn.batch_size = 64;
  spec.dqn.replay_capacity = 10'000;
  spec.dqn.epsilon = {.start = 0.1};
  spec.dqn.target = {.kind = TargetUpdate::Kind::hard, .every = 100};
  spec.environment = "CartPole-v1";
  spec.agents = agents;
  spec.threads = threads;
  return spec;
}

AgentsSpeed time_agents(std::int64_t agents, int threads, const std::string& backend, double seconds) {
  using Clock = std::chrono::steady_clock;
  const ManyAgentsSpec spec = measured_agents(agents, threads);
  const auto many = make_many_agents(spec, backend);
  many->run(spec.dqn.batch_size + 10);
  many->reports();  // waits

  const Clock::time_point begun = Clock::now();
  const auto passed = [&] { return std::chrono::duration<double>(Clock::now() - begun).count(); };
  std::int64_t steps = 0;
  for (std::int64_t piece = 1; steps == 0 || passed() < seconds; piece = passed() < seconds / 8 ? 2 * piece : piece) {
    many->run(piece);
    many->reports();
    steps += piece;
  }
  return {agents, static_cast<double>(agents * steps) / passed(), steps};
}

}  // namespace handgrad::app
