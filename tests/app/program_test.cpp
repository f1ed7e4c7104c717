// The command-line program from outside: exit codes, what goes to stdout and stderr, what lies on disk afterwards.

#include <sys/types.h>

#include <csignal>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "core/instruction_set.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/program.h"

using namespace handgrad;
namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

using Arguments = std::vector<std::string>;

Arguments operator+(Arguments a, const Arguments& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// A run of a fraction of a second that does everything a run does.
Arguments tiny_run(const fs::path& out) {
  return {"train",
          "cartpole",
          "--quiet",
          "--out",
          out.string(),
          "--set",
          "train.episodes=12",
          "--set",
          "train.stop_at=none",
          "--set",
          "net.hidden=[8]",
          "--set",
          "dqn.learning_starts=50",
          "--set",
          "dqn.batch_size=16",
          "--set",
          "eval.episodes=3",
          "--set",
          "eval.every_env_steps=0",
          "--set",
          "eval.every_episodes=5"};
}

void check_refused(const Arguments& arguments, const std::string& part_of_message, int exit_code = 2) {
  CAPTURE(arguments);
  const Outcome outcome = run_program(arguments);
  CHECK(outcome.exit_code == exit_code);
  CHECK(outcome.out.empty());
  CHECK(outcome.error_lines() == 1);
  CHECK(outcome.err.rfind("handgrad: ", 0) == 0);
  CHECK(contains(outcome.err, part_of_message));
}

}  // namespace

TEST_CASE("wrong use gets one line and exit code 2") {
  check_refused({}, "--help");
  check_refused({"trein"}, "Did you mean 'train'?");
  check_refused({"train"}, "--resume");
  check_refused({"train", "cartpole", "--sed", "1"}, "--sed");
  check_refused({"list", "env"}, "Did you mean 'envs'?");
  check_refused({"eval", "/nowhere"}, "/nowhere");
  check_refused({"plot", "/nowhere"}, "/nowhere");
  check_refused({"explain", "cart-pole"}, "Did you mean 'cartpole'?");
}

TEST_CASE("a run that cannot start leaves nothing behind") {
  const TemporaryFolder folder;
  const std::string out = (folder / "deep/run").string();
  const auto refused = [&](const Arguments& more, const std::string& message) {
    check_refused(Arguments{"train"} + more + Arguments{"--out", out}, message);
    CHECK(folder.entries() == 0);
  };
  refused({"cartpol"}, "Did you mean 'cartpole'?");
  refused({"missing.toml"}, "missing.toml");
  refused({"cartpole", "--set", "dqn.gamma"}, "expected key=value");
  refused({"cartpole", "--set", "dqn.gamma=[1,"}, "not valid TOML");
  refused({"cartpole", "--set", "dqn.gamma=2"}, "expected a number in [0, 1]");
  refused({"cartpole", "--set", "dqn.gamma=nan"}, "expected a number in [0, 1]");
  refused({"cartpole", "--set", "dqn.gamma=high"}, "found the string \"high\"");
  refused({"cartpole", "--set", "dqn.gama=0.9"}, "Did you mean 'dqn.gamma'?");
  refused({"cartpole", "--seed", "-1"}, "--seed");
  refused({"cartpole", "--seed", "9223372036854775808"}, "largest seed");
  refused({"cartpole", "--seed", "one"}, "whole number");
  refused({"cartpole", "--seeds", "0"}, "--seeds");
  refused({"cartpole", "--seeds", "2", "--threads", "0"}, "--threads");
  refused({"cartpole", "--seed", "9223372036854775807", "--seeds", "2"}, "2^63-1");
  refused({"cartpole", "--backend", "abacus"}, "no backend 'abacus'");
}

TEST_CASE("a folder that cannot be written gets one line") {
  const TemporaryFolder folder;
  put_bytes(folder / "file", "mine");
  check_refused({"train", "cartpole", "--out", (folder / "file/run").string()}, "cannot make the folder", 1);
  check_refused({"train", "cartpole", "--out", (folder / "file").string()}, "exists already");
  CHECK(get_bytes(folder / "file") == "mine");
}

TEST_CASE("a run folder holds what it should, and its model gives the summary's figure again") {
  const TemporaryFolder folder;
  const Outcome run = run_program(tiny_run(folder / "run") + Arguments{"--json", "--seed", "5"});
  CAPTURE(run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(run.err.empty());
  const Json summary = Json::parse(run.last_line());
  CHECK(summary == Json::parse(get_bytes(folder / "run/summary.json")));
  CHECK(summary["preset"] == "cartpole");
  CHECK(summary["seed"] == 5);
  CHECK(summary["episodes"] == 12);
  CHECK(summary["eval_episodes"] == 3);
  CHECK(summary["solved"] == false);
  CHECK(summary["solved_at_seconds"].is_null());
  CHECK_FALSE(summary.contains("interrupted"));
  for (const char* file : {"config.toml", "metrics.csv", "evaluations.csv", "final_evaluation.csv", "timing.csv",
                           "checkpoint/last/model.safetensors", "checkpoint/best/model.safetensors"}) {
    CAPTURE(file);
    CHECK(fs::is_regular_file(folder / "run" / file));
  }
  const std::string metrics = get_bytes(folder / "run/metrics.csv");
  CHECK(metrics.rfind("episode,env_step,train_step,return,length,terminated,truncated,epsilon,loss_mean\n", 0) == 0);
  CHECK(std::count(metrics.begin(), metrics.end(), '\n') == 13);

  const Outcome eval = run_program({"eval", (folder / "run").string(), "--episodes", "3", "--json"});
  REQUIRE(eval.exit_code == 0);
  const Json played = Json::parse(eval.last_line());
  CHECK(played["return_mean"] == summary["eval_return_mean"]);
  CHECK(played["return_std"] == summary["eval_return_std"]);
  CHECK(played["returns"].size() == 3);
}

TEST_CASE("the final evaluation has its own number of episodes, and evaluations their limit") {
  const TemporaryFolder folder;
  const Arguments more = {"--set", "eval.final_episodes=5", "--set", "eval.max_episode_steps=6", "--json"};
  const Outcome run = run_program(tiny_run(folder / "run") + more);
  REQUIRE(run.exit_code == 0);
  CHECK(Json::parse(run.last_line())["eval_episodes"] == 5);
  CHECK(Json::parse(run.last_line())["eval_return_mean"] == 6.0);  // no pole falls that soon
  CHECK(get_bytes(folder / "run/final_evaluation.csv") == "episode,return,length\n1,6,6\n2,6,6\n3,6,6\n4,6,6\n5,6,6\n");
  CHECK(contains(get_bytes(folder / "run/evaluations.csv"), ",3,6,0,6,6,"));
  const Outcome eval = run_program({"eval", (folder / "run").string(), "--episodes", "2", "--json"});
  CHECK(Json::parse(eval.last_line())["lengths"] == Json({6, 6}));
}

TEST_CASE("the same seed gives the same bytes, also from config.toml, and another seed others") {
  const TemporaryFolder folder;
  REQUIRE(run_program(tiny_run(folder / "a") + Arguments{"--seed", "3"}).exit_code == 0);
  REQUIRE(run_program(tiny_run(folder / "b") + Arguments{"--seed", "3"}).exit_code == 0);
  REQUIRE(run_program(tiny_run(folder / "c") + Arguments{"--seed", "4"}).exit_code == 0);
  REQUIRE(run_program({"train", (folder / "a/config.toml").string(), "--quiet", "--out", (folder / "d").string()}).exit_code ==
          0);
  for (const char* file : {"config.toml", "metrics.csv", "evaluations.csv", "checkpoint/last/model.safetensors"}) {
    CAPTURE(file);
    CHECK(get_bytes(folder / "a" / file) == get_bytes(folder / "b" / file));
    CHECK(get_bytes(folder / "a" / file) == get_bytes(folder / "d" / file));
    CHECK(get_bytes(folder / "a" / file) != get_bytes(folder / "c" / file));
  }
}

TEST_CASE("results do not depend on the number of threads", "[threads]") {
  const TemporaryFolder folder;
  const Arguments seeds = {"--seed", "7", "--seeds", "3", "--json"};
  const Outcome one = run_program(tiny_run(folder / "one") + seeds + Arguments{"--threads", "1"});
  const Outcome two = run_program(tiny_run(folder / "two") + seeds + Arguments{"--threads", "2"});
  REQUIRE(one.exit_code == 0);
  REQUIRE(two.exit_code == 0);
  for (const char* seed : {"seed-7", "seed-8", "seed-9"}) {
    for (const char* file : {"config.toml", "metrics.csv", "evaluations.csv", "checkpoint/last/model.safetensors",
                             "checkpoint/best/model.safetensors"}) {
      CAPTURE(seed, file);
      CHECK(get_bytes(folder / "one" / seed / file) == get_bytes(folder / "two" / seed / file));
    }
  }
  const Json summary = Json::parse(two.last_line());
  CHECK(summary["runs"].size() == 3);
  double sum = 0;
  for (const auto& run : summary["runs"]) sum += run["eval_return_mean"].get<double>();
  CHECK(summary["mean"]["eval_return_mean"].get<double>() == Approx(sum / 3));
  CHECK(summary == Json::parse(get_bytes(folder / "two/summary.json")));
}

TEST_CASE("one diverging run does not stop the others", "[threads]") {
  const TemporaryFolder folder;
  const Outcome outcome = run_program(tiny_run(folder / "runs") + Arguments{"--seeds", "2", "--set", "optimizer.lr=1e38"});
  CHECK(outcome.exit_code == 1);
  CHECK(contains(outcome.err, "handgrad: seed 1: "));
  CHECK(contains(outcome.err, "handgrad: seed 2: "));
  CHECK(Json::parse(get_bytes(folder / "runs/summary.json"))["runs"][0].contains("error"));
}

TEST_CASE("an unusable model gets one line") {
  const TemporaryFolder folder;
  REQUIRE(run_program(tiny_run(folder / "run")).exit_code == 0);
  const fs::path model = folder / "run/checkpoint/last/model.safetensors";
  const std::string bytes = get_bytes(model), run = (folder / "run").string();
  put_bytes(model, bytes.substr(0, bytes.size() - 4));
  check_refused({"eval", run}, "model.safetensors", 1);
  put_bytes(model, "");
  check_refused({"eval", run}, "model.safetensors", 1);
  fs::remove(model);
  check_refused({"eval", run}, "model.safetensors", 1);
  fs::create_directory(model);
  check_refused({"eval", run}, "model.safetensors", 1);
  CHECK(run_program({"eval", run, "--model", "best", "--episodes", "1"}).exit_code == 0);
  check_refused({"eval", run, "--model", "worst"}, "expected last or best");
  check_refused({"eval", run, "--episodes", "0"}, "--episodes");
}

namespace {

// Until the run has so many rows.
void wait_for_rows(const fs::path& run, std::ptrdiff_t rows) {
  const auto there = [&] {
    const std::string content = get_bytes(run / "metrics.csv");
    return std::count(content.begin(), content.end(), '\n');
  };
  while (!fs::exists(run / "metrics.csv") || there() < rows) std::this_thread::yield();
}

}  // namespace

TEST_CASE("a signal ends a run in good order, and it can be gone on with") {
  const TemporaryFolder folder;
  const std::string run = (folder / "run").string();
  const auto [signal_number, exit_code] = GENERATE(std::pair{SIGINT, 130}, std::pair{SIGTERM, 143});
  Program program({"train", "cartpole", "--quiet", "--out", run, "--set", "train.episodes=100000000", "--set",
                   "train.stop_at=none", "--set", "eval.every_env_steps=0"});
  wait_for_rows(run, 3);
  ::kill(program.process(), signal_number);
  const Outcome outcome = program.wait();
  CHECK(outcome.exit_code == exit_code);
  CHECK(contains(outcome.err, "to go on: handgrad train --resume " + run));
  const Json summary = Json::parse(get_bytes(folder / "run/summary.json"));
  CHECK(summary["interrupted"] == true);
  CHECK(summary["eval_return_mean"].is_null());
  CHECK(run_program({"eval", run, "--episodes", "1"}).exit_code == 0);

  const std::string more = text("train.episodes=", summary["episodes"].get<int>() + 2);
  const Outcome resumed = run_program({"train", "--resume", run, "--quiet", "--json", "--set", more});
  CHECK(resumed.exit_code == 0);
  CHECK(Json::parse(resumed.last_line())["episodes"] == summary["episodes"].get<int>() + 2);
  check_refused({"train", "--resume", run, "--quiet"}, "has ended");
}

TEST_CASE("two programs do not train in one folder") {
  const TemporaryFolder folder;
  const std::string run = (folder / "run").string();
  Program program({"train", "cartpole", "--quiet", "--out", run, "--set", "train.episodes=100000000", "--set",
                   "train.stop_at=none", "--set", "eval.every_env_steps=0"});
  wait_for_rows(run, 3);
  check_refused({"train", "--resume", run}, "another program", 1);
  ::kill(program.process(), SIGKILL);
  program.wait();
  CHECK(run_program({"train", "--resume", run, "--quiet", "--set", "train.episodes=3"}).exit_code == 0);
}

TEST_CASE("what does not go with --resume is refused") {
  const TemporaryFolder folder;
  const std::string run = (folder / "run").string();
  check_refused({"train", "--resume", run}, "no run folder");
  check_refused({"train", "cartpole", "--resume", run}, "a preset");
  check_refused({"train", "--resume", run, "--seed", "1"}, "--seed");
  check_refused({"train", "--resume", run, "--seeds", "2"}, "--seeds");
  check_refused({"train", "--resume", run, "--out", run}, "--out");
  check_refused({"train", "--resume", run, "--set", "seed=4"}, "cannot be changed");
  check_refused({"train", "cartpole", "--checkpoint-every", "often"}, "--checkpoint-every");
  check_refused({"train", "cartpole", "--keep", "0"}, "--keep");
}

TEST_CASE("several seeds that were stopped are gone on with, each from where it was") {
  const TemporaryFolder folder;
  const auto seeds = [&](const std::string& name) {
    return tiny_run(folder / name) + Arguments{"--seeds", "3", "--threads", "2", "--checkpoint-every", "100steps"};
  };
  CHECK(run_program(seeds("whole")).exit_code == 0);
  CHECK(run_program(seeds("part")).exit_code == 0);
  const fs::path part = folder / "part";
  fs::remove(part / "summary.json");
  fs::remove_all(part / "seed-3");        // not begun
  fs::create_directory(part / "seed-3");  // or as good as not
  std::vector<fs::path> checkpoints;
  for (const auto& entry : fs::directory_iterator(part / "seed-2/checkpoint")) {
    if (entry.path().filename().string().starts_with("step-")) checkpoints.push_back(entry.path());
  }
  std::sort(checkpoints.begin(), checkpoints.end());
  REQUIRE(checkpoints.size() == 2);
  fs::remove_all(checkpoints.back());  // the one that says that it has ended
  const Outcome outcome = run_program({"train", "--resume", part.string(), "--quiet", "--json"});
  CHECK(outcome.exit_code == 0);
  const Json a = Json::parse(get_bytes(folder / "whole/summary.json")), b = Json::parse(outcome.last_line());
  REQUIRE(b["runs"].size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(a["runs"][i]["fingerprint"] == b["runs"][i]["fingerprint"]);
  CHECK(a["mean"]["eval_return_mean"] == b["mean"]["eval_return_mean"]);
}

TEST_CASE("trace refuses an action outside the space by its place") {
  const auto trace = [](const std::string& actions) {
    return Arguments{"trace", "CartPole-v1", "--seed", "0", "--actions", actions};
  };
  check_refused(trace("0,1,2,0"), "action 3 is 2, outside Discrete(2)");
  check_refused(trace("0,-1"), "action 2 is -1");
  check_refused(trace("0,x"), "action 2 is 'x'");
  check_refused(trace("@/nowhere"), "/nowhere", 1);
  check_refused({"trace", "CartPole-v1", "--seed", "-3", "--actions", "0"}, "--seed");
  check_refused({"trace", "CartPole-v7", "--seed", "0", "--actions", "0"}, "CartPole-v1");
  check_refused({"trace", "FrozenLake-v1", "--actions", "0", "--set", "map_nam=8x8"}, "Did you mean 'map_name'?");
}

TEST_CASE("trace prints transitions exactly") {
  const Outcome outcome = run_program({"trace", "CartPole-v1", "--seed", "0", "--actions", "1"});
  REQUIRE(outcome.exit_code == 0);
  CHECK(outcome.out ==
        "{\"t\":0,\"obs\":[\"0x1.c0cbca0000000p-7\",\"-0x1.792e740000000p-6\",\"-0x1.7808d40000000p-5\",\"-0x1.8c0f800000000p-"
        "5\"]}\n"
        "{\"t\":1,\"action\":1,\"obs\":[\"0x1.b1b5740000000p-7\",\"0x1.61bf160000000p-3\",\"-0x1.7ff4a80000000p-5\","
        "\"-0x1.6bad040000000p-2\"],\"reward\":\"0x1.0000000000000p+0\",\"terminated\":false,\"truncated\":false}\n");
}

TEST_CASE("every environment of the list can be traced by the command that the list gives") {
  const Json listed = Json::parse(run_program({"list", "envs", "--json"}).last_line());
  CHECK(listed["envs"].size() == 11);
  for (const Json& row : listed["envs"]) {
    std::istringstream words(row["command"].get<std::string>());
    Arguments arguments{std::istream_iterator<std::string>(words), {}};
    REQUIRE(arguments.at(0) == "handgrad");
    arguments.erase(arguments.begin());
    const Outcome outcome = run_program(arguments);
    CAPTURE(row["command"], outcome.err);
    CHECK(outcome.exit_code == 0);
    CHECK(std::count(outcome.out.begin(), outcome.out.end(), '\n') == 2);
  }
}

TEST_CASE("trace prints integers as such, also those of a tuple") {
  const auto lines = [](const std::string& id, const std::string& actions) {
    return run_program({"trace", id, "--seed", "42", "--actions", actions}).out;
  };
  CHECK(lines("Blackjack-v1", "1") ==
        "{\"t\":0,\"obs\":[15,2,0]}\n"
        "{\"t\":1,\"action\":1,\"obs\":[25,2,0],\"reward\":-1.0,\"terminated\":true,\"truncated\":false,"
        "\"reset_obs\":[5,2,0]}\n");
  CHECK(lines("Taxi-v4", "0") ==
        "{\"t\":0,\"obs\":386}\n"
        "{\"t\":1,\"action\":0,\"obs\":486,\"reward\":-1.0,\"terminated\":false,\"truncated\":false}\n");
}

TEST_CASE("trace resets without a seed where an episode ends, and reads actions from a file") {
  const TemporaryFolder folder;
  put_bytes(folder / "actions", "2 2\n1, 2\n");
  const Outcome outcome =
      run_program({"trace", "FrozenLake-v1", "--seed", "0", "--actions", "@" + (folder / "actions").string(), "--set",
                   "desc=[\"SFG\"]", "--set", "is_slippery=false", "--set", "reward_schedule=[7,-3,-1]"});
  REQUIRE(outcome.exit_code == 0);
  CHECK(contains(outcome.out,
                 "{\"t\":2,\"action\":2,\"obs\":2,\"reward\":7.0,\"terminated\":true,\"truncated\":false,\"reset_obs\":0}\n"));
  CHECK(contains(outcome.out, "{\"t\":3,\"action\":1,\"obs\":0,\"reward\":-1.0,\"terminated\":false,\"truncated\":false}\n"));
}

TEST_CASE("a backend for one instruction set can be asked for, and one that is not there is refused in one line") {
  TemporaryFolder folder;
  CHECK(run_program(tiny_run(folder / "run") + Arguments{"--backend", "simd:baseline"}).exit_code == 0);
  for (const InstructionSet set : available_instruction_sets()) {
    const std::string name = "simd:" + std::string(to_string(set));
    const Outcome outcome = run_program({"explain", "cartpole", "--set", "backend=" + name});
    CAPTURE(name, outcome.err);
    CHECK(outcome.exit_code == 0);
    CHECK(contains(outcome.out, name));
  }
  check_refused({"train", "cartpole", "--backend", "simd:avx3"}, "no instruction set 'avx3': this processor has baseline");
}

TEST_CASE("what informs works everywhere") {
  for (const Arguments& arguments : {Arguments{"list", "--json"}, {"doctor", "--json"}, {"explain", "cartpole", "--json"}}) {
    const Outcome outcome = run_program(arguments);
    CAPTURE(arguments, outcome.err);
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.err.empty());
    CHECK(Json::parse(outcome.last_line()).is_object());
  }
  for (const char* command : {"list", "train", "eval", "trace", "explain", "check", "bench", "doctor", "plot", "watch"}) {
    const Outcome outcome = run_program({command, "--help"});
    CAPTURE(command);
    CHECK(outcome.exit_code == 0);
    CHECK(contains(outcome.out, "Example"));
  }
  CHECK(run_program({"--version"}).out.rfind("handgrad ", 0) == 0);
}
