#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../envs/observation_transform.h"
#include "../envs/options.h"
#include "../envs/vector_environment.h"
#include "../nn/network.h"
#include "dqn_config.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// K runs of one DQN that differ by nothing but their seeds: agent k has first_seed + k.
struct ManyAgentsSpec {
  DqnConfig dqn;
  std::string environment;                             ///< an id of Registry::gymnasium(); each agent has one of its own
  EnvironmentOptions options = {};                     ///< of the environment, by Gymnasium's names
  std::optional<std::int64_t> max_episode_steps = {};  ///< none: the registry's; -1: no limit; n > 0: that
  ObservationKind observation = ObservationKind::raw;  ///< how the agents see the environment's observations
  std::int64_t agents = 1;                             ///< K >= 1
  std::uint64_t first_seed = 1;
  std::optional<double> solved_threshold = {};  ///< a mean return of 100 episodes that counts as solved; none: nothing does
  int threads = 1;                              ///< >= 1, of the host: no result depends on it
};

/// What has come of one agent so far.
struct AgentReport {
  std::uint64_t seed = 0;
  std::int64_t episodes = 0;  ///< finished
  std::int64_t train_steps = 0;
  std::optional<double> mean_return;  ///< of the last 100 finished episodes (fewer if there are fewer)
  std::optional<double> loss;         ///< mean over the train steps since the reports before; not finite if it has diverged
  std::optional<std::int64_t> solved_at_env_step;  ///< the first at which the last 100 episodes' mean reached the threshold
};

/// Many independent agents, trained side by side on equally many steps, each as if it were alone: what becomes of an agent
/// hangs on its seed and on nothing else, neither on K nor on its place among them. An agent is what a Trainer with a Dqn in a
/// single environment is, evaluations left out: the same algorithm, the same random streams, drawn from in the same order.
/// (But cuda:fused, the same algorithm on random numbers of its own.)
///
/// Nothing is evaluated while they train: how good they are is told by the returns of their own, exploring episodes.
/// Not thread-safe.
class ManyAgents {
 public:
  virtual ~ManyAgents() = default;

  /// K.
  virtual std::int64_t agents() const = 0;
  /// Environment steps that each agent has made so far.
  virtual std::int64_t env_steps() const = 0;

  /// Each agent makes n >= 0 environment steps more and learns from them. run(a) and run(b) do what run(a + b) does. It may
  /// return before a device has done it all.
  virtual void run(std::int64_t n) = 0;

  /// An entry an agent, in the order of their seeds. Waits for whatever is under way.
  virtual std::vector<AgentReport> reports() = 0;

  /// A host copy of the online network's parameters of agent k, flat [P], in the order of parameter_layout(spec).
  virtual std::vector<Real> parameters(std::int64_t k) = 0;
};

/// Throws Error naming what is wrong: the configuration, the environment, the number of agents, a last seed beyond 2^63 - 1.
void validate(const ManyAgentsSpec& spec);

/// The environments of agents first to first + count - 1, stepped together and not yet reset: reset them with the seed of
/// the first, and each has the seed of its own. AutoresetMode::same_step.
std::unique_ptr<VectorEnvironment> make_environments(const ManyAgentsSpec& spec, std::int64_t count);

/// Name, shape and place of each parameter array of an agent's network, as PyTorch's nn.Sequential names them.
std::vector<Network::Entry> parameter_layout(const ManyAgentsSpec& spec);

/// The agents on a backend: "cuda" trains them all at once on a GPU, "cuda:fused" too, with a thread block an agent (which
/// takes fewer settings, and has random streams of its own but for the initial parameters); on any name of make_backend there
/// are K ordinary learners. Throws Error as validate does, and naming the setting that the backend does not take.
std::unique_ptr<ManyAgents> make_many_agents(const ManyAgentsSpec& spec, const std::string& backend);

}  // namespace handgrad::inline HANDGRAD_PRECISION
