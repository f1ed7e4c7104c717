#include "app/config/build_run.h"

#include "app/config/presets.h"
#include "app/usage_error.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

RunConfig lake_run(const std::vector<std::string>& set) {
  const TemporaryFolder folder;
  put_bytes(folder / "run.toml", "train.episodes = 10\n[env]\nid = \"FrozenLake-v1\"\n");
  return resolve_preset((folder / "run.toml").string(), set).config;
}

std::string complaint(const std::vector<std::string>& set) {
  return error_message([&] { lake_run(set); });
}

/// The first step at which an episode is truncated.
int truncated_at(Environment& environment) {
  std::vector<float> observation(static_cast<std::size_t>(environment.observation_size()));
  environment.reset(0, observation);
  for (int t = 1; t <= 200; ++t) {
    if (environment.step(3, observation).truncated) return t;
  }
  return -1;
}

}  // namespace

TEST_CASE("training plays in blocks, an evaluation does not") {
  const RunConfig config = lake_run({"env.block_steps=7", "env.is_slippery=false"});
  CHECK(truncated_at(*training_environment_maker(config.environment)()) == 7);
  CHECK(truncated_at(*environment_maker(config.environment)()) == 100);
  const RunConfig plain = lake_run({"env.is_slippery=false"});
  CHECK(truncated_at(*training_environment_maker(plain.environment)()) == 100);
}

TEST_CASE("training and evaluation see states in the same way") {
  for (const auto& [observation, size] : {std::pair("raw", 1), std::pair("row_column", 2), std::pair("one_hot", 16)}) {
    const RunConfig config = lake_run({std::string("env.observation=") + observation});
    CHECK(environment_maker(config.environment)()->observation_size() == size);
    CHECK(training_environment_maker(config.environment)()->observation_size() == size);
  }
}

TEST_CASE("what cannot be shown so is refused before a run begins, by its place") {
  CHECK(complaint({"env.observation=one-hot"}).find("Did you mean 'one_hot'?") != std::string::npos);
  const std::string pole = complaint({"env.id=CartPole-v1", "env.observation=one_hot"});
  CHECK(pole.starts_with("--set env.observation=one_hot: observation = \"one_hot\" needs an environment whose observations "));
  CHECK(complaint({"env.id=Taxi-v4", "env.observation=row_column"}).find("cells of a grid") != std::string::npos);
  CHECK(complaint({"env.block_steps=-1"}).find("a whole number >= 0") != std::string::npos);
}

TEST_CASE("training environments are stepped side by side where that is possible, and with the same results") {
  const auto environments = [](const std::vector<std::string>& set) {
    return make_training_environments(lake_run(set).environment);
  };
  const auto one_by_one = [](const std::unique_ptr<VectorEnvironment>& e) {
    return dynamic_cast<const SyncVectorEnvironment*>(e.get()) != nullptr;
  };
  CHECK(one_by_one(environments({})));
  CHECK_FALSE(one_by_one(environments({"env.count=16"})));
  CHECK(one_by_one(environments({"env.count=16", "env.block_steps=5"})));
  CHECK(one_by_one(environments({"env.count=16", "env.observation=one_hot"})));
}

TEST_CASE("fast environments are refused where there are none, by the setting's place") {
  CHECK(complaint({"env.fast=true"})
            .starts_with("--set env.fast=true: FrozenLake-v1 has no fast mode: there is one for CartPole-v0"));
  CHECK(complaint({"env.id=CartPole-v1", "env.fast=true", "env.block_steps=5"}).find("without env.block_steps") !=
        std::string::npos);
  CHECK_NOTHROW(lake_run({"env.id=CartPole-v1", "env.fast=true", "env.count=2"}));
}
