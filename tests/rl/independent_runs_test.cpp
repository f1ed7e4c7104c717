// Separate objects share nothing: whole runs on several threads at once give the bits of one at a time.

#include <thread>

#include "envs/registry.h"
#include "rl/dqn.h"
#include "rl/trainer.h"
#include "tests/support/backends.h"
#include "tests/support/catch.h"

using namespace handgrad;

namespace {

std::vector<Real> trained(const std::string& backend_name, std::uint64_t seed) {
  DqnConfig config;
  config.hidden = {8};
  config.batch_size = 16;
  const auto backend = make_backend(backend_name);
  auto learner = std::make_unique<Dqn>(*backend, config, 4, 2, 2, seed);
  Dqn& dqn = *learner;
  const VectorSettings settings{.mode = AutoresetMode::same_step};
  Trainer trainer(
      {.max_env_steps = 200, .evaluate_every_env_steps = 100, .evaluation_episodes = 2, .evaluation_max_steps = 50},
      Registry::gymnasium().make_vector("CartPole-v1", {}, 2, settings), std::move(learner),
      [] { return Registry::gymnasium().make("CartPole-v1"); }, seed);
  trainer.run();
  return dqn.step().online().parameters_to_host();
}

}  // namespace

TEST_CASE("runs on several threads at once share nothing, on any backend", "[threads]") {
  constexpr std::uint64_t kThreads = 4;
  for (const std::string& backend : every_backend()) {
    CAPTURE(backend);
    std::vector<std::vector<Real>> found(kThreads);
    {
      std::vector<std::jthread> threads;
      for (std::uint64_t k = 0; k < kThreads; ++k) threads.emplace_back([&, k] { found[k] = trained(backend, 1 + k); });
    }
    for (std::uint64_t k = 0; k < kThreads; ++k) CHECK(found[k] == trained(backend, 1 + k));
    CHECK(found[0] != found[1]);
  }
}
