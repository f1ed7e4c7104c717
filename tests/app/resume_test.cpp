#include "app/run/resume.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/config/resolve.h"
#include "app/interrupt.h"
#include "app/run/train_run.h"
#include "app/usage_error.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;
using namespace handgrad::app;
namespace fs = std::filesystem;

namespace {

using Settings = std::vector<std::string>;

const Settings kNetwork = {"env.id=CartPole-v1", "net.hidden=[8]",          "dqn.batch_size=4",
                           "epsilon.start=0.5",  "train.env_steps=900",     "eval.every_env_steps=200",
                           "eval.episodes=2",    "dqn.replay_capacity=300", "dqn.learning_starts=20"};
const Settings kTable = {"algorithm=q_lambda", "env.id=FrozenLake-v1",     "train.env_steps=900",
                         "epsilon.start=0.3",  "eval.every_env_steps=200", "eval.episodes=5"};

std::vector<Assignment> assignments(const Settings& settings) {
  std::vector<Assignment> result;
  for (const std::string& setting : settings) result.push_back(parse_set(setting));
  return result;
}

RunConfig config_of(Settings settings, const Settings& more = {}) {
  settings.insert(settings.end(), more.begin(), more.end());
  return resolve(assignments(settings)).config;
}

RunOptions every(const std::string& plan, const std::string& keep = "2") { return {1, parse_checkpoint_plan(plan, keep)}; }

RunSummary train(const RunConfig& config, const fs::path& path, const std::string& plan = "30s") {
  NewFolder folder = NewFolder::exactly(path);
  ProgressDisplay progress(ProgressMode::quiet, "", 1, {});
  return train_run(config, folder, every(plan), progress, 0);
}

RunSummary go_on(const fs::path& path, const Settings& changes = {}) {
  ProgressDisplay progress(ProgressMode::quiet, "", 1, {});
  return resume_run(find_resume_point(path, assignments(changes)), every("30s"), progress, 0);
}

// As a run leaves its folder that is killed between two checkpoints: files go on beyond the newest one, and there is no end.
void leave_as_if_killed(const fs::path& run, std::int64_t newest_step) {
  for (const CheckpointPlace& place : list_checkpoints(checkpoint_folder(run))) {
    if (place.number > newest_step) fs::remove_all(place.folder);
  }
  fs::remove(run / "summary.json");
  fs::remove(run / "final_evaluation.csv");
  fs::remove_all(run / "checkpoint/last");
  std::ofstream(run / "metrics.csv", std::ios::app) << "77,12";  // half a row
}

void check_equal(const fs::path& a, const fs::path& b) {
  for (const char* file : {"metrics.csv", "evaluations.csv", "final_evaluation.csv", "config.toml",
                           "checkpoint/last/model.safetensors", "checkpoint/best/model.safetensors"}) {
    CAPTURE(file);
    CHECK(get_bytes(a / file) == get_bytes(b / file));
  }
}

}  // namespace

TEST_CASE("a run that is gone on with equals one that was never stopped") {
  const TemporaryFolder folder;
  const Settings settings = GENERATE(kNetwork, kTable);
  const RunSummary whole = train(config_of(settings), folder / "whole");
  NewFolder made = NewFolder::exactly(folder / "part");
  ProgressDisplay progress(ProgressMode::quiet, "", 1, {});
  train_run(config_of(settings), made, every("100steps", "100"), progress, 0);
  for (const std::int64_t step : {800, 300, 100}) {
    CAPTURE(step);
    leave_as_if_killed(folder / "part", step);
    const RunSummary resumed = go_on(folder / "part");
    check_equal(folder / "whole", folder / "part");
    CHECK(resumed.fingerprint == whole.fingerprint);
    CHECK(resumed.env_steps == whole.env_steps);
    CHECK(resumed.changes.empty());
  }
}

TEST_CASE("a run that was stopped before its first checkpoint begins again") {
  const TemporaryFolder folder;
  train(config_of(kNetwork), folder / "whole");
  train(config_of(kNetwork), folder / "part");
  leave_as_if_killed(folder / "part", 0);
  const ResumePoint point = find_resume_point(folder / "part", {});
  CHECK_FALSE(point.checkpoint.has_value());
  REQUIRE(point.notes.size() == 1);
  CHECK(contains(point.notes[0], "begins again"));
}

TEST_CASE("a finished run is gone on with by raising what ended it, and equals one that was as long from the start") {
  const TemporaryFolder folder;
  const Settings settings = GENERATE(kNetwork, kTable);
  const RunSummary whole = train(config_of(settings, {"train.env_steps=1700"}), folder / "whole");
  train(config_of(settings), folder / "part");
  CHECK(find_resume_point(folder / "part", {}).ended);
  const RunSummary longer = go_on(folder / "part", {"train.env_steps=1700"});
  check_equal(folder / "whole", folder / "part");
  CHECK(longer.fingerprint == whole.fingerprint);
  REQUIRE(longer.changes.size() == 1);
  CHECK(longer.changes[0] == "step 900: train.env_steps = 1700, before 900");
  CHECK(contains(get_bytes(folder / "part/summary.json"), "train.env_steps = 1700"));
}

TEST_CASE("a finished run that is being made longer has not ended until it has") {
  const TemporaryFolder folder;
  const RunSummary whole = train(config_of(kNetwork, {"train.env_steps=1700"}), folder / "whole");
  train(config_of(kNetwork), folder / "part");
  {
    ProgressDisplay progress(ProgressMode::quiet, "", 1, {});
    resume_run(find_resume_point(folder / "part", assignments({"train.env_steps=1700"})), every("100steps", "100"), progress,
               0);
  }
  for (const std::int64_t step : {1300, 900}) {  // the second is that of the end, with the new limit in it
    CAPTURE(step);
    leave_as_if_killed(folder / "part", step);
    const ResumePoint point = find_resume_point(folder / "part", {});
    CHECK_FALSE(point.ended);
  }
  const RunSummary longer = go_on(folder / "part");
  check_equal(folder / "whole", folder / "part");
  CHECK(longer.fingerprint == whole.fingerprint);
}

TEST_CASE("a change on the way changes what is learned from there on, and the seconds add up") {
  const TemporaryFolder folder;
  train(config_of(kNetwork), folder / "a");
  train(config_of(kNetwork), folder / "b");
  const auto begun = std::chrono::steady_clock::now();
  const RunSummary a = go_on(folder / "a", {"train.env_steps=1200"});
  const RunSummary b = go_on(folder / "b", {"train.env_steps=1200", "optimizer.lr=0.05"});
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  CHECK(a.fingerprint != b.fingerprint);
  const CsvTable timing = CsvTable::read(folder / "a/timing.csv");
  const std::vector<double>& trained = timing.column("seconds");
  CHECK(std::ranges::is_sorted(trained));
  CHECK(trained.back() < a.wall_seconds);
  CHECK(a.env_steps_per_second * a.wall_seconds > 1200);
  CHECK(a.wall_seconds < seconds + 60);
}

TEST_CASE("norms that are watched are gone on with, to the bit") {
  const TemporaryFolder folder;
  const auto watch = [&](const fs::path& path, const std::string& plan) {
    NewFolder made = NewFolder::exactly(path);
    ProgressDisplay progress(ProgressMode::quiet, "", 1, {});
    train_run(config_of(kNetwork, {"dqn.train_frequency=50"}), made, {1, parse_checkpoint_plan(plan, "100"), true}, progress,
              0);
  };
  watch(folder / "whole", "30s");
  watch(folder / "part", "20steps");
  const std::string norms = get_bytes(folder / "whole/norms.csv");
  CHECK(norms.size() > 1000);
  CHECK(get_bytes(folder / "part/norms.csv") == norms);
  for (const std::int64_t step : {620, 340, 0}) {  // in the end it begins again
    CAPTURE(step);
    leave_as_if_killed(folder / "part", step);
    go_on(folder / "part");
    CHECK(get_bytes(folder / "part/norms.csv") == norms);
  }
}

TEST_CASE("what may change on the way is changed and noted, once and for all") {
  const TemporaryFolder folder;
  train(config_of(kNetwork), folder / "run");
  go_on(folder / "run", {"optimizer.lr=0.5", "train.env_steps=1000", "backend=reference"});
  CHECK(contains(get_bytes(folder / "run/config.toml"), "lr = 0.5"));
  const RunSummary later = go_on(folder / "run", {"train.env_steps=1100"});
  CHECK(later.changes.size() == 4);
  CHECK(later.backend == "reference");
  CHECK(contains(later.changes[0] + later.changes[1] + later.changes[2], "step 900: optimizer.lr = 0.5, before 0.001"));
  CHECK(find_resume_point(folder / "run", {}).config.dqn.optimizer.lr == 0.5);
}

TEST_CASE("what a run is made of does not change on the way") {
  const TemporaryFolder folder;
  train(config_of(kNetwork), folder / "run");
  for (const char* change : {"seed=2", "env.id=Acrobot-v1", "net.hidden=[9]", "dqn.replay_capacity=400", "dqn.n_step=2",
                             "optimizer.name=sgd", "env.count=2", "algorithm=sarsa", "env.gravity=5"}) {
    CAPTURE(change);
    CHECK(contains(error_message([&] { go_on(folder / "run", {change}); }), "cannot be changed while a run goes on"));
  }
  CHECK(contains(error_message([&] { go_on(folder / "run", {"optimizer.lr=-1"}); }), "optimizer.lr"));
  CHECK(contains(error_message([&] { go_on(folder / "run", {"optimizer.lrr=1"}); }), "cannot be changed"));
}

TEST_CASE("where the newest checkpoint is damaged, the one before it serves") {
  const TemporaryFolder folder;
  train(config_of(kNetwork), folder / "whole");
  train(config_of(kNetwork), folder / "part", "400steps");
  const auto places = list_checkpoints(checkpoint_folder(folder / "part"));
  REQUIRE(places.size() == 2);
  CHECK(places[1].number == 800);
  std::string bytes = get_bytes(places[0].folder / "state.safetensors");
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  put_bytes(places[0].folder / "state.safetensors", bytes);
  {
    const ResumePoint point = find_resume_point(folder / "part", {});
    REQUIRE(point.notes.size() == 1);
    CHECK(contains(point.notes[0], "step-900"));
  }
  go_on(folder / "part");
  check_equal(folder / "whole", folder / "part");

  for (const CheckpointPlace& place : list_checkpoints(checkpoint_folder(folder / "part"))) {
    put_bytes(place.folder / "state.json", "{}");
  }
  CHECK(contains(error_message([&] { go_on(folder / "part"); }), "state.json"));
}

TEST_CASE("a table that is not what it was is not gone on with, and left as it is") {
  const TemporaryFolder folder;
  train(config_of(kNetwork), folder / "run");
  const std::string metrics = get_bytes(folder / "run/metrics.csv");
  std::string other = metrics;
  other[other.size() - 3] ^= 1;
  put_bytes(folder / "run/metrics.csv", other);
  const Settings longer = {"train.env_steps=1000"};
  CHECK(contains(error_message([&] { go_on(folder / "run", longer); }), "metrics.csv is not what it was"));
  CHECK(get_bytes(folder / "run/metrics.csv") == other);
  put_bytes(folder / "run/metrics.csv", metrics.substr(0, metrics.size() - 1));
  CHECK(contains(error_message([&] { go_on(folder / "run", longer); }), "fewer than"));
  fs::remove(folder / "run/metrics.csv");
  CHECK(contains(error_message([&] { go_on(folder / "run", longer); }), "metrics.csv"));
  put_bytes(folder / "run/metrics.csv", metrics);
  CHECK(go_on(folder / "run", longer).env_steps == 1000);
}

TEST_CASE("settings that were edited by hand do not count, and that is said") {
  const TemporaryFolder folder;
  train(config_of(kNetwork), folder / "run");
  const std::string config = get_bytes(folder / "run/config.toml");
  std::ofstream(folder / "run/config.toml", std::ios::app) << "\n[clip]\nlimit = 3\n";  // not even TOML: a second [clip]
  const ResumePoint point = find_resume_point(folder / "run", assignments({"train.env_steps=1000"}));
  REQUIRE(point.notes.size() == 1);
  CHECK(contains(point.notes[0], "config.toml"));
}

TEST_CASE("only one program at a time writes into a run folder") {
  const TemporaryFolder folder;
  train(config_of(kNetwork), folder / "run");
  {
    const RunLock lock(folder / "run");
    CHECK(contains(error_message([&] { find_resume_point(folder / "run", {}); }), "another program"));
  }
  CHECK(find_resume_point(folder / "run", {}).ended);
  CHECK(contains(error_message([&] { const RunLock lock(folder / "nothing"); }), "nothing"));
}

TEST_CASE("what is no run folder is told apart") {
  const TemporaryFolder folder;
  CHECK(contains(error_message([&] { find_resume_point(folder / "nothing", {}); }), "no run folder"));
  CHECK(contains(error_message([&] { find_resume_point(folder.path(), {}); }), "holds no run"));
  put_bytes(folder / "agents.csv", "seed\n");
  CHECK(contains(error_message([&] { find_resume_point(folder.path(), {}); }), "trained at once"));
}

TEST_CASE("an interrupted run is whole, and goes on where it was") {
  const TemporaryFolder folder;
  train(config_of(kNetwork), folder / "whole");
  {
    const InterruptScope interruptible;
    std::raise(SIGTERM);  // before it begins: the first step sees it
    const RunSummary part = train(config_of(kNetwork), folder / "part");
    CHECK(part.interrupted);
    CHECK(part.env_steps == 1);
    CHECK(interrupt_exit_code() == 143);
  }
  CHECK_FALSE(interrupted());
  CHECK(interrupt_exit_code() == 0);
  CHECK_FALSE(go_on(folder / "part").interrupted);
  check_equal(folder / "whole", folder / "part");
}

TEST_CASE("without checkpoints there is nothing to go on with, and nothing lies about") {
  const TemporaryFolder folder;
  train(config_of(kNetwork), folder / "run", "never");
  CHECK(list_checkpoints(checkpoint_folder(folder / "run")).empty());
  CHECK(fs::exists(folder / "run/checkpoint/last/model.safetensors"));
}

TEST_CASE("how often a run is written down is a time or a number of steps") {
  CHECK(parse_checkpoint_plan("30s", "2").every_seconds == 30);
  CHECK(parse_checkpoint_plan("30", "2").every_seconds == 30);
  CHECK(parse_checkpoint_plan("0.5s", "2").every_seconds == 0.5);
  CHECK(parse_checkpoint_plan("5m", "2").every_seconds == 300);
  CHECK(parse_checkpoint_plan("1h", "7").keep == 7);
  CHECK(parse_checkpoint_plan("20000steps", "2").every_env_steps == 20'000);
  CHECK(parse_checkpoint_plan("20000steps", "2").every_seconds == 0);
  CHECK_FALSE(parse_checkpoint_plan("never", "2").enabled);
  for (const char* wrong : {"", "s", "-1s", "0", "0s", "1.5steps", "1 s", "1d", "nan", "inf", "1e99h", "always"}) {
    CAPTURE(wrong);
    CHECK(contains(error_message([&] { parse_checkpoint_plan(wrong, "2"); }), "--checkpoint-every"));
  }
  CHECK(contains(error_message([&] { parse_checkpoint_plan("1s", "0"); }), "--keep"));
}
