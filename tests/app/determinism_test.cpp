// The program in a process of its own, with other runs beside it on several threads, against the same run here, alone.

#include <chrono>

#include "app/config/presets.h"
#include "app/run/train_run.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

void check_preset(const std::string& preset, const std::vector<std::string>& settings) {
  CAPTURE(preset);
  const TemporaryFolder folder;
  std::vector<std::string> arguments = {
      "train", preset, "--seed", "3", "--seeds", "3", "--threads", "3", "--quiet", "--out", (folder / "beside").string()};
  for (const std::string& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
  const Outcome outcome = run_program(arguments);
  INFO(outcome.err);
  REQUIRE(outcome.exit_code == 0);

  RunConfig config = resolve_preset(preset, settings).config;
  for (config.seed = 3; config.seed < 6; ++config.seed) {
    const std::string name = text("seed-", config.seed);
    NewFolder alone = NewFolder::exactly(folder / name);
    ProgressDisplay progress(ProgressMode::quiet, "", 1, {});
    CHECK(train_run(config, alone, {}, progress, 0).train_steps > 0);
    for (const char* file : {"metrics.csv", "evaluations.csv", "final_evaluation.csv", "checkpoint/last/model.safetensors",
                             "checkpoint/best/model.safetensors"}) {
      CAPTURE(name, file);
      CHECK(get_bytes(folder / name / file) == get_bytes(folder / "beside" / name / file));
      CHECK(get_bytes(folder / name / file).size() > 30);
    }
  }
}

}  // namespace

TEST_CASE("a run in a process of its own, with others beside it on several threads, is the run alone to the byte") {
  const std::vector<std::string> few = {"eval.every_episodes=0", "eval.episodes=2", "eval.max_episode_steps=50",
                                        "train.episodes=0"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), few.begin(), few.end());
    return more;
  };
  check_preset("cartpole", with({"train.env_steps=600", "eval.every_env_steps=200", "env.count=4"}));
  check_preset("cliffwalking", with({"algorithm=q_lambda", "train.env_steps=3000", "eval.every_env_steps=1000"}));
}
