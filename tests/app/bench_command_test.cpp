// `handgrad bench` from outside. One round of few things: the figures are no matter here.

#include <nlohmann/json.hpp>

#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/program.h"

using namespace handgrad;
using Json = nlohmann::json;

TEST_CASE("bench times what it is asked for, and says on which machine") {
  const Outcome outcome = run_program({"bench", "rlmep", "CartPole-v1", "--rounds", "1", "--json"});
  CAPTURE(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  CHECK(outcome.err.empty());
  for (const char* part : {"FMA peak", "4-16-16-2", "of peak", "CartPole-v1"}) CHECK(contains(outcome.out, part));
  CHECK(!contains(outcome.out, "tutorial"));

  const Json j = Json::parse(outcome.last_line());
  for (const char* key : {"backend", "isa", "cpu", "compiler", "flags", "version"}) CHECK(j.at(key).is_string());
  CHECK(j.at("threads") == 1);
  CHECK(j.at("peak_gflops") == j.at("peak_gflops_by_isa").at(j.at("isa").get<std::string>()));
  for (const char* key : {"train_step_us", "train_step_least_us", "floor_us", "train_step_gflops", "act_us"}) {
    CAPTURE(key);
    REQUIRE(j.at(key).size() == 1);
    CHECK(j.at(key).at("rlmep") > 0);
  }
  // 2 · 32 · (3·4·16 + 4·16·16 + 4·16·2) operations at the peak.
  CHECK(j.at("floor_us").at("rlmep").get<double>() == Approx(86'016 / j.at("peak_gflops").get<double>() / 1e3));
  CHECK(j.at("train_step_least_us").at("rlmep") <= j.at("train_step_us").at("rlmep"));
  REQUIRE(j.at("env_steps_per_second").size() == 1);
  for (const char* key : {"single", "vector_exact", "vector_fast"})
    CHECK(j.at("env_steps_per_second").at("CartPole-v1").at(key) > 0);
}

TEST_CASE("bench breaks a train step down into its operations") {
  const Outcome outcome = run_program({"bench", "rlmep", "--breakdown", "--rounds", "1", "--backend", "reference", "--json"});
  CAPTURE(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  for (const char* part : {"reading ", "32 x 16 -> 16", "whole step"}) CHECK(contains(outcome.out, part));
  const Json j = Json::parse(outcome.last_line());
  CHECK(j.at("backend") == "reference");
  CHECK(j.at("read_gbps").at("L1") > 0);
  CHECK(j.at("train_step_us").at("rlmep") > 0);
  double sum = 0, floor = 0;
  for (const Json& row : j.at("breakdown").at("rlmep").at("operations")) {
    sum += row.at("us").get<double>();
    floor += row.at("floor_us").get<double>();
    for (const char* key : {"flops", "bytes_read", "bytes_written", "per_step"}) CHECK(row.at(key).is_number());
    for (const char* key : {"operation", "network", "shape", "bound"}) CHECK(row.at(key).is_string());
  }
  CHECK(j.at("breakdown").at("rlmep").at("sum_us").get<double>() == Approx(sum));
  CHECK(j.at("breakdown").at("rlmep").at("sum_floor_us").get<double>() == Approx(floor));
}

TEST_CASE("bench times agents that are trained at once") {
  const Outcome outcome =
      run_program({"bench", "agents", "--agents", "1,2", "--backend", "simd:baseline", "--rounds", "1", "--json"});
  CAPTURE(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  CHECK(contains(outcome.out, "4-64-64-2"));
  const Json j = Json::parse(outcome.last_line());
  CHECK(j.at("backend") == "simd:baseline");
  REQUIRE(j.at("agent_steps_per_second").size() == 2);
  for (const char* agents : {"1", "2"}) CHECK(j.at("agent_steps_per_second").at(agents) > 0);
}

TEST_CASE("bench refuses what it does not know") {
  const auto refused = [](std::vector<std::string> arguments, const std::string& part) {
    const Outcome outcome = run_program(std::move(arguments));
    CAPTURE(outcome.err);
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.out.empty());
    CHECK(outcome.error_lines() == 1);
    CHECK(contains(outcome.err, part));
  };
  refused({"bench", "tutorail"}, "Did you mean 'tutorial'?");
  refused({"bench", "cartpole-v1"}, "Did you mean 'CartPole-v1'?");
  refused({"bench", "--backend", "eigne"}, "--backend: no backend 'eigne'");
  refused({"bench", "--rounds", "0"}, "--rounds '0': expected a whole number of at least 1");
  refused({"bench", "CartPole-v1", "--breakdown"}, "--breakdown is of train steps, and CartPole-v1 is an environment");
  refused({"bench", "agents", "tutorial"}, "or agents alone");
  refused({"bench", "tutorial", "--agents", "3"}, "handgrad bench agents");
  refused({"bench", "agents", "--agents", "0"}, "--agents '0'");
}
