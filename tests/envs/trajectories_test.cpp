#include "../support/trajectory_comparison.h"

#include <cstdlib>
#include <fstream>
#include <functional>

#include "../support/catch.h"
#include "../support/error_message.h"
#include "../support/source_tree.h"

namespace handgrad::test {
namespace {

using Json = nlohmann::json;

const Json& golden() {
  static const Json json = [] {
    std::ifstream in(golden_file("gymnasium-1.3.0.json"));
    REQUIRE(in.good());
    return Json::parse(in);
  }();
  return json;
}

std::size_t first_episode(const std::string& id) {
  const Json& all = golden();
  std::size_t i = 0;
  while (all["episodes"].at(i)["id"] != id) ++i;
  return i;
}

/// The golden file with one episode and one map.
Json small_file(const std::string& id = "CartPole-v1") {
  const Json& all = golden();
  return {{"episodes", Json::array({all["episodes"][first_episode(id)]})}, {"maps", Json::array({all["maps"][0]})}};
}

TrajectoryReport compare(const Json& json) { return compare_trajectories(parse_trajectories(json), Registry::gymnasium()); }

std::string parse_error(const Json& json) {
  return error_message([&] { parse_trajectories(json); });
}

}  // namespace

TEST_CASE("every recorded trajectory of Gymnasium 1.3.0 but Pendulum's agrees in every bit") {
  const TrajectoryReport report =
      compare_trajectories(read_trajectories(golden_file("gymnasium-1.3.0.json")), Registry::gymnasium());
  INFO(summary(report));
  CHECK(report.failed == 0);
  CHECK(report.passed == 71);  // 17 configurations of 10 ids with 3 seeds each, and 20 maps
  CHECK(report.comparisons == 42054);
  // What is left out is left out by name: Pendulum's actions are continuous.
  CHECK(report.skipped_ids == std::map<std::string, std::int64_t>{{"Pendulum-v1", 3}});
}

TEST_CASE("one wrong bit in any field fails its episode and is named") {
  struct Corruption {
    const char* id;
    std::function<void(Json& episode)> corrupt;
    const char* message;
  };
  const char* const pole = "CartPole-v1";
  const char* const lake = "FrozenLake-v1";
  const char* const taxi = "Taxi-v4";
  const char* const cards = "Blackjack-v1";
  const char* const acrobot = "Acrobot-v1";
  const std::vector<Corruption> corruptions{
      {pole, [](Json& e) { e["reset_seed"] = 1; }, "seed 1, reset, obs[0]: expected 0x"},
      {pole, [](Json& e) { e["reset_obs"][3] = 0.0; }, "seed 0, reset, obs[3]: expected 0x0p+0, got "},
      {pole, [](Json& e) { e["reset_state"][0] = 0.0; }, "reset, state[0]: expected 0x0p+0, got "},
      {pole, [](Json& e) { e["steps"][0]["obs"].push_back(1.0); }, "step 0, obs: expected 5 numbers, got 4 numbers"},
      {pole, [](Json& e) { e["steps"][0]["r"] = 0.0; }, "step 0, r: expected 0x0p+0, got 0x1p+0"},
      {pole, [](Json& e) { e["steps"][0]["term"] = true; }, "step 0, term: expected true, got false"},
      {pole, [](Json& e) { e["steps"][0]["trunc"] = true; }, "step 0, trunc: expected true, got false"},
      {pole,
       [](Json& e) {
         e["steps"][0]["then_reset_obs"] = {0, 0, 0, 0};
       },
       "step 0, then_reset_obs[0]: expected 0x0p+0"},
      {pole, [](Json& e) { e["steps"][0]["prob"] = 1.0; }, "step 0, prob: expected 0x1p+0, got nothing"},
      {pole, [](Json& e) { e["steps"][0]["a"] = 2; }, "step 0, CartPole: action 2 is outside [0, 2)"},
      {pole, [](Json& e) { e["steps"][0]["a"] = "0x1.8p-1"; }, "step 0, a: 0x1.8p-1 is not an action of Discrete(2)"},
      {pole, [](Json& e) { e["kwargs"]["gravity"] = 1; }, "make, CartPole-v1 has no option 'gravity'"},
      {lake, [](Json& e) { e["reset_info"]["prob"] = 0.5; }, "reset, prob: expected 0x1p-1, got 0x1p+0"},
      {lake, [](Json& e) { e["steps"][0]["obs"] = 15; }, "step 0, obs[0]: expected 0x1.ep+3, got "},
      {lake, [](Json& e) { e["steps"][0]["r"] = "-0x0p+0"; }, "step 0, r: expected -0x0p+0, got 0x0p+0"},
      {lake, [](Json& e) { e["steps"][2]["prob"] = "0x1.5555555555555p-2"; }, "step 2, prob: expected 0x1.5555555555555p-2"},
      {lake, [](Json& e) { e["steps"][0].erase("prob"); }, "step 0, prob: expected nothing, got 0x1.5555555555556p-2"},
      {lake,
       [](Json& e) {
         e["steps"][0]["mask"] = {1, 0};
       },
       "step 0, mask: expected 2 numbers, got 0 numbers"},
      {taxi,
       [](Json& e) {
         auto& bit = e["steps"][3]["mask"][5];
         bit = 1 - bit.get<int>();
       },
       "step 3, mask[5]: expected 0x"},
      {taxi,
       [](Json& e) {
         auto& bit = e["reset_info"]["action_mask"][0];
         bit = 1 - bit.get<int>();
       },
       "reset, mask[0]: expected 0x"},
      {cards, [](Json& e) { e["reset_obs"][2] = 2; }, "reset, obs[2]: expected 0x1p+1, got 0x"},
      {cards, [](Json& e) { e["reset_obs"] = 15; }, "reset, obs: expected 1 numbers, got 3 numbers"},
      {acrobot, [](Json& e) { e["steps"][9]["state"][3] = 0.0; }, "step 9, state[3]: expected 0x0p+0, got "},
  };
  for (const auto& [id, corrupt, message] : corruptions) {
    Json json = small_file(id);
    corrupt(json["episodes"][0]);
    const TrajectoryReport report = compare(json);
    INFO(summary(report));
    CHECK(report.passed == 1);  // the map
    REQUIRE(report.failures.size() == 1);
    CHECK(report.failures[0].find(message) != std::string::npos);
  }
}

TEST_CASE("a failure names episode, id, options, seed, step, field, expected and got in hex floats") {
  Json json = small_file("CartPole-v1");
  json["episodes"][0]["steps"][1]["state"][2] = "0x1.0000000000001p-5";
  const std::string found = golden()["episodes"][first_episode("CartPole-v1")]["steps"][1]["state"][2];
  const std::string failure = compare(json).failures.at(0);
  CHECK(failure.starts_with("episode 0, CartPole-v1 {}, seed 0, step 1, state[2]: expected 0x1.0000000000001p-5, got "));
  CHECK(std::strtod(failure.substr(failure.rfind(' ')).c_str(), nullptr) == std::strtod(found.c_str(), nullptr));
}

TEST_CASE("a wrong map fails") {
  Json json = small_file();
  json["maps"][0]["map"][1] = "FFFF";
  const TrajectoryReport report = compare(json);
  CHECK(report.failed == 1);
  CHECK(report.failures.at(0) == "map 0, size 4, p 0.8, seed 0, map, row 1: expected FFFF, got HHFF");
  json["maps"][0]["size"] = 1;
  CHECK(compare(json).failed == 1);
}

TEST_CASE("what is not built is skipped by name and never passes") {
  Json json = small_file();
  json["episodes"].push_back(json["episodes"][0]);
  json["episodes"][0]["id"] = "Walker-v9";
  json["episodes"][1]["id"] = "Pendulum-v1";
  json["episodes"][1]["steps"][0]["a"] = "0x1.8p-1";
  const TrajectoryReport report = compare(json);
  CHECK(report.passed == 1);
  CHECK(report.skipped == 2);
  CHECK(summary(report) ==
        "skipped Pendulum-v1: not built here: its actions are continuous (1 episode)\n"
        "skipped Walker-v9: not in the registry (1 episode)\n"
        "3 cases, 5 comparisons\n"
        "1 passed, 0 failed, 2 skipped\n");
}

TEST_CASE("the summary of a full comparison ends in passed and failed alone") {
  const std::string lines = summary(compare(small_file()));
  CHECK(lines.ends_with("\n2 passed, 0 failed\n"));
}

TEST_CASE("a file of the wrong shape is refused with the place") {
  CHECK(parse_error(Json::array()) == "the file: expected an object, found array");
  CHECK(parse_error(Json::object()) == "the file: expected a member 'episodes', found none");
  CHECK(parse_error({{"episodes", Json::array()}, {"maps", Json::array()}}) == "the file holds neither an episode nor a map");
  const auto error = [](const auto& corrupt) {
    Json json = small_file();
    corrupt(json);
    return parse_error(json);
  };
  CHECK(error([](Json& j) { j.erase("maps"); }) == "the file: expected a member 'maps', found none");
  CHECK(error([](Json& j) { j["episodes"] = 3; }) == "episodes: expected a list, found number");
  CHECK(error([](Json& j) { j["episodes"][0] = 3; }) == "episode 0: expected an object, found number");
  CHECK(error([](Json& j) { j["episodes"][0]["id"] = 3; }) == "episode 0, id: expected a string, found number");
  CHECK(error([](Json& j) { j["episodes"][0]["reset_seed"] = -1; }) ==
        "episode 0, reset_seed: expected an integer of 0 or more, found -1");
  CHECK(error([](Json& j) { j["episodes"][0]["reset_obs"] = "0x1.8q"; }) ==
        "episode 0, reset_obs: expected a C hex float, found \"0x1.8q\"");
  CHECK(error([](Json& j) { j["episodes"][0]["kwargs"] = Json::array(); }) ==
        "episode 0, kwargs: expected an object, found array");
  CHECK(error([](Json& j) { j["episodes"][0]["kwargs"]["x"] = nullptr; }) ==
        "episode 0, kwargs, x: expected a list, found null");
  CHECK(error([](Json& j) { j["episodes"][0]["steps"][1]["term"] = 0; }) ==
        "episode 0, step 1, term: expected true or false, found number");
  CHECK(error([](Json& j) { j["episodes"][0]["steps"][1]["a"] = nullptr; }) ==
        "episode 0, step 1, a: expected a number or a hex float, found null");
  CHECK(error([](Json& j) {
          j["episodes"][0]["steps"][1]["mask"] = {1, 2};
        }) == "episode 0, step 1, mask: expected a mask of 0 and 1");
  CHECK(error([](Json& j) { j["maps"][0]["size"] = "4"; }) == "map 0, size: expected an integer, found string");
  CHECK(error([](Json& j) { j["maps"][0]["map"] = "SF"; }) == "map 0, map: expected a list, found string");
}

// Once the message went down the list by recursion.
TEST_CASE("a list of lists of lists where a number should be is refused") {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const std::string content = R"({"episodes": [{"id": "x", "kwargs": {}, "reset_seed": )" + deep + R"(}], "maps": []})";
  CHECK(contains(error_message([&] { parse_trajectories(content, "deep.json"); }),
                 "expected an integer of 0 or more, found array"));
}

TEST_CASE("a file that is not there, a folder and half a file are refused") {
  CHECK(error_message([] { read_trajectories("no/such/file.json"); }) == "'no/such/file.json' cannot be read");
  const std::string folder = (source_root() / "tests").string();
  CHECK(error_message([&] { read_trajectories(folder); }) == "'" + folder + "' cannot be read");
  const std::string half = (std::filesystem::temp_directory_path() / "handgrad_half_a_trajectory.json").string();
  std::ofstream(half) << R"({"episodes": [{"id": "Cart)";
  CHECK(error_message([&] { read_trajectories(half); }) ==
        "'" + half + "' is not a whole JSON file: it breaks off or goes wrong at byte 27");
  std::filesystem::remove(half);
}

}  // namespace handgrad::test
