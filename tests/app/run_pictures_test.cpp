#include "app/plots/run_pictures.h"

#include <cmath>

#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/program.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

std::vector<std::string> names(const std::vector<PlannedPicture>& planned) {
  std::vector<std::string> result;
  for (const auto& picture : planned) result.push_back(picture.stem.filename().string());
  return result;
}

}  // namespace

TEST_CASE("A run has the pictures that its environment and its learner allow", "[plots]") {
  const TemporaryFolder folder;
  const std::string run = (folder / "lake").string();
  REQUIRE(run_program({"train", "frozenlake-table", "--seed", "1", "--quiet", "--out", run}).exit_code == 0);

  CHECK(names(plan_pictures(run)) == std::vector<std::string>{"returns", "train-and-test", "q", "policy"});

  const auto only = plan_pictures(run, {}, {"policy"});
  REQUIRE(names(only) == std::vector<std::string>{"policy"});
  const auto& map = std::get<ValueMap>(only.front().picture.panels.front());
  REQUIRE(map.paths.size() == 1);
  CHECK(map.paths.front().states.front() == 0);
  CHECK(map.paths.front().states.back() == 15);  // from the start to the goal
  CHECK(map.greedy[5] == -1);                    // nobody does anything in a hole

  CHECK(contains(error_message([&] { plan_pictures(run, {}, {"polcy"}); }), "Did you mean 'policy'?"));
  CHECK(contains(error_message([&] { plan_pictures(run, {}, {"phase"}); }), "has no picture 'phase'"));

  const Outcome text = run_program({"plot", run, "--text", "--what", "q"});
  CHECK(text.exit_code == 0);
  CHECK(contains(text.out, "0.59"));
  const Outcome wrong = run_program({"plot", run, "--set", "mean_lead=one"});
  CHECK(wrong.exit_code == 2);
  CHECK(contains(wrong.err, "expected none or zeros"));
}

TEST_CASE("Taxi is drawn with its walls, Rooms as a table, Blackjack by hands", "[plots]") {
  const TemporaryFolder folder;
  const auto trained = [&](const std::string& id, const std::string& episodes) {
    const auto preset = folder / (id + ".toml");
    put_bytes(preset, "algorithm = \"q_learning\"\n[env]\nid = \"" + id + "\"\n[train]\nepisodes = " + episodes + "\n");
    const std::string run = (folder / id).string();
    REQUIRE(run_program({"train", preset.string(), "--quiet", "--out", run}).exit_code == 0);
    return run;
  };
  const auto taxi = plan_pictures(trained("Taxi-v4", "50"), {}, {"policy"}).front().picture;
  REQUIRE(taxi.panels.size() == 2);
  CHECK(std::get<ValueMap>(taxi.panels[0]).cells.walls.size() == 6);
  CHECK(contains(to_text(taxi), "┃"));

  const auto rooms = plan_pictures(trained("Rooms-v0", "300"), {}, {"q"}).front().picture;
  const auto& table = std::get<HeatMap>(rooms.panels.front());
  CHECK(table.values[1 * 6 + 5] == Approx(100).margin(1));
  CHECK(std::isnan(table.values[0]));  // no door from room 0 to itself

  const auto hands = plan_pictures(trained("Blackjack-v1", "200"), {}, {"hands"}).front().picture;
  REQUIRE(hands.panels.size() == 4);
  CHECK(std::get<PhaseDiagram>(hands.panels.front()).action_names == std::vector<std::string>{"stick", "hit"});
}

TEST_CASE("Losses before the first train step are left out, or are a gap at the beginning", "[plots]") {
  const TemporaryFolder folder;
  const std::string run = (folder / "run").string();
  REQUIRE(run_program({"train", "cartpole", "--quiet", "--out", run, "--set", "train.episodes=10", "--set",
                       "train.stop_at=none", "--set", "net.hidden=[8]", "--set", "dqn.learning_starts=100", "--set",
                       "dqn.batch_size=16", "--set", "eval.episodes=1", "--set", "eval.every_env_steps=0"})
              .exit_code == 0);
  const auto curve = [&](bool infinite) {
    PictureOptions options;
    options.infinite_warmup = infinite;
    const Picture picture = plan_pictures(run, options, {"losses"}).front().picture;
    return std::get<LineChart>(picture.panels.front()).curves.front();
  };
  const Curve omitted = curve(false), gap = curve(true);
  CHECK(gap.x.size() == 10);
  CHECK(omitted.x.size() < 10);
  CHECK(std::isnan(gap.y.front()));
  CHECK(gap.x.front() > 0);  // environment steps have passed, train steps have not
  CHECK(!std::isnan(omitted.y.front()));
}
