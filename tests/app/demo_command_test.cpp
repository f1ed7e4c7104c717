// `handgrad demo` from outside.

#include <nlohmann/json.hpp>

#include "app/plots/gnuplot.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/program.h"

using namespace handgrad;
namespace fs = std::filesystem;
using Json = nlohmann::json;

TEST_CASE("a demo prints its result and leaves pictures with their data") {
  const TemporaryFolder folder;
  const std::string out = (folder / "deep/tour").string();
  const Outcome outcome = run_program({"demo", "frozenlake-tour", "--out", out});
  CAPTURE(outcome.err);
  REQUIRE(outcome.exit_code == 0);
  CHECK(contains(outcome.out, "state 5, reward 0: through the ice"));
  CHECK(outcome.last_line() == "folder  " + out);
  CHECK(contains(outcome.out, get_bytes(fs::path(out) / "result.txt")));
  CHECK(Json::parse(get_bytes(fs::path(out) / "result.json"))["result"]["states"] == Json({0, 4, 5}));
  CHECK_FALSE(get_bytes(fs::path(out) / "plots/tour.csv").empty());
  CHECK(contains(get_bytes(fs::path(out) / "plots/tour.gp"), "pointtype 7"));  // where the agent stands
  if (!app::gnuplot_version().empty()) {
    CHECK(get_bytes(fs::path(out) / "plots/tour.png").starts_with("\x89PNG"));
    CHECK(contains(get_bytes(fs::path(out) / "plots/tour.svg"), "<svg"));
  }
}

TEST_CASE("a demo with --json ends with one object: settings, figures, bars and files") {
  const TemporaryFolder folder;
  const std::string out = (folder / "adam").string();
  const Outcome outcome = run_program({"demo", "adam-101", "--set", "theta=3", "--seed", "7", "--out", out, "--json"});
  REQUIRE(outcome.exit_code == 0);
  CHECK(outcome.err.empty() == !app::gnuplot_version().empty());
  CHECK(contains(outcome.out, "final theta"));
  const Json object = Json::parse(outcome.last_line());
  CHECK(object["demo"] == "adam-101");
  CHECK(object["seed"] == 7);
  CHECK(object["settings"]["theta"] == 3.0);
  CHECK(object["settings"]["steps"] == 100);
  CHECK(object["result"]["theta_final"].get<double>() == Approx(2.002937).margin(2e-6));
  CHECK(object["bars"].empty());
  CHECK_FALSE(contains(outcome.out.substr(0, outcome.out.rfind("{\"demo\"")), "folder"));  // text is the same wherever it lies
  CHECK(object["folder"] == out);
  CHECK(object["files"].size() == (app::gnuplot_version().empty() ? 0 : 3));
  for (const auto& file : object["files"]) CHECK(fs::is_regular_file(file.get<std::string>()));
}

TEST_CASE("a demo without a picture makes no folder unless it is asked to") {
  const TemporaryFolder folder;
  const Outcome plain = run_program({"demo", "qnet-shape"});
  REQUIRE(plain.exit_code == 0);
  CHECK(contains(plain.out, "output (1, 4)"));
  CHECK_FALSE(contains(plain.out, "folder"));
  CHECK(run_program({"demo", "qnet-shape", "--out", (folder / "shape").string()}).exit_code == 0);
  CHECK(fs::is_regular_file(folder / "shape/result.txt"));
}

TEST_CASE("a demo that cannot run gets one line and leaves nothing behind") {
  const TemporaryFolder folder;
  const std::string out = (folder / "x").string();
  const auto refused = [&](std::vector<std::string> arguments, const std::string& message) {
    arguments.insert(arguments.begin(), "demo");
    CAPTURE(arguments);
    const Outcome outcome = run_program(arguments);
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.out.empty());
    CHECK(outcome.error_lines() == 1);
    CHECK(contains(outcome.err, message));
    CHECK(folder.entries() == 0);
  };
  refused({"frozenlake-tor", "--out", out}, "Did you mean 'frozenlake-tour'?");
  refused({"frozenlake-tour", "--set", "map=9x9", "--out", out}, "expected one of 4x4, 8x8");
  refused({"adam-101", "--set", "x=0", "--out", out}, "nothing to learn");
  refused({"adam-101", "--seed", "-1", "--out", out}, "--seed");
  refused({}, "required");
}

TEST_CASE("demos are listed, and explained setting by setting") {
  const Json list = Json::parse(run_program({"list", "demos", "--json"}).last_line())["demos"];
  CHECK(list.size() >= 13);
  CHECK(list[0].contains("description"));
  const Outcome text = run_program({"explain", "frozenlake-fit", "--set", "seeds=20"});
  CHECK(text.exit_code == 0);
  CHECK(contains(text.out, "transform"));
  const Json object = Json::parse(run_program({"explain", "frozenlake-fit", "--set", "seeds=20", "--json"}).last_line());
  CHECK(object["settings"]["seeds"]["value"] == 20);
  CHECK(object["settings"]["seeds"]["default"] == 1);
}
