#include "many_agents.h"

#include <algorithm>
#include <array>

#include "../core/backends.h"
#include "../core/cuda_plugin.h"
#include "../core/error.h"
#include "../envs/registry.h"
#include "agent_history.h"
#include "dqn.h"
#include "dqn_rules.h"
#include "many_agents_plugin.h"
#include "worker_team.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

/// An ordinary learner with an environment and a backend of its own: what a Trainer does with them, step by step.
class SingleAgent {
 public:
  SingleAgent(const ManyAgentsSpec& spec, const std::string& backend, std::uint64_t seed)
      : backend_(make_backend(backend)),
        environment_(make_environments(spec, 1)),
        learner_(*backend_, spec.dqn, environment_->observation_size(), environment_->action_space().n, 1, seed),
        history_(seed, spec.solved_threshold),
        observation_(environment_->reset(seed)) {
    learner_.let_diverge();
    learner_.start(observation_);
  }

  void step() {
    learner_.act(observation_, progress_, action_);
    const VectorStep step = environment_->step(action_);
    ++progress_.env_steps;
    learner_.observe(action_, step, progress_);
    observation_ = step.observations;
    history_.add(step.rewards[0], step.terminated[0] != 0 || step.truncated[0] != 0, progress_.env_steps);
    progress_.episodes = history_.episodes();
  }

  AgentReport report() { return history_.report(learner_.train_steps(), learner_.step().loss().take_mean()); }
  std::vector<Real> parameters() { return learner_.step().online().parameters_to_host(); }

 private:
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<VectorEnvironment> environment_;
  Dqn learner_;
  AgentHistory history_;
  Progress progress_;
  std::span<const float> observation_;  // where the next action is chosen; the environment's own
  std::array<std::int32_t, 1> action_{};
};

class OneAfterTheOther : public ManyAgents {
 public:
  OneAfterTheOther(const ManyAgentsSpec& spec, const std::string& backend)
      : team_(static_cast<int>(std::min<std::int64_t>(spec.agents, spec.threads))) {
    for (std::int64_t k = 0; k < spec.agents; ++k) {
      agents_.push_back(std::make_unique<SingleAgent>(spec, backend, spec.first_seed + static_cast<std::uint64_t>(k)));
    }
  }

  std::int64_t agents() const override { return static_cast<std::int64_t>(agents_.size()); }
  std::int64_t env_steps() const override { return env_steps_; }

  void run(std::int64_t n) override {
    require(n >= 0, "agents make 0 or more steps, got ", n);
    team_.in_slices(agents(), [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t k = first; k < last; ++k) {
        for (std::int64_t i = 0; i < n; ++i) agents_[static_cast<std::size_t>(k)]->step();
      }
    });
    env_steps_ += n;
  }

  std::vector<AgentReport> reports() override {
    std::vector<AgentReport> all;
    for (const auto& agent : agents_) all.push_back(agent->report());
    return all;
  }

  std::vector<Real> parameters(std::int64_t k) override {
    require(k >= 0 && k < agents(), "there is no agent ", k, " among ", agents());
    return agents_[static_cast<std::size_t>(k)]->parameters();
  }

 private:
  std::vector<std::unique_ptr<SingleAgent>> agents_;
  std::int64_t env_steps_ = 0;
  WorkerTeam team_;
};

}  // namespace

void validate(const ManyAgentsSpec& spec) {
  require(spec.agents >= 1, "there has to be at least one agent, got ", spec.agents);
  require(spec.threads >= 1, "agents are trained by 1 or more threads, got ", spec.threads);
  const std::uint64_t largest = INT64_MAX, more = static_cast<std::uint64_t>(spec.agents - 1);
  require(more <= largest && spec.first_seed <= largest - more, "the last of ", spec.agents, " seeds from ", spec.first_seed,
          " on would be larger than 2^63-1");
  validate(spec.dqn);
  make_environments(spec, 1);
}

std::unique_ptr<VectorEnvironment> make_environments(const ManyAgentsSpec& spec, std::int64_t count) {
  constexpr auto kMode = AutoresetMode::same_step;
  const Registry registry = Registry::gymnasium();
  if (spec.observation == ObservationKind::raw) {
    const VectorSettings settings{.mode = kMode, .threads = spec.threads, .max_episode_steps = spec.max_episode_steps};
    return registry.make_vector(spec.environment, spec.options, count, settings);
  }
  const auto make = [&] {
    return std::make_unique<ObservationTransform>(registry.make(spec.environment, spec.options, spec.max_episode_steps),
                                                  spec.observation);
  };
  return std::make_unique<SyncVectorEnvironment>(make, count, kMode);
}

std::vector<Network::Entry> parameter_layout(const ManyAgentsSpec& spec) {
  const auto environment = make_environments(spec, 1);
  const auto backend = make_backend("reference");
  return make_mlp(*backend, q_network(spec.dqn, environment->observation_size(), environment->action_space().n), 1).layout();
}

std::unique_ptr<ManyAgents> make_many_agents(const ManyAgentsSpec& spec, const std::string& backend) {
  validate(spec);
  if (backend == "cuda" || backend.starts_with("cuda:")) {
    const auto& plugin = *static_cast<const CudaAgentsPlugin*>(cuda_plugin_entry(kCudaAgentsEntry));
    return plugin.make(spec, backend == "cuda" ? "" : backend.substr(5));
  }
  return std::make_unique<OneAfterTheOther>(spec, backend);
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
