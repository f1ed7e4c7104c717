// The engine against golden data, and the comparison itself: it has to notice every damaged number.

#include "tests/support/golden.h"

#include <cmath>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

const char* const kPath = HANDGRAD_GOLDEN_DIR "/torch-2.13-nn.json";

const golden::File& file() {
  static const golden::File content = golden::read(kPath);
  return content;
}

std::string content() {
  std::ifstream stream(kPath);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::set<std::string> failed_ids(const golden::Report& report) {
  std::set<std::string> ids;
  for (const golden::Result& result : report.results) {
    if (!result.failure.empty()) ids.insert(result.id);
  }
  return ids;
}

/// Three times as far off as allowed: more than what is allowed and rounding together.
void damage(golden::Case& c, const std::string& output, std::size_t element) {
  double& number = c.out.at(output).data.at(element);
  const golden::Tolerance& tolerance = c.tolerance_of(output);
  const bool flag_or_index = output == "next_action" || output == "closed" || output == "n_used" ||
                             output == "bootstrap_index" || output == "policy_star";
  number += flag_or_index ? 1.0 : 3 * (tolerance.atol + tolerance.rtol * std::abs(number));
}

const golden::Case& find_case(const std::string& id) {
  for (const golden::Case& c : file().cases) {
    if (c.id == id) return c;
  }
  throw Error("no case " + id);
}

golden::File only(const golden::Case& c) { return {{c}}; }

std::string file_error(const std::string& json) {
  return error_message([&] { golden::compare(golden::parse(json), {"reference"}); });
}

/// A file with one case, whose text is given.
std::string one_case(const std::string& body) { return R"({"meta":{"schema":1},"cases":[{)" + body + "}]}"; }

const std::string kTolerance = R"("tol":{"float64":{"rtol":1e-9,"atol":1e-12},"float32":{"rtol":5e-5,"atol":5e-6}})";

}  // namespace

TEST_CASE("Every backend agrees with PyTorch on every case that the engine can compute") {
  for (const std::string& backend : golden::all_backends()) {
    const golden::Report report = golden::compare(file(), {backend});
    for (const golden::Result& result : report.results) {
      INFO(result.id << " on " << backend << ": " << result.failure);
      CHECK(result.failure.empty());
      CHECK(result.numbers > 0);
      CHECK(result.largest_share < 0.5);  // well inside the tolerance: what is left is rounding
    }
    CHECK(report.passed() == 61);
    CHECK(report.skipped.size() == 15);
  }
}

TEST_CASE("A golden case that the engine cannot compute is named with the reason") {
  for (const golden::Skipped& skipped : golden::compare(file(), {"reference"}).skipped) {
    INFO(skipped.id);
    CHECK(contains(skipped.reason, "the engine has no"));
  }
  golden::Case unknown = find_case("layer.relu");
  unknown.id = "layer.sigmoid";
  CHECK(golden::compare(only(unknown), {"reference"}).skipped.at(0).reason == "this kind of case is not known");
}

TEST_CASE("One damaged number in a golden file fails exactly the case it belongs to") {
  const auto id =
      GENERATE(as<std::string>{}, "layer.linear.7x13x9", "layer.linear_tanh.6x5x9", "layer.relu", "mlp.4-16-16-2.relu",
               "loss.huber_0.5.near", "optim.radam", "clip.value.1", "clip.norm.above", "init.scales",
               "schedule.exponential.b", "dqn.target.double", "dqn.target.nstep3", "dqn.loss.full_vs_selected",
               "dqn.train.smoothl1_adamw_soft", "tabular.nstep_sarsa", "tabular.watkins_q_lambda");
  golden::File damaged = file();
  for (golden::Case& c : damaged.cases) {
    if (c.id == id) damage(c, c.out.begin()->first, c.out.begin()->second.data.size() / 2);
  }
  CHECK(failed_ids(golden::compare(damaged, {"reference"})) == std::set<std::string>{id});
}

TEST_CASE("A damaged first, last or middle number of any golden output is noticed and named") {
  for (const golden::Case& c : file().cases) {
    if (golden::compare(only(c), {"reference"}).results.empty()) continue;  // skipped
    for (const auto& [output, value] : c.out) {
      for (const std::size_t element : {std::size_t{0}, value.data.size() / 2, value.data.size() - 1}) {
        golden::Case damaged = c;
        damage(damaged, output, element);
        const golden::Result result = golden::compare(only(damaged), {"reference"}).results.at(0);
        INFO(c.id << ": " << output << "[" << element << "]: " << result.failure);
        CHECK(result.failure.starts_with(output));
      }
    }
  }
}

TEST_CASE("A golden output that nothing is compared with fails its case") {
  golden::Case c = find_case("layer.relu");
  c.out["dZ"] = c.out.at("dX");
  CHECK(golden::compare(only(c), {"reference"}).results.at(0).failure == "output dZ is not compared");
}

TEST_CASE("NaN is not close to any golden number") {
  golden::Case c = find_case("clip.value.1");
  c.in.at("grad").data[3] = std::nan("");
  CHECK(golden::compare(only(c), {"reference"}).results.at(0).failure.starts_with("clipped[3] is nan"));
}

TEST_CASE("A golden optimiser is known by PyTorch's name or the engine's, and skipped if it is another") {
  const auto with_optimizer = [](const std::string& json) {
    golden::Case c = find_case("optim.adam");
    const std::vector<std::int64_t> sizes = c.config.object("net").integers("sizes");
    c.config = golden::Config(
        {{"net", {{"sizes", sizes}, {"activation", "relu"}}}, {"optimizer", nlohmann::json::parse(json)}}, c.id);
    return golden::compare(only(c), {"reference"});
  };
  CHECK(with_optimizer(R"({"name": "Adam", "lr": 1e-3})").passed() == 1);
  CHECK(with_optimizer(R"({"name": "adam", "lr": 1e-3})").passed() == 1);
  CHECK(with_optimizer(R"({"name": "adam_keras", "lr": 1e-3, "eps": 1e-3})").failed() == 1);  // known, and another rule
  CHECK(with_optimizer(R"({"name": "Lion", "lr": 1e-3})").skipped.at(0).reason == "the engine has no optimiser 'Lion'");
  CHECK(with_optimizer(R"({"name": "Adam", "foreach": true})").skipped.at(0).reason ==
        "the engine's optimisers have no 'foreach'");
}

TEST_CASE("A golden file that makes no sense is refused with one line that says why") {
  const std::string whole = content();
  CHECK(contains(file_error(whole.substr(0, whole.size() / 2)), "not JSON, or not all of it"));
  CHECK(contains(file_error(""), "not JSON, or not all of it"));
  CHECK(contains(file_error("[]"), "the file has to be an object"));
  CHECK(contains(file_error(R"({"meta":{"schema":2},"cases":[]})"), "schema 1 was expected, got 2"));
  CHECK(contains(file_error(R"({"meta":{"schema":1},"cases":[]})"), "at least one case"));
  CHECK(contains(file_error(R"({"meta":{"schema":1},"cases":[3]})"), "case 0 has to be an object"));
  CHECK(contains(file_error(one_case(R"("id":"layer.relu","config":{},"in":{},"out":{"Y":1})")), "has no 'tol'"));
  const auto relu = [](const std::string& in, const std::string& out) {
    return one_case(R"("id":"layer.relu","config":{},"in":)" + in + R"(,"out":)" + out + "," + kTolerance);
  };
  const std::string good = R"({"shape":[1,2],"data":[1,2]})";
  CHECK(file_error(relu(R"({"X":)" + good + R"(,"dY":)" + good + "}", R"({"Y":)" + good + "}")) == "(nothing was thrown)");
  CHECK(contains(file_error(relu(R"({"X":)" + good + "}", R"({"Y":1})")), "layer.relu has no input 'dY'"));
  CHECK(contains(file_error(relu(R"({"X":{"shape":[1,3],"data":[1,2]}})", R"({"Y":1})")),
                 "has the shape [1, 3], but 2 numbers"));
  CHECK(contains(file_error(relu(R"({"X":{"shape":[0],"data":[]}})", R"({"Y":1})")), "extents are at least 1"));
  CHECK(contains(file_error(relu(R"({"X":{"shape":[1,2],"data":[1,null]}})", R"({"Y":1})")), "has to be a number"));
  CHECK(contains(file_error(relu(R"({"X":)" + good + R"(,"dY":{"shape":[2],"data":[1,2]}})", R"({"Y":1})")), "'dY'"));
  CHECK(contains(file_error(relu(R"({"X":)" + good + R"(,"dY":)" + good + "}", R"({"Y":{"shape":[2],"data":[1,2]}})")),
                 "output 'Y' has to be [1, 2], got [2]"));
  CHECK(contains(file_error(relu("{}", "{}")), "has no outputs"));
}

TEST_CASE("A golden file with an action or a network that cannot be is refused") {
  golden::Case target = find_case("dqn.loss.full_vs_selected");
  target.in.at("action").data[0] = 3;
  CHECK(contains(error_message([&] { golden::compare(only(target), {"reference"}); }), "whole numbers from 0 to 2, got 3"));

  golden::Case mlp = find_case("mlp.3-5-2.relu");
  mlp.config = golden::Config({{"net", {{"sizes", {3, 5, 2}}, {"activation", "relu"}, {"params", 31}}}}, mlp.id);
  CHECK(contains(error_message([&] { golden::compare(only(mlp), {"reference"}); }), "has 32 parameters"));
}

TEST_CASE("What the comparison with golden data prints ends with the counts") {
  golden::File two;
  two.cases = {find_case("layer.relu"), find_case("c51.loss")};
  damage(two.cases[0], "Y", 5);
  std::ostringstream out;
  golden::print(out, golden::compare(two, {"reference", "checked"}));
  CHECK(contains(out.str(), "FAILED layer.relu on reference: Y[1,1] is "));
  CHECK(out.str().ends_with("\n0 passed, 2 failed, 1 skipped\n"));
}
