#include "app/run/norms_log.h"

#include <cmath>

#include "app/config/build_run.h"
#include "app/config/presets.h"
#include "app/plots/run_pictures.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

RunConfig small(const std::string& preset, const std::vector<std::string>& more) {
  std::vector<std::string> set = {"train.episodes=6", "train.env_steps=0", "eval.every_episodes=0", "eval.every_env_steps=0"};
  set.insert(set.end(), more.begin(), more.end());
  return resolve_preset(preset, set).config;
}

/// A run that writes its norms.
struct Watched {
  explicit Watched(const RunConfig& config, const std::filesystem::path& file) : run(build_run(config)) {
    NormsLog log(file, run.trainer->learner());
    run.trainer->run({.on_episode = [&](const EpisodeRecord& record) {
      log.add(record, run.trainer->learner());
      train_steps.push_back(record.train_step);
    }});
    log.flush();
  }
  Run run;
  std::vector<std::int64_t> train_steps;
};

double norm_of(const std::vector<NamedArray>& model, const std::string& name) {
  double sum = 0;
  for (const NamedArray& array : model) {
    if (!name.empty() && array.name != name) continue;
    for (const double x : array.as_doubles()) sum += x * x;
  }
  return std::sqrt(sum);
}

}  // namespace

TEST_CASE("norms of a network are written for each of its arrays, a row an episode") {
  const TemporaryFolder folder;
  const Watched watched(small("cartpole", {"net.hidden=[8]", "dqn.learning_starts=30", "clip.kind=norm", "clip.limit=1e-3"}),
                        folder / "norms.csv");
  const CsvTable table = CsvTable::read(folder / "norms.csv");
  CHECK(table.names() == std::vector<std::string>{"episode", "env_step", "train_step", "0.weight.parameter",
                                                  "0.weight.gradient", "0.bias.parameter", "0.bias.gradient",
                                                  "2.weight.parameter", "2.weight.gradient", "2.bias.parameter",
                                                  "2.bias.gradient", "total.parameter", "total.gradient"});
  REQUIRE(table.rows() == 6);
  const std::vector<NamedArray> model = watched.run.trainer->learner().model();
  CHECK(table.column("0.weight.parameter").back() == Approx(norm_of(model, "0.weight")));
  CHECK(table.column("2.bias.parameter").back() == Approx(norm_of(model, "2.bias")));
  CHECK(table.column("total.parameter").back() == Approx(norm_of(model, "")));
  // As the optimiser saw it: clipped. Before the first train step there is none.
  REQUIRE(watched.train_steps.front() == 0);
  CHECK(table.column("total.gradient").front() == 0.0);
  CHECK(table.column("total.gradient").back() == Approx(1e-3).epsilon(0.02));
  CHECK(table.column("train_step").back() == static_cast<double>(watched.train_steps.back()));
}

TEST_CASE("norms of tables are those of their values, without gradients") {
  const TemporaryFolder folder;
  const Watched one(small("taxi", {}), folder / "one.csv");
  const CsvTable table = CsvTable::read(folder / "one.csv");
  CHECK(table.names().size() == 5);
  CHECK(table.column("q.parameter").back() == Approx(norm_of(one.run.trainer->learner().model(), "q")));
  CHECK(table.column("total.parameter") == table.column("q.parameter"));
  const Watched two(small("taxi", {"algorithm=double_q_learning"}), folder / "two.csv");
  const CsvTable tables = CsvTable::read(folder / "two.csv");
  CHECK(tables.column("q_b.parameter").back() == Approx(norm_of(two.run.trainer->learner().model(), "q_b")));
  CHECK(tables.column("total.parameter").back() == Approx(norm_of(two.run.trainer->learner().model(), "")));
}

TEST_CASE("norms are drawn on logarithmic axes, parameters beside gradients") {
  const TemporaryFolder folder;
  const RunConfig config = small("cartpole", {"net.hidden=[8]", "dqn.learning_starts=0"});
  Watched watched(config, folder / "norms.csv");
  RecordedRun run{folder.path(), config, {}, {}, {}, {}};
  CHECK_FALSE(norms_picture(run, {}).has_value());
  run.norms = CsvTable::read(folder / "norms.csv");
  const auto picture = norms_picture(run, {});
  REQUIRE(picture.has_value());
  CAPTURE(get_bytes(folder / "norms.csv"));
  REQUIRE(picture->panels.size() == 2);
  const auto& gradients = std::get<LineChart>(picture->panels[1]);
  CHECK(gradients.log_y);
  REQUIRE(gradients.curves.size() == 5);
  CHECK(gradients.curves.front().label == "0.weight");
  CHECK(gradients.curves.back().label == "total");
  CHECK(contains(to_text(*picture), "gradient"));
}
