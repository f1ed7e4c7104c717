#include "app/run/fingerprint.h"

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "app/config/build_run.h"
#include "app/config/presets.h"
#include "core/backends.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;
using namespace handgrad::app;
using Json = nlohmann::ordered_json;

namespace {

/// What becomes of a preset in so few steps that a test has time for it: it learns, follows, explores and is evaluated.
RunConfig shortened(const std::string& preset, const std::string& backend) {
  const RunConfig full = resolve_preset(preset, {}).config;
  const bool table = uses_table(full);
  const std::int64_t rows = full.dqn.batch_size;
  const std::int64_t steps = table ? 20'000 : rows + 60;
  std::vector<std::string> set = {"backend=" + backend,
                                  "train.episodes=0",
                                  text("train.env_steps=", steps),
                                  "eval.every_episodes=0",
                                  text("eval.every_env_steps=", steps / 2),
                                  "eval.episodes=2",
                                  "eval.max_episode_steps=50"};
  if (!table) set.insert(set.end(), {"dqn.learning_starts=0", "dqn.train_frequency=1", "dqn.gradient_steps=1"});
  return resolve_preset(preset, set).config;
}

std::string fingerprint_of(const RunConfig& config) {
  const Run run = build_run(config);
  Fingerprint fingerprint;
  run.trainer->run({.on_episode = [&](const EpisodeRecord& record) { fingerprint.add(record); },
                    .on_evaluation = [&](const EvaluationRecord& record) { fingerprint.add(record); }});
  CHECK(run.trainer->learner().train_steps() >= 50);
  CHECK(run.trainer->progress().episodes >= 1);
  return fingerprint.with(run.trainer->learner().model());
}

/// Bits that hang on the C library: its functions are not the same everywhere to the last place.
std::string probe() {
  Crc64 sum;
  const auto add = [&](auto value) { sum.add({reinterpret_cast<const char*>(&value), sizeof value}); };
  for (int i = 0; i < 4000; ++i) {
    const double x = (i - 2000) * 0.00437;  // to both sides of 0, as far as angles, exponents and sums of layers go
    add(std::exp(x));
    add(std::log(std::abs(x) + 1e-9));
    add(std::pow(0.999, static_cast<double>(i)));
    add(std::sin(x));
    add(std::cos(3 * x));
    add(std::tanh(static_cast<float>(x)));
  }
  return hexadecimal(sum.value());
}

const std::filesystem::path kRecorded = HANDGRAD_GOLDEN_DIR "/fingerprints.json";

void record_anew() {
  Json all = {{"meta", "fingerprints of shortened presets on backend reference; see tests/README.md"}, {"probe", probe()}};
  for (const std::string& preset : preset_names()) all["reference"][preset] = fingerprint_of(shortened(preset, "reference"));
  put_bytes(kRecorded, all.dump(2) + "\n");
}

}  // namespace

TEST_CASE("a fingerprint changes with everything that comes of a run") {
  const EpisodeRecord episode{1, 20, 5, 3.5, 20, true, false, 0.5, 0.25};
  const EvaluationRecord evaluation{1, 2, 40, 10, {100, 5.0, 1.0, 4.0, 6.0}, true};
  const std::vector<NamedArray> model = {{"0.weight", {2}, {1.0F, 2.0F}}, {"q", {1}, {}, {3.0}}};
  const auto of = [](const EpisodeRecord& r, const EvaluationRecord& e, const std::vector<NamedArray>& m) {
    Fingerprint fingerprint;
    fingerprint.add(r);
    Fingerprint resumed(fingerprint.so_far());
    resumed.add(e);
    return resumed.with(m);
  };
  std::vector<std::string> all = {of(episode, evaluation, model)};
  CHECK(all[0] == of(episode, evaluation, model));
  CHECK(all[0].size() == 16);
  const auto with_episode = [&](auto change) {
    EpisodeRecord r = episode;
    change(r);
    all.push_back(of(r, evaluation, model));
  };
  const auto with_evaluation = [&](auto change) {
    EvaluationRecord e = evaluation;
    change(e);
    all.push_back(of(episode, e, model));
  };
  const auto with_model = [&](auto change) {
    std::vector<NamedArray> m = model;
    change(m);
    all.push_back(of(episode, evaluation, m));
  };
  with_episode([](EpisodeRecord& r) { ++r.episode; });
  with_episode([](EpisodeRecord& r) { ++r.env_step; });
  with_episode([](EpisodeRecord& r) { ++r.train_step; });
  with_episode([](EpisodeRecord& r) { r.episode_return = std::nextafter(r.episode_return, 4.0); });
  with_episode([](EpisodeRecord& r) { ++r.length; });
  with_episode([](EpisodeRecord& r) { r.terminated = false; });
  with_episode([](EpisodeRecord& r) { r.truncated = true; });
  with_episode([](EpisodeRecord& r) { r.epsilon = 0.5000001; });
  with_episode([](EpisodeRecord& r) { r.loss_mean = 0.2500001; });
  with_episode([](EpisodeRecord& r) { r.loss_mean = std::nullopt; });
  with_evaluation([](EvaluationRecord& e) { ++e.evaluation; });
  with_evaluation([](EvaluationRecord& e) { e.returns.mean = -5.0; });
  with_evaluation([](EvaluationRecord& e) { e.returns.std = 2.0; });
  with_evaluation([](EvaluationRecord& e) { e.returns.min = 3.0; });
  with_evaluation([](EvaluationRecord& e) { e.returns.max = 7.0; });
  with_model([](std::vector<NamedArray>& m) { m[0].values[1] = std::nextafter(2.0F, 3.0F); });
  with_model([](std::vector<NamedArray>& m) { m[1].doubles[0] = std::nextafter(3.0, 4.0); });
  with_model([](std::vector<NamedArray>& m) { m[0].name = "2.weight"; });
  with_model([](std::vector<NamedArray>& m) { m.pop_back(); });
  std::ranges::sort(all);
  CHECK(std::ranges::adjacent_find(all) == all.end());
}

TEST_CASE("every preset learns on the reference backend what it has always learned, to the bit") {
  if (std::getenv("HANDGRAD_RECORD_FINGERPRINTS") != nullptr) {
    record_anew();
    SUCCEED("fingerprints recorded anew in " + kRecorded.string());
    return;
  }
  const Json recorded = Json::parse(get_bytes(kRecorded));
  if (recorded["probe"] != probe()) {
    WARN(
        "skipped: the C library here computes exp, sin and their like with other last bits than where the fingerprints were "
        "recorded");
    return;
  }
  const std::vector<std::string> presets = preset_names();
  CHECK(recorded["reference"].size() == presets.size());
  for (const std::string& preset : presets) {
    INFO("preset " << preset << ": what it learns has changed. See tests/README.md, \"Fingerprints\"");
    REQUIRE(recorded["reference"].contains(preset));
    CHECK(fingerprint_of(shortened(preset, "reference")) == recorded["reference"][preset].get<std::string>());
  }
}

TEST_CASE("every preset learns the same twice, on every other backend") {
  for (const std::string& backend : computing_backends()) {
    if (backend == "reference") continue;
    for (const std::string& preset : preset_names()) {
      const RunConfig config = shortened(preset, backend);
      if (uses_table(config)) continue;  // no backend has a part in it
      CAPTURE(backend, preset);
      CHECK(fingerprint_of(config) == fingerprint_of(config));
    }
  }
}
