#include "app/run/train_run.h"

#include <chrono>
#include <cstdlib>
#include <utility>

#include "app/config/build_run.h"
#include "app/config/resolve.h"
#include "app/run/csv.h"
#include "core/safetensors.h"
#include "tests/support/allocations.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

using Clock = std::chrono::steady_clock;

RunConfig small_run(const std::vector<std::string>& more) {
  std::vector<Assignment> assignments;
  for (const char* setting : {"env.id=CartPole-v1", "net.hidden=[8]", "dqn.batch_size=4", "epsilon.start=0.5"}) {
    assignments.push_back(parse_set(setting));
  }
  for (const std::string& setting : more) assignments.push_back(parse_set(setting));
  return resolve(assignments).config;
}

RunSummary train(const RunConfig& config, const std::filesystem::path& path, Clock::time_point begun = Clock::now()) {
  NewFolder folder = NewFolder::exactly(path);
  ProgressDisplay progress(ProgressMode::quiet, "", 1, {});
  return train_run(config, folder, {}, progress, 0, begun);
}

std::string env_step_of(const std::filesystem::path& run, const std::string& which) {
  return read_safetensors(model_file(run, which)).metadata.at("env_step");
}

}  // namespace

TEST_CASE("the seconds of a run count from when somebody began to wait for it") {
  const TemporaryFolder folder;
  const RunConfig config = small_run({"train.env_steps=200", "eval.episodes=1"});
  const RunSummary summary = train(config, folder / "run", Clock::now() - std::chrono::hours(1));
  CHECK(summary.wall_seconds > 3600);
  CHECK(summary.env_steps_per_second > 1);  // of the training itself
}

TEST_CASE("the best model is that of the best evaluation, wherever the run went after it") {
  const TemporaryFolder folder;
  const RunConfig config = small_run({"train.env_steps=600", "eval.every_env_steps=100", "eval.episodes=3"});
  train(config, folder / "run");
  const CsvTable evaluations = CsvTable::read(folder / "run/evaluations.csv");
  REQUIRE(evaluations.rows() == 6);
  double best_step = 0;
  for (std::size_t i = 0; i < evaluations.rows(); ++i) {
    if (evaluations.column("best")[i] != 0) best_step = evaluations.column("env_step")[i];
  }
  CHECK(env_step_of(folder / "run", "best") == std::to_string(static_cast<int>(best_step)));
  CHECK(env_step_of(folder / "run", "last") == "600");
}

TEST_CASE("a run without evaluations has its last model for its best") {
  const TemporaryFolder folder;
  train(small_run({"train.env_steps=300"}), folder / "run");
  CHECK(env_step_of(folder / "run", "best") == "300");
}

TEST_CASE("what was best so far is kept when a run breaks down") {
  const TemporaryFolder folder;
  const RunConfig config = small_run({"train.env_steps=2000", "eval.every_env_steps=3", "eval.episodes=1", "loss.name=mse",
                                      "optimizer.name=sgd", "optimizer.lr=1e30"});
  CHECK(error_message([&] { train(config, folder / "run"); }).find("diverged") != std::string::npos);
  CHECK(env_step_of(folder / "run", "best") == "3");
  CHECK(std::filesystem::exists(folder / "run/config.toml"));
}

#ifdef HANDGRAD_COUNTS_ALLOCATIONS
TEST_CASE("a run that is written down allocates no more for being longer") {
  const TemporaryFolder folder;
  const auto measure = [&](const std::string& name, const std::string& steps) {
    const RunConfig config = small_run({"train.env_steps=" + steps, "eval.episodes=1"});
    const long before = test::allocations_so_far();
    const std::int64_t episodes = train(config, folder / name).episodes;
    return std::pair(test::allocations_so_far() - before, episodes);
  };
  const auto [of_short, few] = measure("short", "2000");
  const auto [of_long, many] = measure("long", "8000");
  CHECK(many - few > 200);
  // What numbers look like in files may take a string more or less, and so may what is done by the clock.
  CHECK(std::abs(of_long - of_short) < (many - few) / 4);
}
#endif
