#include "app/plots/run_pictures.h"

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
