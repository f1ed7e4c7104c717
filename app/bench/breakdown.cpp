#include "app/bench/breakdown.h"

#include <algorithm>

#include "core/backends.h"
#include "core/step_scope.h"

namespace handgrad::app {

namespace {

constexpr int kWarmUp = 20;  // train steps before one is recorded

struct Recorded {
  Operation operation;
  double per_step;
};

/// What one train step calls: an update of a hard target, which most steps do not have, counts for its share.
std::vector<Recorded> record_step(RecordingBackend& recorder, TrainStep& step, std::int64_t follow_every) {
  std::vector<Recorded> all;
  for (Operation& operation : recorder.record([&] { step.run_once(); })) all.push_back({std::move(operation), 1});
  if (follow_every > 1) {
    for (Operation& operation : recorder.record([&] { step.dqn_step().follow(); })) {
      all.push_back({std::move(operation), 1 / static_cast<double>(follow_every)});
    }
  }
  return all;
}

bool lies_in(const Real* p, ConstVector array) { return p >= array.data() && p < array.data() + array.size(); }

std::string network_of(const Operation& operation, DqnStep& step) {
  if (operation.parameters == nullptr) return "";
  if (lies_in(operation.parameters, step.target().parameters())) return "target";
  return lies_in(operation.parameters, step.online().parameters()) ? "online" : "";
}

OperationTime with_floor(OperationTime time, const MachineLimits& limits) {
  const MemoryLevel& level = level_for(limits.memory, time.traffic.touched);
  const double arithmetic = time.flops / (limits.peak_gflops * 1e9);
  const double memory = std::max(time.traffic.read, time.traffic.written) / (level.gbps * 1e9);
  time.floor = std::max(arithmetic, memory);
  time.bound = arithmetic >= memory ? "arithmetic" : level.name;
  return time;
}

}  // namespace

double Breakdown::sum_seconds() const {
  double sum = 0;
  for (const OperationTime& o : operations) sum += o.per_step * o.seconds.median;
  return sum;
}

double Breakdown::sum_floor() const {
  double sum = 0;
  for (const OperationTime& o : operations) sum += o.per_step * o.floor;
  return sum;
}

Breakdown break_down(const TrainStepConfiguration& configuration, const std::string& backend, const MachineLimits& limits,
                     std::int64_t rounds) {
  auto owned = std::make_unique<RecordingBackend>(make_backend(backend));
  RecordingBackend& recorder = *owned;
  TrainStep recorded(std::move(owned), configuration, random_batches(configuration, 1));
  for (int step = 0; step < kWarmUp; ++step) recorded.run_once();
  const std::vector<Recorded> all = record_step(recorder, recorded, configuration.dqn.target.every);
  const MemoryContents contents = recorder.save();

  // The whole step is one without a recorder in between.
  TrainStep step(backend, configuration);
  Stopwatch whole([&] { step.run_once(); }, [&] { step.wait(); }, pace_of(backend));
  std::vector<Stopwatch> operations;
  for (const Recorded& one : all)
    operations.emplace_back(
        one.operation.again, [&] { recorded.wait(); }, pace_of(backend));
  for (std::int64_t round = 0; round < rounds; ++round) {
    whole.round();
    const StepScope scope(recorder);  // denormals are flushed here as they are in the step
    for (Stopwatch& operation : operations) {
      recorder.restore(contents);  // times depend on the data: zeros may be left out
      operation.round();
    }
  }

  Breakdown breakdown{{}, whole.times()};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Operation& o = all[i].operation;
    breakdown.operations.push_back(with_floor({o.name, network_of(o, recorded.dqn_step()), o.shape, all[i].per_step,
                                               operations[i].times(), o.flops, o.traffic, o.zeros},
                                              limits));
  }
  return breakdown;
}

}  // namespace handgrad::app
