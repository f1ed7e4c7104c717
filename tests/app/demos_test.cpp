// The demos as functions: the numbers that they are known for.

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "app/demos/demo.h"
#include "app/demos/learned_table.h"
#include "app/demos/table_fit.h"
#include "app/usage_error.h"
#include "envs/frozen_lake_map.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;
using namespace handgrad::app;
using Json = nlohmann::json;

namespace {

DemoReport run(const std::string& id, const std::vector<std::string>& set = {}, std::uint64_t seed = 1) {
  const Demo& demo = known_demo(id);
  return demo.run({DemoValues(demo.settings, set), seed});
}

Json result(const std::string& id, const std::vector<std::string>& set = {}, std::uint64_t seed = 1) {
  return Json::parse(run(id, set, seed).json);
}

std::string complaint(const std::string& id, const std::string& set) {
  return error_message([&] { run(id, {set}); });
}

}  // namespace

TEST_CASE("every demo runs with its standard settings, says something, and says it again for the same seed", "[demos]") {
  std::set<std::string> ids;
  for (const Demo& demo : all_demos()) {
    CAPTURE(demo.id);
    CHECK(ids.insert(demo.id).second);
    CHECK_FALSE(demo.about.empty());
    const DemoReport once = run(demo.id), again = run(demo.id);
    CHECK(once.text.size() > 100);
    CHECK(once.text.back() == '\n');
    CHECK(once.text == again.text);
    CHECK(once.json == again.json);
    CHECK(Json::parse(once.json).is_object());
  }
  CHECK(ids.size() == 14);
}

TEST_CASE("the bars of the demos are met with the settings they are stated for", "[demos]") {
  const std::map<std::string, std::vector<std::string>> settings = {{"frozenlake-fit", {"seeds=20"}},
                                                                    {"cartpole-random", {"episodes=10000"}}};
  std::map<std::string, std::size_t> counts;
  for (const Demo& demo : all_demos()) {
    const auto found = settings.find(demo.id);
    for (const DemoBar& bar : run(demo.id, found == settings.end() ? std::vector<std::string>{} : found->second).bars) {
      CAPTURE(demo.id, bar.text, bar.measured);
      CHECK(bar.met);
      CHECK_FALSE(bar.measured.empty());
      ++counts[demo.id];
    }
  }
  CHECK(counts == std::map<std::string, std::size_t>{{"frozenlake-tour", 2},
                                                     {"qnet-shape", 1},
                                                     {"frozenlake-fit", 2},
                                                     {"frozenlake-random-init", 2},
                                                     {"table-limits", 2},
                                                     {"epsilon-curve", 3},
                                                     {"epsilon-schedules", 4},
                                                     {"tensor-101", 2},
                                                     {"adam-101", 1},
                                                     {"cartpole-random", 1},
                                                     {"mountaincar-phase", 5}});
  CHECK(run("adam-101", {"theta=0"}).bars.empty());
  CHECK(run("cartpole-random").bars.empty());
}

TEST_CASE("every setting of a demo is described, and its standard value is allowed", "[demos]") {
  for (const Demo& demo : all_demos()) {
    for (const DemoSetting& setting : demo.settings) {
      CAPTURE(demo.id, setting.key);
      CHECK_FALSE(setting.meaning.empty());
      CHECK_FALSE(allowed(setting).empty());
      const std::string assignment = setting.key + "=" + to_toml(setting.standard);
      CHECK(DemoValues(demo.settings, {assignment}).value(setting.key) == setting.standard);
    }
  }
}

TEST_CASE("a demo refuses settings that make no sense, with a suggestion", "[demos]") {
  CHECK(contains(complaint("frozenlake-fit", "transfrom=true"), "Did you mean 'transform'?"));
  CHECK(contains(complaint("frozenlake-tour", "slippery=3"), "expected true or false, found the whole number 3"));
  CHECK(contains(complaint("frozenlake-fit", "form=al"), "Did you mean 'all'?"));
  CHECK(
      contains(complaint("frozenlake-fit", "seeds=0"), "expected a whole number from 1 to 100,000, found the whole number 0"));
  CHECK(contains(complaint("frozenlake-fit", "lr=-1"), "expected a number >= 0"));
  CHECK(contains(complaint("frozenlake-tour", "actions=[0,4]"), "expected whole numbers from 0 to 3"));
  CHECK(contains(complaint("frozenlake-tour", "actions=[]"), "expected whole numbers from 0 to 3"));
  CHECK(contains(complaint("tensor-101", "x=1"), "This demo has none"));
  CHECK(contains(complaint("adam-101", "x=0"), "nothing to learn"));
  CHECK(contains(complaint("spaces", "env=CartPol-v1"), "CartPole-v1"));
  CHECK(contains(error_message([] { known_demo("frozenlake-tor"); }), "Did you mean 'frozenlake-tour'?"));
  CHECK_THROWS_AS(known_demo(""), UsageError);
  CHECK(DemoValues(known_demo("adam-101").settings, {"lr=1"}).number("lr") == 1.0);  // a whole number is a number
}

TEST_CASE("frozenlake-tour walks through the states 0, 4 and 5, a hole", "[demos]") {
  const DemoReport report = run("frozenlake-tour");
  const Json tour = Json::parse(report.json);
  CHECK(tour["states"] == Json({0, 4, 5}));
  CHECK(tour["rewards"] == Json({0.0, 0.0}));
  CHECK(tour["terminated"] == true);
  CHECK(tour["contains"] == Json({true, true, true, true, false}));
  CHECK(tour["action_space"] == "Discrete(4)");
  CHECK(tour["observation_space"] == "Discrete(16)");
  CHECK(report.frames.size() == 3);
  const DemoReport other = run("frozenlake-tour", {"actions=[1,1,2,2,1,2,0,0]"});
  CHECK(Json::parse(other.json)["states"] == Json({0, 4, 8, 9, 10, 14, 15}));
  CHECK(Json::parse(other.json)["rewards"].back() == 1.0);
  CHECK(contains(other.text, "the episode is over: 2 actions are left out"));
}

TEST_CASE("qnet-shape gives a row a state and a column an action", "[demos]") {
  const Json one = result("qnet-shape");
  CHECK(one["shape"] == Json({1, 4}));
  CHECK(one["parameters"] == 372);
  const Json five = result("qnet-shape", {"states=[0,1,2,3,0]"});
  CHECK(five["shape"] == Json({5, 4}));
  for (std::size_t a = 0; a < 4; ++a) {
    CHECK(five["values"][a] == one["values"][a]);
    CHECK(five["values"][16 + a] == one["values"][a]);
    CHECK(five["values"][4 + a] != one["values"][a]);
  }
}

TEST_CASE("adam-101 ends where Adam in float32 ends", "[demos]") {
  const auto final_theta = [](const std::string& theta) {
    return result("adam-101", {"theta=" + theta})["theta_final"].get<double>();
  };
  CHECK(final_theta("-1.2694") == Approx(1.981208).margin(2e-6));
  CHECK(final_theta("-1.26945") == Approx(1.981209).margin(2e-6));
  CHECK(final_theta("0") == Approx(2.008423).margin(2e-6));
  CHECK(final_theta("1") == Approx(1.997063).margin(2e-6));
  CHECK(final_theta("3") == Approx(2.002937).margin(2e-6));
  const Json standard = result("adam-101");
  CHECK(std::abs(standard["theta_final_uncleared"].get<double>() - 2) > 0.1);
  CHECK(result("adam-101", {"random=true"})["theta_initial"] != standard["theta_initial"]);
}

TEST_CASE("epsilon-curve and epsilon-schedules have the known values", "[demos]") {
  const Json curve = result("epsilon-curve");
  CHECK(curve["epsilon"][0].get<double>() == Approx(0.9).margin(1e-6));
  CHECK(curve["epsilon"][1].get<double>() == Approx(0.337413).margin(1e-6));
  CHECK(curve["epsilon"][2].get<double>() == Approx(0.026301).margin(1e-6));

  const Json lagged = result("epsilon-schedules");
  CHECK(lagged["i"] == Json({0, 1, 2, 100, 999}));
  const std::vector<std::vector<double>> expected = {{0.9, 0.362698, 0.05, 0.05},
                                                     {0.9, 0.891542, 0.365840, 0.050039},
                                                     {0.9, 0.899575, 0.858949, 0.566067},
                                                     {0.9, 0.899915, 0.891627, 0.819266}};
  for (std::size_t f = 0; f < 4; ++f) {
    for (std::size_t k = 0; k < 4; ++k) {
      CAPTURE(f, k);
      CHECK(lagged["curves"][f]["epsilon"][k + 1].get<double>() == Approx(expected[f][k]).margin(1e-6));
    }
  }
  const Json current = result("epsilon-schedules", {"call=current"});
  CHECK(current["curves"][0]["epsilon"][1].get<double>() == Approx(0.362698).margin(1e-6));
  const auto chart = std::get<LineChart>(run("epsilon-schedules").pictures.at(0).picture.panels.at(0));
  CHECK(chart.title == "Epsilon vs N");
  CHECK(chart.curves.at(2).label == "Decrease Factor: 2000");
  CHECK(chart.curves.at(2).y.size() == 1000);
  CHECK(chart.x_label.empty());
}

TEST_CASE("tensor-101 shows exact zeros, a view that shares memory and a copy that does not", "[demos]") {
  const Json tensor = result("tensor-101");
  for (const char* type : {"float", "integer", "boolean"}) CHECK(tensor["zeros"][type] == Json(std::vector<int>(6, 0)));
  CHECK(tensor["round_trip"] == true);
  CHECK(tensor["view_shape"] == Json({1, 6}));
  CHECK(tensor["view_sees_the_write"] == true);
  CHECK(tensor["copy_sees_the_write"] == false);
  for (std::size_t i = 0; i < 6; ++i) {
    const float a = tensor["a"][i], b = tensor["b"][i], sum = tensor["sum"][i];
    CHECK(a + b == sum);
  }
}

TEST_CASE("a network fits the table with states as row and column, and not with their number", "[demos]") {
  const Json fits = result("frozenlake-fit", {"seeds=20"});
  CHECK(fits["with"]["rmse_mean"].get<double>() <= 0.14);
  CHECK(fits["with"]["rmse_mean"].get<double>() > 0.01);
  CHECK(fits["without"]["rmse_mean"].get<double>() >= 0.28);
  CHECK(fits["without"]["rmse_mean"].get<double>() < 0.36);  // a constant for each action
  const Json pairs = result("frozenlake-fit", {"seeds=5", "form=sa", "transform=on"});
  CHECK(pairs["with"]["rmse_mean"].get<double>() <= 0.14);
  CHECK_FALSE(pairs.contains("without"));
  const DemoReport report = run("frozenlake-fit");
  CHECK(std::get<QPlot>(report.pictures.at(0).picture.panels.at(0)).title == "Q-table");
  CHECK(std::get<QPlot>(report.pictures.at(0).picture.panels.at(1)).title == "Q-network");
  CHECK(report.pictures.at(0).picture.width == 9.0);
  CHECK(std::get<LineChart>(report.pictures.at(1).picture.panels.at(0)).curves.at(0).y.size() == 5000);
}

TEST_CASE("a fit says after each iteration that it goes on, and other seeds give other networks", "[demos]") {
  const std::vector<double> table(16, 0.5);
  TableFitOptions options;
  options.iterations = 7;
  std::vector<std::int64_t> done;
  const TableFit a = fit_table(table, 4, 2, options, 1, [&](std::int64_t n) { done.push_back(n); });
  CHECK(done == std::vector<std::int64_t>{1, 2, 3, 4, 5, 6, 7});
  CHECK(a.q.size() == 16);
  CHECK(a.q != fit_table(table, 4, 2, options, 2, [](std::int64_t) {}).q);
}

TEST_CASE("frozenlake-questions answers with exact values", "[demos]") {
  const Json answers = result("frozenlake-questions");
  for (const auto& pair : answers["goal"]) CHECK(pair["q"] == 1.0);
  for (const auto& pair : answers["hole"]) CHECK(pair["q"] == 0.0);
  CHECK(answers["goal"].size() == 1);
  CHECK(answers["hole"].size() == 9);
  CHECK(answers["wall"].size() == 10);
  for (const auto& pair : answers["wall"]) {
    double best = 0;
    for (std::size_t a = 0; a < 4; ++a)
      best = std::max(best, answers["q"][pair["state"].get<std::size_t>() * 4 + a].get<double>());
    CHECK(pair["q"].get<double>() == Approx(0.9 * best).margin(1e-12));
  }
  CHECK(answers["steps_from_start"] == 6);
  CHECK(answers["gamma"].size() == 3);
  for (const auto& row : answers["gamma"]) {
    CHECK(row["start"].get<double>() == Approx(std::pow(row["gamma"].get<double>(), 5)).margin(1e-12));
  }
  for (std::size_t i = 0; i < 64; ++i) CHECK(answers["learned"][i].get<double>() <= answers["q"][i].get<double>() + 1e-12);
  CHECK_FALSE(result("frozenlake-questions", {"ask=wall"}).contains("goal"));
}

TEST_CASE("cartpole-random plays as long as luck has it", "[demos]") {
  const DemoReport report = run("cartpole-random", {"episodes=10000"});
  const Json random = Json::parse(report.json);
  CHECK(random["mean"].get<double>() == Approx(22.27).margin(0.5));
  CHECK(random["std"].get<double>() == Approx(11.9).margin(0.6));
  CHECK(random["min"].get<double>() >= 8);
  CHECK(report.frames.size() == 6);
}

TEST_CASE("mountaincar-phase finds the known way out of the valley", "[demos]") {
  const DemoReport report = run("mountaincar-phase");
  const Json phase = Json::parse(report.json);
  CHECK(phase["mean"].get<double>() == Approx(-97.8).margin(1.0));
  CHECK(phase["value_at_rest"].get<double>() == Approx(-102.71).margin(0.1));
  CHECK(phase["shares"]["left"].get<double>() == Approx(0.578).margin(0.02));
  CHECK(phase["shares"]["none"].get<double>() == Approx(0.005).margin(0.005));
  CHECK(phase["shares"]["right"].get<double>() == Approx(0.417).margin(0.02));
  const auto& actions = std::get<PhaseDiagram>(report.pictures.at(0).picture.panels.at(0));
  CHECK(actions.action_names == std::vector<std::string>{"left", "none", "right"});
  CHECK(actions.values.size() == 40'401);
  CHECK(actions.trajectory_x.back() >= 0.5);
}

TEST_CASE("rooms-explained has its evidence from the tables", "[demos]") {
  const Json rooms = result("rooms-explained");
  CHECK(rooms["rooms_without_choice"] == 6);
  CHECK(rooms["pairs_without_door"] == 20);
  CHECK(rooms["smallest_reward"] == 0.0);
  CHECK(rooms["empty_episodes"].get<double>() == Approx(1.0 / 6));
  CHECK(rooms["greedy"] == Json({0, 0, 0, 0, 0, 0}));
  const std::vector<double> limit{95, 100, 90.25, 95, 100, 0};
  for (std::size_t s = 0; s < 6; ++s) {
    double best = 0;
    for (std::size_t a = 0; a < 6; ++a) {
      CHECK(rooms["faulty"][s][a].get<double>() == Approx(limit[s]).margin(1e-9));
      const Json& q = rooms["doors"][s][a];
      if (!q.is_null()) best = std::max(best, q.get<double>());
    }
    CHECK(best == Approx(limit[s]).margin(1e-9));
  }
  CHECK(rooms["doors"][0][0].is_null());
  CHECK(rooms["doors_stay"][2][0].get<double>() == Approx(84.7375));
  CHECK(rooms["teleport"][3][2].get<double>() == Approx(89.3));
}

TEST_CASE("spaces tells observations and limits of any environment", "[demos]") {
  const Json cartpole = result("spaces"), lake = result("spaces", {"env=FrozenLake8x8-v1"});
  CHECK(cartpole["action_space"] == "Discrete(2)");
  CHECK(cartpole["max_episode_steps"] == 500);
  CHECK(cartpole["low"][1] == "-inf");
  CHECK(cartpole["high"][0].get<float>() == 4.8F);
  CHECK(lake["states"] == 64);
  CHECK(lake["starts"] == 1);
}

TEST_CASE("table-limits: tables grow fast, know one world, and are never full", "[demos]") {
  const Json limits = result("table-limits");
  CHECK(limits["sizes"][1]["entries"] == 2592);
  CHECK(limits["before"].get<int>() < limits["after"].get<int>());
  CHECK(limits["after"].get<int>() >= 15);
  CHECK(limits["maps"].size() == 20);
  CHECK_FALSE(limits["visited"].empty());
  for (const auto& row : limits["visited"]) {
    CAPTURE(row["preset"]);
    CHECK(row["share"].get<double>() > 0.05);
    CHECK(row["share"].get<double>() < 0.95);
  }
}

TEST_CASE("a learned table says which pairs it has tried", "[demos]") {
  const LearnedTable lake = learn_lake(frozen_lake_map("4x4"), 0.9, 1);
  // Of the 64 entries 20 belong to states where the episode is over: never tried, never learned.
  CHECK(lake.visited_share() <= 44.0 / 64);
  CHECK(lake.visited_share() > 0.3);
  for (std::size_t i = 0; i < 64; ++i) {
    if (lake.visited[i] == 0) CHECK(lake.q[i] == 0.0);
  }
  CHECK(*std::max_element(lake.q.begin(), lake.q.end()) == 1.0);
}
