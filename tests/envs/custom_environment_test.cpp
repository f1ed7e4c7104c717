// The example of envs/README.md, compiled. The code between the two marks is shown there word for word.

// [readme]
#include "envs/checks.h"
#include "envs/environment.h"

/// Six cells in a row. Begin somewhere in the middle, walk left (0) or right (1): the last cell pays 1, both ends end.
class Corridor : public handgrad::Environment {
 public:
  const handgrad::Space& observation_space() const override { return observation_space_; }
  const handgrad::Discrete& action_space() const override { return action_space_; }

  void reset(std::optional<std::uint64_t> seed, std::span<float> observation) override {
    cell_ = handgrad::seeded(stream_, seed, "Corridor").integers(1, 5);
    observation[0] = static_cast<float>(cell_);
  }

  handgrad::StepResult step(std::int64_t action, std::span<float> observation) override {
    handgrad::require_action(action, action_space_, "Corridor");
    handgrad::require_started(stream_, "Corridor");
    cell_ += action == 1 ? 1 : -1;
    observation[0] = static_cast<float>(cell_);
    return {.reward = cell_ == 5 ? 1.0 : 0.0, .terminated = cell_ == 0 || cell_ == 5};
  }

  // For runs that are to be saved and resumed: without these two, they can be trained alone.
  handgrad::Snapshot save() const override {
    return {stream_ ? std::optional(stream_->state()) : std::nullopt, {static_cast<double>(cell_)}};
  }
  void load(const handgrad::Snapshot& snapshot) override {
    const std::vector<double>& values = snapshot.values;
    handgrad::require(values.size() == 1 && handgrad::is_whole(values[0], 0, 5), "this snapshot was not saved by a Corridor");
    stream_ = handgrad::stream_of(snapshot);
    cell_ = static_cast<std::int64_t>(values[0]);
  }

 private:
  handgrad::Space observation_space_ = handgrad::Discrete{6};
  handgrad::Discrete action_space_{2};
  std::optional<handgrad::Generator> stream_;
  std::int64_t cell_ = 0;
};
// [readme]

#include <algorithm>
#include <fstream>
#include <sstream>

#include "envs/registry.h"
#include "envs/vector_environment.h"
#include "../support/catch.h"
#include "../support/source_tree.h"

namespace handgrad {
namespace {

std::string contents(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

Registry with_corridor() {
  Registry registry = Registry::gymnasium();
  // [readme registry]
  registry.add({.id = "Corridor-v0",
                .make = [](const EnvironmentOptions&) { return std::make_unique<Corridor>(); },
                .max_episode_steps = 20,
                .reward_threshold = 0.95,
                .description = "find the right end of a corridor"});
  // [readme registry]
  return registry;
}

/// The lines between two lines that hold `mark`, each without the first `indent` blanks.
std::string between(const std::string& all, const std::string& mark, std::size_t indent) {
  std::istringstream lines(all);
  std::string code, line;
  bool inside = false;
  while (std::getline(lines, line)) {
    if (line == std::string(indent, ' ') + mark) {
      if (inside) return code;
      inside = true;
    } else if (inside) {
      code += line.substr(std::min(indent, line.size())) + "\n";
    }
  }
  return "(mark not found twice: " + mark + ")";
}

}  // namespace

TEST_CASE("an environment of one's own works by id, with a time limit and in a vector") {
  const Registry registry = with_corridor();
  const auto environment = registry.make("Corridor");
  std::vector<float> observation(1);
  environment->reset(1, observation);
  StepResult result;
  int steps = 0;
  do ++steps, result = environment->step(1, observation);
  while (!result.terminated);
  CHECK(observation[0] == 5.0f);
  CHECK(result.reward == 1.0);
  CHECK(steps <= 4);
  CHECK_THROWS_AS(environment->step(2, observation), Error);

  SyncVectorEnvironment several([&] { return registry.make("Corridor-v0"); }, 8);
  several.reset(1);
  double reward = 0.0;
  for (int t = 0; t < 100; ++t) {
    for (const double r : several.step(std::vector<std::int32_t>(8, 1)).rewards) reward += r;
  }
  CHECK(reward > 100.0);
}

TEST_CASE("an environment of one's own goes on from its snapshot, and refuses another's") {
  const Registry registry = with_corridor();
  SyncVectorEnvironment saved([&] { return registry.make("Corridor"); }, 3, AutoresetMode::same_step);
  SyncVectorEnvironment loaded([&] { return registry.make("Corridor"); }, 3, AutoresetMode::same_step);
  saved.reset(1);
  for (const int action : {1, 0, 0}) saved.step(std::vector<std::int32_t>(3, action));
  loaded.load(saved.save());
  for (int t = 0; t < 50; ++t) {
    const std::vector<std::int32_t> actions(3, t % 3 == 0 ? 0 : 1);
    saved.step(actions);
    loaded.step(actions);
    REQUIRE(loaded.save() == saved.save());
  }
  std::vector<Snapshot> changed = saved.save();
  changed[1].values[0] = 6.0;
  CHECK_THROWS_AS(loaded.load(changed), Error);
}

TEST_CASE("the README shows the example that is compiled here") {
  const std::string here = contents((test::source_root() / "tests/envs/custom_environment_test.cpp").string());
  const std::string readme = contents((test::source_root() / "envs/README.md").string());
  REQUIRE_FALSE(readme.empty());
  CHECK(readme.find("```cpp\n" + between(here, "// [readme]", 0) + "```") != std::string::npos);
  CHECK(readme.find("```cpp\n" + between(here, "// [readme registry]", 2) + "```") != std::string::npos);
}

}  // namespace handgrad
