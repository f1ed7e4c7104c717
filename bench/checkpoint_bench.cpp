// What a checkpoint of a replay memory of N transitions costs, CartPole's size: 25 bytes each, and a network.
// checkpoint_write/N is what it takes to copy the state, to make checksums and to hand everything to the system; sync_ms is how
// long the disk then takes, which nobody who trains waits for; checkpoint_read/N is the way back. Files go to the folder for
// temporary ones: set TMPDIR to measure another disk.

#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "core/checkpoint.h"
#include "suite.h"

using namespace handgrad;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kObservation = 4;       // numbers
constexpr std::size_t kNetwork = 4 * 17'410;  // online, target and two averages of the optimiser

struct Run {
  std::vector<float> observations, rewards, network;
  std::vector<std::int32_t> actions;
  std::vector<std::uint8_t> terminated;

  explicit Run(std::size_t N) : observations(kObservation * N), rewards(N, 1), network(kNetwork), actions(N), terminated(N) {
    Generator random(1);
    for (float& x : observations) x = static_cast<float>(random.uniform(-1, 1));
    for (float& x : network) x = static_cast<float>(random.uniform(-1, 1));
    for (std::size_t i = 0; i < N; ++i) {
      actions[i] = static_cast<std::int32_t>(random.integers(0, 2));
      terminated[i] = random.integers(0, 200) == 0 ? 1 : 0;
    }
  }

  void serialize(StateArchive& state) {
    state.array("replay.observations", std::span(observations));
    state.array("replay.rewards", std::span(rewards));
    state.array("replay.actions", std::span(actions));
    state.array("replay.terminated", std::span(terminated));
    state.array("network", std::span(network));
  }
};

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

fs::path scratch_folder() { return fs::temp_directory_path() / ("handgrad-checkpoint-bench-" + std::to_string(::getpid())); }

void checkpoint_write(benchmark::State& state) {
  const auto N = static_cast<std::size_t>(state.range(0));
  Run run(N);
  const fs::path folder = scratch_folder();
  double syncing = 0;
  CheckpointCost cost;
  std::int64_t number = 0;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    Checkpoint checkpoint{"", {}};
    StateArchive archive = StateArchive::saving(checkpoint.state);
    run.serialize(archive);
    const double copying = seconds_since(begin);
    cost = write_checkpoint(folder, number++, checkpoint, 2);
    state.SetIterationTime(copying + cost.seconds_to_write);
    syncing += cost.seconds_to_sync;
  }
  state.counters["sync_ms"] = benchmark::Counter(1e3 * syncing, benchmark::Counter::kAvgIterations);
  state.counters["bytes_each"] = static_cast<double>(cost.bytes) / static_cast<double>(N);
  fs::remove_all(folder);
}

void checkpoint_read(benchmark::State& state) {
  Run run(static_cast<std::size_t>(state.range(0)));
  const fs::path folder = scratch_folder();
  Checkpoint checkpoint{"", {}};
  StateArchive archive = StateArchive::saving(checkpoint.state);
  run.serialize(archive);
  write_checkpoint(folder, 0, checkpoint, 1);
  for (auto _ : state) {
    const Checkpoint found = read_checkpoint(folder / "step-0");
    StateArchive loading = StateArchive::loading(found.state);
    run.serialize(loading);
  }
  fs::remove_all(folder);
}

// Few iterations: what is not timed, the disk, takes longest.
BENCHMARK(checkpoint_write)->Arg(10'000)->Arg(1'000'000)->UseManualTime()->Iterations(5)->Unit(benchmark::kMillisecond);
BENCHMARK(checkpoint_read)->Arg(10'000)->Arg(1'000'000)->Iterations(5)->Unit(benchmark::kMillisecond);

}  // namespace

int main(int argc, char** argv) { return run_registered(argc, argv); }
