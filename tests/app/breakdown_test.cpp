#include "app/bench/breakdown.h"

#include <algorithm>

#include "app/bench/peak.h"
#include "app/bench/recording_backend.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

std::vector<Operation> operations_of_a_step(const TrainStepConfiguration& configuration) {
  auto owned = std::make_unique<RecordingBackend>(make_backend("reference"));
  RecordingBackend& recorder = *owned;
  TrainStep step(std::move(owned), configuration, random_batches(configuration, 1));
  return recorder.record([&] { step.run_once(); });
}

const MachineLimits kLimits{100, {{"L1", 1000, 200}, {"beyond", SIZE_MAX, 50}}};

}  // namespace

TEST_CASE("The products of a recorded train step are the operations that its configuration counts") {
  for (const char* name : {"rlmep", "tf"}) {
    const TrainStepConfiguration configuration = train_step_configuration(name);
    double products = 0;
    for (const Operation& o : operations_of_a_step(configuration)) {
      if (o.name.starts_with("linear_")) products += o.flops;
    }
    CHECK(products == configuration.flops());
  }
}

TEST_CASE("A recorded operation counts what it reads and writes, what it works in place once for its size") {
  TrainStepConfiguration configuration = train_step_configuration("tutorial");
  configuration.dqn.hidden = {8};
  const double B = 128, P = 8 * 4 + 8 + 2 * 8 + 2, F = sizeof(Real);
  const auto all = operations_of_a_step(configuration);
  const auto find = [&](const std::string& name, const std::string& shape) {
    const auto same = [&](const Operation& o) { return o.name == name && o.shape == shape; };
    const auto found = std::ranges::find_if(all, same);
    REQUIRE(found != all.end());
    return *found;
  };
  const auto check = [](const Operation& o, double read, double written, double touched) {
    CAPTURE(o.name, o.shape);
    CHECK(o.traffic.read == read);
    CHECK(o.traffic.written == written);
    CHECK(o.traffic.touched == touched);
  };
  // Reads X, W, b; writes Y.
  check(find("linear_forward", "128 x 4 -> 8"), F * (B * 4 + 8 * 4 + 8), F * B * 8, F * (B * 4 + 8 * 4 + 8 + B * 8));
  // No dX in the first layer: W is not needed. Y is, for ReLU's slope, and dZ takes the place of dY.
  check(find("linear_backward", "128 x 4 -> 8"), F * (B * 4 + B * 8 + B * 8), F * (8 * 4 + 8 + B * 8),
        F * (B * 4 + 2 * B * 8 + 8 * 4 + 8));
  // No activation in the last: dY is dZ already.
  check(find("linear_backward", "128 x 8 -> 2"), F * (B * 8 + 2 * 8 + B * 2), F * (B * 8 + 2 * 8 + 2),
        F * (B * 8 + 2 * 8 + B * 2 + B * 8 + 2 * 8 + 2));
  // Reads g and four coefficients, updates p, m, v and v_max.
  check(find("adam_step", "58"), F * (4 + 5 * P), F * 4 * P, F * (4 + 5 * P));
  check(find("clip_by_value", "58"), F * P, F * P, F * P);
  check(find("update_target", "58"), F * 2 * P, F * P, F * 2 * P);
  CHECK(find("adam_step", "58").flops == 15 * P);
}

TEST_CASE("A recorder computes what the backend behind it computes, and recorded operations made again are another step") {
  TrainStepConfiguration configuration = train_step_configuration("rlmep");
  configuration.dqn.optimizer = default_spec(OptimizerKind::sgd);  // its coefficients do not change from step to step
  TrainStep plain(make_backend("reference"), configuration, random_batches(configuration, 1));
  auto owned = std::make_unique<RecordingBackend>(make_backend("reference"));
  RecordingBackend& recorder = *owned;
  TrainStep recorded(std::move(owned), configuration, random_batches(configuration, 1));
  plain.run_once();
  const std::vector<Operation> first = recorder.record([&] { recorded.run_once(); });
  CHECK(same_bits(recorded.parameters(), plain.parameters()));
  plain.run_once();
  CHECK(!same_bits(recorded.parameters(), plain.parameters()));
  const MemoryContents before = recorder.save();
  for (const Operation& operation : first) operation.again();
  CHECK(same_bits(recorded.parameters(), plain.parameters()));

  recorder.restore(before);
  CHECK(!same_bits(recorded.parameters(), plain.parameters()));
  for (const Operation& operation : first) operation.again();
  CHECK(same_bits(recorded.parameters(), plain.parameters()));
}

TEST_CASE("A recorded product says how many zeros its left factor has") {
  RecordingBackend recorder(make_backend("reference"));
  const auto X = on(recorder, {0, 1, 0, 2, 3, 0, 4, 5}), W = on(recorder, {1, 1}), b = on(recorder, {0});
  Buffer<Real> Y(recorder, 4), dX(recorder, 8), dW(recorder, 2), db(recorder, 1);
  auto dY = on(recorder, {1, 1, 0, 1});
  const auto operations = recorder.record([&] {
    recorder.linear_forward(X.matrix(4, 2), W.matrix(1, 2), b.span(), Activation::relu, Y.matrix(4, 1));
    Y.upload(std::vector<Real>{0, 1, 1, 0});
    recorder.linear_backward(X.matrix(4, 2), W.matrix(1, 2), Y.matrix(4, 1), Activation::relu, dY.matrix(4, 1),
                             dX.matrix(4, 2), dW.matrix(1, 2), db.span());
  });
  REQUIRE(operations.size() == 3);
  CHECK(operations[0].zeros == 3.0 / 8);
  CHECK(operations[2].zeros == 3.0 / 4);  // dZ = (0, 1, 0, 0)
}

TEST_CASE("A breakdown has every operation in order, its network and its floor") {
  const Breakdown b = break_down(train_step_configuration("rlmep"), default_backend(), kLimits, 1);
  std::vector<std::string> names;
  for (const OperationTime& o : b.operations) names.push_back(o.operation + " " + o.network);
  CHECK(names == std::vector<std::string>{"linear_forward target", "linear_forward target", "linear_forward target",
                                          "td_target ", "linear_forward online", "linear_forward online",
                                          "linear_forward online", "loss_selected ", "linear_backward online",
                                          "linear_backward online", "linear_backward online", "upload ", "adam_step online",
                                          "update_target target"});
  CHECK(b.operations.back().per_step == 0.01);  // a hard target follows every 100th step
  CHECK(b.operations.front().per_step == 1);

  // 32 x 16 -> 16: 16,384 operations at 100 GFLOP/s take longer than reading 3,136 bytes at 50 GB/s; the argmax of 32 rows of 2
  // and what follows (128 operations) less than reading 512 bytes at 200 GB/s.
  CHECK(b.operations[1].bound == "arithmetic");
  CHECK(b.operations[1].floor == Approx(163.84e-9));
  CHECK(b.operations[3].bound == "L1");
  CHECK(b.operations[3].floor == Approx(512 / 200e9));

  double sum = 0, least = 0, floor = 0;
  for (const OperationTime& o : b.operations) {
    CHECK(o.seconds.median > 0);
    CHECK(o.seconds.least <= o.seconds.median);
    sum += o.per_step * o.seconds.median;
    least += o.per_step * o.seconds.least;
    floor += o.per_step * o.floor;
  }
  CHECK(b.sum_seconds() == Approx(sum));
  CHECK(b.sum_floor() == Approx(floor));
  // Loose, and of the least times: another program may be running.
  CHECK(least < 5 * b.whole.least);
  CHECK(least > b.whole.least / 5);
}

TEST_CASE("The nearest level of memory that holds so much") {
  CHECK(level_for(kLimits.memory, 1000).name == "L1");
  CHECK(level_for(kLimits.memory, 1001).name == "beyond");
  const auto measured = measure_memory(best_instruction_set());
  REQUIRE(measured.size() == 3);
  for (const MemoryLevel& level : measured) CHECK(level.gbps > 0);
  CHECK(measured[0].bytes < measured[1].bytes);
  CHECK(measured[2].bytes == SIZE_MAX);
}

TEST_CASE("Every instruction set has a peak") {
  Peaks peaks;
  CHECK(error_message([&] { peaks.best(); }) == "no peak has been measured: run a round first");
  peaks.round();
  REQUIRE(peaks.all().size() == available_instruction_sets().size());
  for (const auto& peak : peaks.all()) {
    CAPTURE(to_string(peak.set));
    CHECK(peak.gflops > 0);
    CHECK(peaks.best().gflops >= peak.gflops);
  }
}

TEST_CASE("A stopwatch has no times before its first round") {
  int calls = 0;
  Stopwatch stopwatch([&] { ++calls; });
  CHECK(error_message([&] { stopwatch.times(); }) == "nothing has been timed: run a round first");
  stopwatch.round();
  CHECK(calls > 0);
  CHECK(stopwatch.times().least > 0);
  CHECK(stopwatch.times().least <= stopwatch.times().median);
}
