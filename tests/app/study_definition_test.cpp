// Studies as data: reading them, what is refused, and that those which come with the program make sense.

#include "app/study/studies.h"
#include "app/study/study.h"
#include "app/usage_error.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

const std::string kMeasure = "[[measure]]\nkind = \"final_return\"\nas = \"final\"\n";

// Puts lines at the top of a study that lacks nothing, and more at its end.
StudyDefinition read(const std::string& top, const std::string& more = "", const std::vector<std::string>& set = {}) {
  const TemporaryFolder folder;
  put_bytes(folder / "tiny.toml", "title = \"Tiny\"\n" + top + "\n" + kMeasure + more);
  return load_study((folder / "tiny.toml").string(), set);
}

std::string complaint(const std::string& top, const std::string& more = "", const std::vector<std::string>& set = {}) {
  return error_message([&] { resolve_study(read("preset = \"cartpole\"\n" + top, more, set)); });
}

std::vector<std::string> labels(const Study& study) {
  std::vector<std::string> result;
  for (const auto& arm : study.arms) result.push_back(arm.label);
  return result;
}

const std::string kGammas = "[[sweep]]\nkey = \"dqn.gamma\"\nname = \"gamma\"\nvalues = [0.5, 0.9]\n";

}  // namespace

TEST_CASE("arms times sweeps make a grid, resolved over preset and study") {
  const Study study = resolve_study(read("preset = \"cartpole\"\nset.dqn.batch_size = 7\n" + kGammas +
                                         "[[sweep]]\nkey = \"net.hidden\"\nvalues = [\"[4]\", \"[8, 8]\"]\n"
                                         "[[arm]]\nlabel = \"a\"\n[[arm]]\nlabel = \"b\"\nset.dqn.batch_size = 9\n"));
  CHECK(labels(study) == std::vector<std::string>{"a, gamma 0.5, net.hidden [4]", "a, gamma 0.5, net.hidden [8, 8]",
                                                  "a, gamma 0.9, net.hidden [4]", "a, gamma 0.9, net.hidden [8, 8]",
                                                  "b, gamma 0.5, net.hidden [4]", "b, gamma 0.5, net.hidden [8, 8]",
                                                  "b, gamma 0.9, net.hidden [4]", "b, gamma 0.9, net.hidden [8, 8]"});
  const RunConfig& last = study.arms.back().config;
  CHECK(last.dqn.batch_size == 9);
  CHECK(last.dqn.gamma == 0.9);
  CHECK(last.dqn.hidden == std::vector<std::int64_t>{8, 8});
  CHECK(study.arms.front().config.dqn.batch_size == 7);
  CHECK(study.arms.front().config.dqn.optimizer.lr == 7e-3);  // the preset's
  CHECK(differing_keys(study) == std::vector<std::string>{"net.hidden", "dqn.gamma", "dqn.batch_size"});
}

TEST_CASE("without arms and sweeps a study is one arm named after its preset") {
  const Study study = resolve_study(read("preset = \"cartpole\"\nseeds = 3\nseed = 5"));
  CHECK(labels(study) == std::vector<std::string>{"cartpole"});
  CHECK(study.runs() == 3);
  CHECK(study.last_seed() == 7);
}

TEST_CASE("a study written down reads back as the same study") {
  const std::string more = kGammas +
                           "[[arm]]\nlabel = \"a\"\nset.env.max_episode_steps = 20\n"
                           "[[measure]]\nkind = \"reached\"\nthreshold = 20\nwindow = 5\n"
                           "[[figure]]\nkind = \"curves\"\nthreshold = 20\narms = [\"a, gamma 0.5\"]\n"
                           "[[bar]]\ntext = \"x\"\nmeasure = \"final\"\narm = \"*\"\nis = \">=\"\nvalue = 3\nat_least = 1\n"
                           "[[bar]]\ntext = \"y\"\nmeasure = \"final\"\nstatistic = \"median\"\nsetting = \"dqn.gamma\"\n"
                           "at = 0.9\nextreme = \"largest\"\n";
  const StudyDefinition study = read("preset = \"cartpole\"\nquestion = \"why \\\"so\\\"?\"", more, {"train.episodes=3"});
  const TemporaryFolder folder;
  put_bytes(folder / "again.toml", to_toml(study));
  CHECK(to_toml(load_study((folder / "again.toml").string())) == to_toml(study));
  CHECK(resolve_study(study).arms.back().config.trainer.max_episodes == 3);
}

TEST_CASE("--set changes preset, sweep and settings of every run") {
  const StudyDefinition study = read("preset = \"cartpole\"", kGammas,
                                     {"preset=cartpole-dqn-tutorial", "key=optimizer.lr", "values=[1, 1e-3]", "dqn.n_step=2"});
  const Study resolved = resolve_study(study);
  CHECK(labels(resolved) == std::vector<std::string>{"optimizer.lr 1", "optimizer.lr 0.001"});
  CHECK(resolved.arms[1].config.dqn.optimizer.lr == 1e-3);
  CHECK(resolved.arms[1].config.dqn.n_step == 2);
  CHECK(resolved.arms[1].config.preset == "cartpole-dqn-tutorial");
}

TEST_CASE("a mistake in a study is named with its place") {
  CHECK(contains(complaint("seeeds = 3"), "Did you mean 'seeds'?"));
  CHECK(contains(complaint("seeds = 0"), "tiny.toml:3: seeds: expected a whole number >= 1"));
  CHECK(contains(complaint("", "[[arm]]\npreset = \"cartpole\"\n"), "[[arm]] needs a 'label'"));
  CHECK(contains(complaint("", "[[arm]]\n"), "[[arm]] is empty"));
  CHECK(contains(complaint("", "[[arm]]\nlabel = \"a\"\nlabl = 1\n"), "Did you mean 'label'?"));
  CHECK(contains(complaint("", "[[arm]]\nlabel = \"a\"\n[[arm]]\nlabel = \"a\"\n"), "two arms are called 'a'"));
  CHECK(contains(complaint("arm = 3"), "'arm' is a table"));
  CHECK(contains(complaint("", "[[sweep]]\nkey = \"dqn.gamma\"\n"), "'values'"));
  CHECK(contains(complaint("", "[[measure]]\nkind = \"final_retrun\"\n"), "Did you mean 'final_return'?"));
  CHECK(contains(complaint("", "[[measure]]\nkind = \"reached\"\n"), "needs 'threshold'"));
  CHECK(contains(complaint("", kMeasure), "two measures are called 'final'"));
  CHECK(contains(complaint("", "[[figure]]\nkind = \"bars\"\nmeasure = \"finl\"\n"), "Did you mean 'final'?"));
  CHECK(contains(complaint("", "[[figure]]\nkind = \"pie\"\n"), "one of curves, bars, heat_map"));
  CHECK(contains(error_message([] { load_study("study-grit"); }), "Did you mean 'study-grid'?"));
  CHECK(contains(error_message([] { load_study("nowhere.toml"); }), "nowhere.toml"));
}

// Once "../../" in a study from elsewhere led out of its folder.
TEST_CASE("a study's folder and its pictures are called what stays where it is") {
  for (const char* name : {"../x", "/tmp/x", ".x", ".."}) {
    CAPTURE(name);
    CHECK(contains(complaint("id = \"" + std::string(name) + "\""), "cannot name a file"));
    CHECK(contains(complaint("", "[[figure]]\nfile = \"" + std::string(name) + "\"\n"), "cannot name a file"));
  }
  CHECK(contains(
      complaint("", "[[measure]]\nkind = \"final_return\"\nas = \"a/b\"\n[[figure]]\nkind = \"bars\"\nmeasure = \"a/b\"\n"),
      "cannot name a file"));
}

// Once the first element of an empty list was read.
TEST_CASE("an element that holds nothing but an empty table is empty") {
  CHECK(contains(complaint("", "[[arm]]\n[arm.set]\n[[arm]]\nlabel = \"a\"\n"), "[[arm]] number 1 is empty"));
}

// Once sweeps were multiplied out before they were counted.
TEST_CASE("a study has at most ten thousand arms, and their folders names of their own") {
  std::string sweeps;
  for (const char* key : {"dqn.gamma", "optimizer.lr", "optimizer.beta1"}) {
    sweeps += "[[sweep]]\nkey = \"" + std::string(key) + "\"\nvalues = [0";
    for (int i = 1; i < 5000; ++i) sweeps += ", " + std::to_string(i);
    sweeps += "]\n";
  }
  CHECK(contains(complaint("", sweeps), "more than 10000 combinations"));
  const Study study = resolve_study(read("preset = \"cartpole\"",
                                         "[[arm]]\nlabel = \"a/b\"\n[[arm]]\nlabel = \"a-b\"\n"
                                         "[[arm]]\nlabel = \"a-b-2\"\n[[arm]]\nlabel = \"a b\"\n"));
  std::vector<std::string> folders;
  for (const auto& arm : study.arms) folders.push_back(arm.folder);
  CHECK(folders == std::vector<std::string>{"a-b", "a-b-2", "a-b-2-2", "a-b-3"});
}

TEST_CASE("an arm that does not resolve is named") {
  const std::string wrong_key = complaint("", "[[arm]]\nlabel = \"good\"\n[[arm]]\nlabel = \"bad\"\nset.dqn.gama = 1\n");
  CHECK(contains(wrong_key, "arm 'bad'"));
  CHECK(contains(wrong_key, "Did you mean 'dqn.gamma'?"));
  CHECK(contains(complaint("", "[[arm]]\nlabel = \"bad\"\npreset = \"cartpol\"\n"), "arm 'bad': there is no preset"));
  CHECK(contains(complaint("", "[[measure]]\nkind = \"exact_value\"\n"), "needs an environment that is a table"));
}

TEST_CASE("a bar has to be one that can be judged") {
  const auto refused = [](const std::string& lines) {
    return complaint("", kGammas + "[[bar]]\ntext = \"x\"\nmeasure = \"final\"\n" + lines);
  };
  CHECK(contains(refused("arm = \"*\"\nis = \">\"\nvalue = 1\n"), "at_least or at_most"));
  CHECK(contains(refused("arm = \"*\"\nat_least = 1\n"), "needs 'is'"));
  CHECK(contains(refused("arm = \"*\"\nis = \">\"\nat_least = 1\n"), "'value'"));
  CHECK(contains(refused("arm = \"*\"\nis = \"near\"\nvalue = 1\nat_least = 1\n"), "'within'"));
  CHECK(contains(refused("is = \">\"\nvalue = 1\nat_least = 1\n"), "which arm?"));
  CHECK(contains(refused("arm = \"gamma 0.6\"\nis = \">\"\nvalue = 1\nat_least = 1\n"), "Did you mean 'gamma 0.5'?"));
  CHECK(contains(refused("statistic = \"mean\"\nextreme = \"largest\"\nsetting = \"dqn.gamma\"\nat = 0.7\n"), "at 0.7"));
}

TEST_CASE("every study that comes with the program resolves, and asks something") {
  for (const auto& name : study_names()) {
    CAPTURE(name);
    StudyDefinition definition;
    REQUIRE_NOTHROW(definition = load_study(name));
    REQUIRE_NOTHROW(resolve_study(definition));
    CHECK(definition.id == name);
    CHECK_FALSE(definition.title.empty());
    const bool reproduces = name.starts_with("reproduce-") || name == "tabular-optimal";
    CHECK((reproduces || !definition.question.empty()));
    CHECK((!name.starts_with("reproduce-") || !definition.bars.empty()));
  }
}
