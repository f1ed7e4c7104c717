// handgrad's side of the comparison of environments: peers_handgrad_environments answers the runner's request, a line.
//
//   time KIND COUNT STEPS    STEPS steps of COUNT CartPole-v1, warmed up    answer: WALL CPU REWARD, the last step's, summed
//
// KIND is single (one environment behind its interface), exact or fast (COUNT of them, side by side).

#include <chrono>
#include <ctime>
#include <iostream>
#include <map>
#include <numeric>
#include <string>

#include "core/error.h"
#include "core/random.h"
#include "envs/registry.h"
#include "envs/vector_environment.h"

using namespace handgrad;

namespace {

constexpr std::int64_t kWarmUpSteps = 100;
constexpr std::size_t kRows = 64;  // of actions drawn beforehand, which take turns

std::vector<std::int32_t> random_actions(std::size_t count) {
  Generator random(1);
  std::vector<std::int32_t> actions(kRows * count);
  for (std::int32_t& action : actions) action = static_cast<std::int32_t>(random.integers(0, 2));
  return actions;
}

class Runner {
 public:
  virtual ~Runner() = default;
  /// Returns the last step's reward, summed over the environments.
  virtual double run(std::int64_t steps) = 0;
};

class Single : public Runner {
 public:
  Single() : environment_(Registry::gymnasium().make("CartPole-v1")), observation_(4), actions_(random_actions(1)) {
    environment_->reset(1, observation_);
  }

  double run(std::int64_t steps) override {
    double reward = 0;
    for (std::int64_t i = 0; i < steps; ++i) {
      const StepResult result = environment_->step(actions_[static_cast<std::size_t>(i) % kRows], observation_);
      reward = result.reward;
      if (result.terminated || result.truncated) environment_->reset({}, observation_);
    }
    return reward;
  }

 private:
  std::unique_ptr<Environment> environment_;
  std::vector<float> observation_;
  std::vector<std::int32_t> actions_;
};

class Vectorised : public Runner {
 public:
  Vectorised(std::unique_ptr<VectorEnvironment> environments)
      : environments_(std::move(environments)), actions_(random_actions(count())) {
    environments_->reset(1);
  }

  double run(std::int64_t steps) override {
    std::span<const double> rewards;
    for (std::int64_t i = 0; i < steps; ++i) {
      const std::size_t row = static_cast<std::size_t>(i) % kRows;
      rewards = environments_->step(std::span<const std::int32_t>(actions_).subspan(row * count(), count())).rewards;
    }
    return std::accumulate(rewards.begin(), rewards.end(), 0.0);
  }

 private:
  std::size_t count() const { return static_cast<std::size_t>(environments_->count()); }

  std::unique_ptr<VectorEnvironment> environments_;
  std::vector<std::int32_t> actions_;
};

std::unique_ptr<Runner> make_runner(const std::string& kind, std::int64_t count) {
  if (kind == "single") return std::make_unique<Single>();
  require(kind == "exact" || kind == "fast", "no kind '", kind, "': there are single, exact and fast");
  return std::make_unique<Vectorised>(Registry::gymnasium().make_vector("CartPole-v1", {}, count, {.fast = kind == "fast"}));
}

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

void serve() {
  using Clock = std::chrono::steady_clock;
  std::map<std::pair<std::string, std::int64_t>, std::unique_ptr<Runner>> runners;
  std::string request, kind;
  std::int64_t count = 0, steps = 0;
  while (std::cin >> request >> kind >> count >> steps) {
    auto& runner = runners[{kind, count}];
    if (!runner) runner = make_runner(kind, count);
    runner->run(kWarmUpSteps);
    const auto begun = Clock::now();
    const double cpu_begun = cpu_seconds();
    const double reward = runner->run(steps);
    const double cpu = cpu_seconds() - cpu_begun;
    std::cout << std::chrono::duration<double>(Clock::now() - begun).count() << ' ' << cpu << ' ' << reward << std::endl;
  }
}

}  // namespace

int main() {
  try {
    serve();
  } catch (const std::exception& error) {
    std::cerr << "peers_handgrad_environments: " << error.what() << '\n';
    return 1;
  }
}
