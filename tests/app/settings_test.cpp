#include "app/config/settings.h"

#include "app/config/build_run.h"
#include "app/config/presets.h"
#include "app/config/resolve.h"
#include "app/usage_error.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

// A file that lacks nothing, with more lines after it.
std::string minimal(const std::string& more) { return "train.episodes = 10\n[env]\nid = \"CartPole-v1\"\n" + more; }

ResolvedConfig resolve_text(const std::string& toml, const std::vector<std::string>& set = {}) {
  const TemporaryFolder folder;
  put_bytes(folder / "run.toml", toml);
  return resolve_preset((folder / "run.toml").string(), set);
}

std::string complaint(const std::string& toml, const std::vector<std::string>& set = {}) {
  return error_message([&] { resolve_text(toml, set); });
}

}  // namespace

TEST_CASE("every setting is described, once") {
  std::vector<std::string> keys;
  for (const auto& setting : all_settings()) {
    CAPTURE(setting.key);
    CHECK(std::find(keys.begin(), keys.end(), setting.key) == keys.end());
    CHECK_FALSE(setting.meaning.empty());
    CHECK_FALSE(setting.allowed.empty());
    keys.push_back(setting.key);
  }
}

TEST_CASE("a setting refuses every value of a type that is not its own") {
  RunConfig config;
  for (const auto& setting : all_settings()) {
    CAPTURE(setting.key);
    const SettingValue own = setting.get(config);
    const std::vector<SettingValue> values = {true,
                                              std::int64_t{3},
                                              0.5,
                                              std::string("?"),
                                              std::vector<std::int64_t>{1},
                                              std::vector<double>{0.5},
                                              std::vector<std::string>{"a"}};
    for (const SettingValue& value : values) {
      const bool whole_for_real =
          (std::holds_alternative<double>(own) && std::holds_alternative<std::int64_t>(value)) ||
          (std::holds_alternative<std::vector<double>>(own) && std::holds_alternative<std::vector<std::int64_t>>(value));
      const bool number_or_none = contains(setting.allowed, "or \"none\"");
      if (value.index() == own.index() || whole_for_real || number_or_none) continue;
      CAPTURE(to_toml(value));
      CHECK_THROWS_AS(setting.set(config, value), Error);
    }
  }
}

TEST_CASE("config.toml reads back as the same run") {
  for (const auto& preset : preset_names()) {
    CAPTURE(preset);
    const bool tabular = uses_table(resolve_preset(preset, {}).config);
    const std::string array = tabular ? "tabular.initial=[-7, 5.5]" : "net.hidden=[7, 5]";
    const std::string gamma = tabular ? "tabular.gamma" : "dqn.gamma";
    const RunConfig config =
        resolve_preset(preset, {array, "seed=12345678901234567", gamma + "=0.1234567890123456789"}).config;
    const std::string written = to_toml(config);
    CHECK(to_toml(resolve_text(written).config) == written);
    CHECK(all_values(resolve_text(written).config) == all_values(config));
  }
}

TEST_CASE("config.toml keeps the environment's options") {
  const std::string lake =
      "train.env_steps = 10\n[env]\nid = \"FrozenLake-v1\"\ndesc = [\"SFFF\", \"FFFG\"]\n"
      "reward_schedule = [7, -3, -1.5]\nis_slippery = false\nmax_episode_steps = 33\n";
  const RunConfig config = resolve_text(lake).config;
  CHECK(config.environment.options.at("is_slippery") == OptionValue(false));
  CHECK(config.environment.options.at("desc") == OptionValue(std::vector<std::string>{"SFFF", "FFFG"}));
  CHECK(config.environment.max_episode_steps == 33);
  CHECK(all_values(resolve_text(to_toml(config)).config) == all_values(config));
}

TEST_CASE("the environment brings its limit and its threshold") {
  const RunConfig config = resolve_text(minimal("")).config;
  CHECK(config.environment.max_episode_steps == 500);
  CHECK(config.trainer.solved_threshold == 475.0);
}

TEST_CASE("an optimiser brings its own defaults, wherever its name stands") {
  CHECK(resolve_text(minimal("[optimizer]\nname = \"adam_keras\"\n")).config.dqn.optimizer.eps == 1e-7);
  const auto config = resolve_text(minimal("[optimizer]\nlr = 0.5\nname = \"adamw\"\n")).config;
  CHECK(config.dqn.optimizer.lr == 0.5);
  CHECK(config.dqn.optimizer.weight_decay == 0.01);
  CHECK(resolve_text(minimal(""), {"optimizer.name=rmsprop"}).config.dqn.optimizer.lr == 0.01);
}

TEST_CASE("later assignments win, and explain knows them") {
  const ResolvedConfig resolved =
      resolve_text(minimal("[dqn]\ngamma = 0.5\nn_step = 3\n"), {"dqn.gamma=0.6", "dqn.gamma=0.7"});
  CHECK(resolved.config.dqn.gamma == 0.7);
  CHECK(resolved.origins.at("dqn.gamma") == "--set dqn.gamma=0.7");
  CHECK(contains(resolved.origins.at("dqn.n_step"), "run.toml:6"));
  CHECK(resolved.origins.count("dqn.double") == 0);
}

TEST_CASE("an unknown key names file, line and the nearest key") {
  const std::string message = complaint(minimal("[dqn]\ngama = 0.9\n"));
  CHECK(contains(message, "run.toml:5"));
  CHECK(contains(message, "'dqn.gama'"));
  CHECK(contains(message, "'dqn.gamma'"));
  CHECK(contains(complaint(minimal(""), {"gamma=0.9"}), "Did you mean 'dqn.gamma'?"));
  CHECK(contains(complaint(minimal(""), {"env.map_name=8x8"}), "CartPole-v1 has no option 'map_name'"));
}

TEST_CASE("wrong values name file, line, key and what was expected") {
  const auto wrong = [](const std::string& lines) { return complaint(minimal(lines)); };
  CHECK(contains(wrong("[dqn]\ngamma = 1.01\n"), "run.toml:5: dqn.gamma: expected a number in [0, 1], found the number 1.01"));
  CHECK(contains(wrong("[dqn]\ngamma = nan\n"), "dqn.gamma: expected a number in [0, 1]"));
  CHECK(contains(wrong("[optimizer]\nlr = inf\n"), "optimizer.lr: expected a number >= 0"));
  CHECK(contains(wrong("[dqn]\nbatch_size = 0\n"), "expected a whole number from 1"));
  CHECK(contains(wrong("[dqn]\nbatch_size = 32.0\n"), "expected a whole number"));
  CHECK(contains(wrong("[dqn]\nbatch_size = \"32\"\n"), "found the string \"32\""));
  CHECK(contains(wrong("[dqn]\ndouble = 1\n"), "expected true or false"));
  CHECK(contains(wrong("[loss]\nname = \"hubber\"\n"), "Did you mean 'huber'?"));
  CHECK(contains(wrong("[net]\nhidden = [64, 0]\n"), "expected an array of whole numbers"));
  CHECK(contains(wrong("[net]\nhidden = 1979-05-27\n"), "dates and times"));
  CHECK(contains(wrong("[dqn]\nreplay_capacity = 10\n"), "replay"));
}

TEST_CASE("what makes no run is refused") {
  CHECK(contains(complaint("[env]\nid = \"CartPole-v1\"\n"), "train.episodes or train.env_steps"));
  CHECK(contains(complaint("train.episodes = 1\n"), "env.id is not set"));
  CHECK(contains(complaint("train.episodes = 1\nenv.id = \"CartPoel-v1\"\n"), "CartPole-v1"));
  CHECK(contains(complaint("train.episodes = \n"), "run.toml:1: not valid TOML"));
  CHECK(contains(complaint(minimal("").insert(0, "preset = \"../up\"\n")), "cannot name a folder"));
  CHECK(contains(complaint(minimal(""), {"eval.environment=clone", "env.block_steps=9"}), "eval.environment=clone: "));
  CHECK(contains(complaint(minimal("").insert(0, "backend = \"gpu\"\n")), "no backend 'gpu'"));
}

namespace {

const std::string kWithVariants = minimal(
    "[dqn]\ngamma = 0.5\n[variants.small]\ndescription = \"few\"\nnet.hidden = [3]\ndqn.gamma = 0.6\n"
    "[variants.slow.dqn]\ngamma = 0.7\ntrain_frequency = 9\n");

}  // namespace

TEST_CASE("variants go over the file, later ones over earlier ones, and single settings over both") {
  const auto gamma = [](const std::vector<std::string>& set) { return resolve_text(kWithVariants, set).config.dqn.gamma; };
  CHECK(gamma({}) == 0.5);
  CHECK(gamma({"variant=small"}) == 0.6);
  CHECK(gamma({"variant=[\"slow\", \"small\"]"}) == 0.6);
  CHECK(gamma({"variant=[\"small\", \"slow\"]"}) == 0.7);
  CHECK(gamma({"dqn.gamma=0.8", "variant=small"}) == 0.8);
  CHECK(gamma({"variant=small", "variant=[]"}) == 0.5);
  CHECK(resolve_text("variant = \"slow\"\n" + kWithVariants).config.dqn.gamma == 0.7);

  const ResolvedConfig resolved = resolve_text(kWithVariants, {"variant=small"});
  CHECK(resolved.config.dqn.hidden == std::vector<std::int64_t>{3});
  CHECK(resolved.config.dqn.train_frequency == 1);
  CHECK(resolved.config.variants == std::vector<std::string>{"small"});
  CHECK(resolved.origins.at("dqn.gamma").starts_with("variant small of "));
  CHECK(contains(resolved.origins.at("dqn.gamma"), "run.toml:9"));
  REQUIRE(resolved.variants.size() == 2);
  CHECK(resolved.variants[0].name == "small");
  CHECK(resolved.variants[0].description == "few");
}

TEST_CASE("config.toml of a variant is the same run again, with its name") {
  const RunConfig config = resolve_text(kWithVariants, {"variant=[\"small\", \"slow\"]", "dqn.gamma=0.9"}).config;
  const ResolvedConfig again = resolve_text(to_toml(config));
  CHECK(all_values(again.config) == all_values(config));
  CHECK(run_name(again.config) == "run-small-slow");
  CHECK(to_toml(again.config) == to_toml(config));
}

TEST_CASE("a variant that is not there, or says nonsense, is refused") {
  CHECK(contains(complaint(kWithVariants, {"variant=smal"}),
                 "--set variant=smal: the preset has no variant 'smal'. Did you mean 'small'? It has small, slow"));
  CHECK(contains(complaint(minimal(""), {"variant=small"}), "It has none"));
  CHECK(contains(complaint(kWithVariants, {"variant=3"}), "expected a name or an array of names"));
  CHECK(contains(complaint(minimal("[variants.a]\ndqn.gama = 1\n"), {"variant=a"}), "variant a of "));
  CHECK(contains(complaint(minimal("[variants]\na = 1\n")), "a variant is a table, [variants.a]"));
  CHECK(contains(complaint(minimal("[variants.\"a b\"]\ndqn.gamma = 1\n")), "'a b' is no name"));
  CHECK(contains(complaint(minimal("[variants.a]\nvariant = \"a\"\n")), "cannot choose variants"));
  CHECK(contains(complaint(minimal("[variants.a]\ndescription = 1\n")), "description has to be a string"));
}

// Once a short file could ask for a long variant so often that no memory was enough.
TEST_CASE("a variant is chosen once, and there are not more than a thousand") {
  CHECK(contains(complaint(minimal("[variants.a]\ndqn.gamma = 0.5\n"), {"variant=[\"a\", \"a\"]"}),
                 "variant: 'a' is chosen twice"));
  std::string many;
  for (int i = 0; i <= 1000; ++i) many += "variants.v" + std::to_string(i) + ".seed = 1\n";
  CHECK(contains(complaint(many + minimal("")), "more than 1000 variants"));
}

// Once each of them was compared with all before it.
TEST_CASE("a hundred thousand settings that nobody knows take no time") {
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "k" + std::to_string(i) + " = 1\n";
  CHECK(contains(complaint(many), "there is no setting 'k0'"));
}

TEST_CASE("every variant of every preset makes a run, and says what it is") {
  for (const auto& preset : preset_names()) {
    for (const Variant& variant : resolve_preset(preset, {}).variants) {
      CAPTURE(preset, variant.name);
      CHECK_FALSE(variant.description.empty());
      const RunConfig config = resolve_preset(preset, {"variant=" + variant.name}).config;
      CHECK(all_values(resolve_text(to_toml(config)).config) == all_values(config));
    }
  }
}

TEST_CASE("--set takes TOML, and bare words as strings") {
  CHECK(parse_set("a.b=3").value == SettingValue(std::int64_t{3}));
  CHECK(parse_set("a.b = 1e-3").value == SettingValue(1e-3));
  CHECK(parse_set("a=true").value == SettingValue(true));
  CHECK(parse_set("a=\"x = y\"").value == SettingValue("x = y"));
  CHECK(parse_set("a=8x8").value == SettingValue("8x8"));
  CHECK(parse_set("a=CartPole-v1").value == SettingValue("CartPole-v1"));
  CHECK(parse_set("a=[64, 64]").value == SettingValue(std::vector<std::int64_t>{64, 64}));
  CHECK(parse_set("a=[7, -3.5]").value == SettingValue(std::vector<double>{7, -3.5}));
  CHECK(parse_set("a=[\"SF\", \"FG\"]").value == SettingValue(std::vector<std::string>{"SF", "FG"}));
  CHECK(parse_set("a=[]").value == SettingValue(std::vector<std::int64_t>{}));
  CHECK(parse_set(" a.b =x").key == "a.b");
}

TEST_CASE("a malformed --set is refused") {
  for (const char* wrong :
       {"", "a", "=3", "a=", "a=[1,", "a=\"open", "a={b=1}", "a=[1, \"x\"]", "a=[[1]]", "a=two words", "a=1\nb=2"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_set(wrong), UsageError);
  }
}

TEST_CASE("stop_at can be taken back") {
  CHECK(resolve_preset("cartpole", {"train.stop_at=none"}).config.trainer.stop_threshold == std::nullopt);
  CHECK(resolve_preset("cartpole", {"train.stop_at=100"}).config.trainer.stop_threshold == 100.0);
}

TEST_CASE("the tutorial's preset has the tutorial's values") {
  const RunConfig config = resolve_preset("cartpole-dqn-tutorial", {}).config;
  CHECK(config.environment.id == "CartPole-v1");
  CHECK(config.dqn.hidden == std::vector<std::int64_t>{128, 128});
  CHECK(config.dqn.optimizer.kind == OptimizerKind::adamw);
  CHECK(config.dqn.optimizer.lr == 3e-4);
  CHECK(config.dqn.optimizer.amsgrad);
  CHECK(config.dqn.clipping.kind == Clipping::Kind::value);
  CHECK(config.dqn.clipping.limit == 100);
  CHECK(config.dqn.replay_capacity == 10'000);
  CHECK_FALSE(config.dqn.replay_replacement);
  CHECK(config.dqn.batch_size == 128);
  CHECK(config.dqn.target.kind == TargetUpdate::Kind::soft);
  CHECK(config.dqn.target.unit == TargetUpdate::Unit::env_step);
  CHECK(config.dqn.epsilon.at(2500) == Approx(0.337413).margin(1e-6));
  CHECK(config.trainer.max_episodes == 600);
}

TEST_CASE("the course exercise's preset learns first from 202 transitions and copies in step 1, 101, ...") {
  const RunConfig config = resolve_preset("cartpole-dqn-rlmep", {}).config;
  CHECK(config.dqn.hidden == std::vector<std::int64_t>{16, 16});
  CHECK(config.dqn.batch_size == 32);
  CHECK(config.dqn.learning_starts == 201);
  CHECK(config.dqn.target.every == 100);
  CHECK(config.dqn.target.phase == 1);
  CHECK(config.dqn.epsilon.at(100'000) == 0.1);
  CHECK(config.trainer.max_episodes == 500);
  CHECK(config.final_evaluation_episodes == 100);
}

TEST_CASE("the exercise's preset on the lake shows the network rows and columns") {
  const RunConfig config = resolve_preset("frozenlake-dqn", {}).config;
  CHECK(config.environment.observation == ObservationKind::row_column);
  CHECK(config.environment.options.at("is_slippery") == OptionValue(false));
  CHECK(config.dqn.gamma == 0.9);
  CHECK(config.dqn.batch_size == 64);
  CHECK(config.dqn.learning_starts == 201);
  CHECK(config.trainer.max_episodes == 1000);
}

TEST_CASE("the Keras exercise's preset makes 128 updates after 400 steps, 200 times") {
  const RunConfig config = resolve_preset("cartpole-dqn-tf", {}).config;
  CHECK(config.dqn.optimizer.kind == OptimizerKind::adam_keras);
  CHECK(config.dqn.optimizer.eps == 1e-7);
  CHECK(config.environment.block_steps == 400);
  CHECK(config.dqn.train_frequency == 400);
  CHECK(config.dqn.gradient_steps == 128);
  CHECK(config.trainer.max_env_steps == 80'000);
  CHECK(config.dqn.loss_over == LossOver::all);
  CHECK(config.dqn.untaken == Untaken::target_s);
  CHECK(config.trainer.evaluation_max_steps == 200);
  const auto variant = [](const std::string& name) { return resolve_preset("cartpole-dqn-tf", {"variant=" + name}).config; };
  CHECK(variant("faithful").trainer.evaluation_max_steps == 201);
  CHECK(variant("formulas").dqn.untaken == Untaken::target_next);
  CHECK(variant("correct").dqn.untaken == Untaken::online_s);
}

TEST_CASE("the course project's preset has two sets of numbers, and what it does otherwise beside them") {
  const auto config = [](const std::string& variants) {
    return resolve_preset("cartpole-dqn-hadiji", {"variant=" + variants}).config;
  };
  auto plain = all_values(config("[]")), diy = all_values(config("diy")), correct = all_values(config("correct"));
  for (auto* values : {&plain, &diy, &correct}) {
    std::erase_if(*values, [](const auto& value) { return value.first == "variant"; });
  }
  CHECK(diy == plain);
  CHECK(correct == plain);
  const RunConfig q4 = config("[\"q4\", \"faithful\"]");
  CHECK(q4.dqn.optimizer.lr == 2);
  CHECK(q4.dqn.batch_size == 12);
  CHECK(q4.dqn.epsilon.span == 1000);
  CHECK(q4.dqn.epsilon.at(0, 300) == 0.1);  // never computed anew
  CHECK(q4.dqn.target.initial == TargetUpdate::Initial::independent);
  CHECK(q4.trainer.evaluation_environment == EvaluationEnvironment::clone);
  CHECK(q4.trainer.stop_threshold == 300);
  CHECK(q4.final_evaluation_episodes == 20);
}
