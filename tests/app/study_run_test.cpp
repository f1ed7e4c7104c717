// Studies that run: what lies on disk, going on after a stop, and the command.

#include <sys/types.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/program.h"

using namespace handgrad;
namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

const std::string kTiny = R"(
title = "Tiny"
question = "Does it run?"
preset = "cartpole"
seeds = 3
set.train.episodes = 12
set.train.stop_at = "none"
set.net.hidden = [8]
set.dqn.learning_starts = 50
set.dqn.batch_size = 16
set.eval.episodes = 3
set.eval.every_env_steps = 0
set.eval.every_episodes = 5
[[arm]]
label = "plain"
[[arm]]
label = "far, too far"
set.optimizer.lr = 1e30
[[measure]]
kind = "final_return"
as = "final"
episodes = 5
[[measure]]
kind = "episodes_to_threshold"
threshold = 1000
[[bar]]
text = "whatever it does, it is more than 5"
measure = "final"
arm = "plain"
is = ">"
value = 5
at_least = 3
)";

struct TinyStudy {
  explicit TinyStudy(const std::string& toml = kTiny) { put_bytes(folder / "tiny.toml", toml); }

  Outcome run(const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"study", (folder / "tiny.toml").string(), "--out", (folder / out).string(),
                                          "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }

  TemporaryFolder folder;
};

// Every file of a study but its pictures, which gnuplot makes.
std::map<std::string, std::string> files_in(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder).string();
    if (entry.is_regular_file() && !name.starts_with("plots")) files[name] = get_bytes(entry.path());
  }
  return files;
}

}  // namespace

TEST_CASE("a study writes a file a run, tables and a summary, and a run that diverges is one of its results") {
  const TinyStudy study;
  const Outcome run = study.run("out", {"--json"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  const Json summary = Json::parse(run.last_line());
  CHECK(summary == Json::parse(get_bytes(study.folder / "out/summary.json")));
  CHECK(summary["study"] == "tiny");
  CHECK(summary["runs"] == 6);
  CHECK(summary["done"] == 6);
  CHECK(summary["failed"] == 3);
  const Json& plain = summary["arms"][0];
  CHECK(plain["runs"] == 3);
  CHECK(plain["settings"]["optimizer.lr"] == "0.007");
  CHECK(plain["measures"]["final"]["n"] == 3);
  CHECK(plain["measures"]["episodes_to_threshold"]["reached"] == 0);
  CHECK(plain["measures"]["episodes_to_threshold"]["median"] == 12);
  const Json& far = summary["arms"][1];
  CHECK(far["failed"] == 3);
  CHECK(far["measures"]["final"]["mean"].is_null());
  CHECK(contains(far["errors"][0]["error"].get<std::string>(), "diverged"));
  CHECK(summary["bars"][0]["met"] == true);
  CHECK(summary["bars"][0]["measured"] == "3 of 3 seeds");
  for (const char* file : {"study.toml", "results.csv", "summary.csv", "summary.md", "curves.csv", "runs/plain/config.toml",
                           "runs/plain/seed-1.json", "runs/far-too-far/seed-3.json"}) {
    CAPTURE(file);
    CHECK(fs::is_regular_file(study.folder / "out" / file));
  }
  CHECK(contains(get_bytes(study.folder / "out/results.csv"), "\"far, too far\",3,"));
}

TEST_CASE("neither threads nor a stop in between change a byte", "[threads]") {
  const TinyStudy study;
  REQUIRE(study.run("one", {"--threads", "1"}).exit_code == 0);
  REQUIRE(study.run("three", {"--threads", "3"}).exit_code == 0);
  const auto whole = files_in(study.folder / "one");
  CHECK(files_in(study.folder / "three") == whole);

  for (const char* lost : {"runs/plain/seed-2.json", "runs/far-too-far/seed-1.json", "summary.json", "results.csv"}) {
    fs::remove(study.folder / "three" / lost);
  }
  put_bytes(study.folder / "three/runs/plain/seed-3.json", "{\"arm\":");  // not as atomic writing leaves it: made again
  const auto kept = fs::last_write_time(study.folder / "three/runs/plain/seed-1.json");
  REQUIRE(study.run("three").exit_code == 0);
  CHECK(files_in(study.folder / "three") == whole);
  CHECK(fs::last_write_time(study.folder / "three/runs/plain/seed-1.json") == kept);
}

TEST_CASE("more seeds go on where fewer ended") {
  const TinyStudy study;
  REQUIRE(study.run("out", {"--seeds", "2"}).exit_code == 0);
  const auto kept = fs::last_write_time(study.folder / "out/runs/plain/seed-2.json");
  REQUIRE(study.run("out").exit_code == 0);
  CHECK(fs::last_write_time(study.folder / "out/runs/plain/seed-2.json") == kept);
  REQUIRE(study.run("fresh").exit_code == 0);
  CHECK(files_in(study.folder / "out") == files_in(study.folder / "fresh"));
}

TEST_CASE("the folder of a study with other settings is refused, saying which") {
  const TinyStudy study;
  REQUIRE(study.run("out", {"--seeds", "1"}).exit_code == 0);
  const auto before = files_in(study.folder / "out");
  const auto refused = [&](const std::vector<std::string>& more, const std::string& words) {
    const Outcome outcome = study.run("out", more);
    CHECK(outcome.exit_code == 2);
    CHECK(contains(outcome.err, words));
    CHECK(files_in(study.folder / "out") == before);
  };
  refused({"--set", "dqn.gamma=0.5"}, "arm 'plain': dqn.gamma is 0.99 there and 0.5 here");
  std::string toml = kTiny;
  toml.replace(toml.find("threshold = 1000"), 16, "threshold = 2000");
  put_bytes(study.folder / "tiny.toml", toml);
  refused({}, "the measure 'episodes_to_threshold' is another one there");
  put_bytes(study.folder / "else/file", "");
  fs::create_directories(study.folder / "else");
  put_bytes(study.folder / "else/file", "mine");
  const Outcome outcome = study.run("else");
  CHECK(outcome.exit_code == 2);
  CHECK(contains(outcome.err, "holds no study"));
  CHECK(files_in(study.folder / "else").size() == 1);
}

TEST_CASE("Ctrl-C keeps the runs that are done, and the same command goes on", "[threads]") {
  std::string toml = kTiny;
  toml.replace(toml.find("train.episodes = 12"), 19, "train.episodes = 100000000");
  toml.replace(toml.find("[[arm]]\nlabel = \"far"), 7, "[[arm]]\nset.train.episodes = 1");
  const TinyStudy study(toml);
  const fs::path done = study.folder / "out/runs/far-too-far/seed-1.json";
  Program program(
      {"study", (study.folder / "tiny.toml").string(), "--out", (study.folder / "out").string(), "--threads", "2"});
  for (int i = 0; i < 1000 && !fs::exists(done); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  kill(program.process(), SIGINT);
  const Outcome outcome = program.wait();
  CHECK(outcome.exit_code == 130);
  CHECK(outcome.out.empty());
  CHECK(contains(outcome.err, "to go on: handgrad study"));
  CHECK(fs::exists(done));
  CHECK_FALSE(fs::exists(study.folder / "out/runs/plain/seed-1.json"));
  CHECK_FALSE(fs::exists(study.folder / "out/summary.json"));
}

TEST_CASE("a study's pictures can be drawn again") {
  const TinyStudy study(kTiny + "[[figure]]\nkind = \"curves\"\n");
  REQUIRE(study.run("out", {"--seeds", "1"}).exit_code == 0);
  const fs::path data = study.folder / "out/plots/evaluations.csv";  // there with gnuplot or without
  REQUIRE(fs::exists(data));
  const std::string before = get_bytes(data);
  fs::remove_all(study.folder / "out/plots");
  run_program({"plot", (study.folder / "out").string()});
  CHECK(get_bytes(data) == before);
  const Outcome words = run_program({"plot", (study.folder / "out").string(), "--text", "--what", "evaluations"});
  CHECK(words.exit_code == 0);
  CHECK(contains(words.out, "plain"));
  const Outcome unknown = run_program({"plot", (study.folder / "out").string(), "--what", "evaluation"});
  CHECK(unknown.exit_code == 2);
  CHECK(contains(unknown.err, "Did you mean 'evaluations'?"));
  fs::remove_all(study.folder / "out/runs");
  const Outcome nothing = run_program({"plot", (study.folder / "out").string()});
  CHECK(nothing.exit_code == 1);
  CHECK(contains(nothing.err, "no run is done"));
}

TEST_CASE("studies are listed and explained") {
  const Outcome list = run_program({"list", "studies", "--json"});
  REQUIRE(list.exit_code == 0);
  const Json studies = Json::parse(list.last_line())["studies"];
  const auto grid = std::find_if(studies.begin(), studies.end(), [](const Json& s) { return s["id"] == "study-grid"; });
  REQUIRE(grid != studies.end());
  CHECK((*grid)["runs"] == 180);
  CHECK((*grid)["command"] == "handgrad study study-grid");

  const Outcome words = run_program({"explain", "study-grid"});
  CHECK(words.exit_code == 0);
  CHECK(contains(words.out, "36 arms x 5 seeds (1 to 5) = 180 runs"));
  const Outcome json = run_program({"explain", "study-grid", "--json"});
  CHECK(Json::parse(json.last_line())["arms"].size() == 36);
  CHECK(run_program({"explain", "study-grit"}).exit_code == 2);
}

TEST_CASE("a study that makes no sense gets one line and exit code 2") {
  const auto refused = [](const std::vector<std::string>& arguments, const std::string& words) {
    const Outcome outcome = run_program(arguments);
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.out.empty());
    CHECK(outcome.error_lines() == 1);
    CHECK(contains(outcome.err, words));
  };
  refused({"study"}, "required");
  refused({"study", "study-grit"}, "Did you mean 'study-grid'?");
  refused({"study", "study-grid", "--seeds", "0"}, "--seeds");
  refused({"study", "study-grid", "--threads", "0"}, "--threads");
  refused({"study", "study-grid", "--set", "key=dqn.gamma"}, "2 sweeps");
  refused({"study", "study-one", "--set", "key=dqn.gamma"}, "which values?");
}
