#include "bench/peers/glue/train_step_worker.h"

#include <chrono>
#include <ctime>
#include <iostream>

#include "core/error.h"
#include "core/safetensors.h"

namespace handgrad::peers {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kBatches = 10, kCheckedSteps = 10, kWarmUpSteps = 100;
constexpr std::int64_t D = app::TrainStepConfiguration::kObservationSize;
constexpr std::size_t kLargeBatch = 3;

fs::path file_of(const fs::path& folder, const std::string& name) { return folder / (name + ".safetensors"); }

template <class T>
void append(Tensor& tensor, const std::vector<T>& values) {
  for (const T value : values) tensor.values.push_back(static_cast<float>(value));
}

template <class T>
std::vector<T> part(const Tensor& tensor, std::int64_t index, std::int64_t size) {
  const auto first = tensor.values.begin() + index * size;
  return {first, first + size};
}

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

void check(Contestant& contestant, const fs::path& file) {
  contestant.run(kCheckedSteps);
  Tensor parameters{"parameters", {}, contestant.parameters()};
  parameters.shape = {static_cast<std::int64_t>(parameters.values.size())};
  write_safetensors(file, {{}, {parameters}});
  std::cout << "done" << std::endl;
}

void time(Contestant& contestant, std::int64_t steps) {
  using Clock = std::chrono::steady_clock;
  contestant.run(kWarmUpSteps);
  const auto begun = Clock::now();
  const double cpu_begun = cpu_seconds();
  contestant.run(steps);
  const double cpu = cpu_seconds() - cpu_begun;
  std::cout << std::chrono::duration<double>(Clock::now() - begun).count() << ' ' << cpu << std::endl;
}

}  // namespace

StartingPoint make_starting_point(const app::TrainStepConfiguration& configuration) {
  StartingPoint start{configuration, app::TrainStep("reference", configuration).parameters(), {}};
  for (std::uint64_t seed = 1; seed <= kBatches; ++seed) start.batches.push_back(random_batch(configuration, seed));
  app::HostBatch& large = start.batches[kLargeBatch];
  for (auto* values : {&large.observations, &large.next_observations, &large.rewards}) {
    for (float& x : *values) x *= 100;
  }
  return start;
}

void write_starting_point(const fs::path& folder, const StartingPoint& start) {
  const std::int64_t B = start.configuration.dqn.batch_size;
  Tensor parameters{"parameters", {static_cast<std::int64_t>(start.parameters.size())}, start.parameters};
  Tensor observations{"observations", {kBatches, B, D}, {}}, next_observations{"next_observations", {kBatches, B, D}, {}};
  Tensor actions{"actions", {kBatches, B}, {}}, rewards{"rewards", {kBatches, B}, {}},
      discounts{"discounts", {kBatches, B}, {}};
  for (const app::HostBatch& batch : start.batches) {
    append(observations, batch.observations);
    append(next_observations, batch.next_observations);
    append(actions, batch.actions);
    append(rewards, batch.rewards);
    append(discounts, batch.discounts);
  }
  fs::create_directories(folder);
  write_safetensors(file_of(folder, start.configuration.name),
                    {{}, {parameters, observations, next_observations, actions, rewards, discounts}});
}

StartingPoint read_starting_point(const fs::path& folder, const std::string& name) {
  StartingPoint start{app::train_step_configuration(name), {}, {}};
  const std::int64_t B = start.configuration.dqn.batch_size;
  const TensorFile file = read_safetensors(file_of(folder, name));
  start.parameters = file.at("parameters").values;
  require(file.at("observations").shape == std::vector<std::int64_t>{kBatches, B, D}, file_of(folder, name).string(),
          " was written for another configuration: remove it and run again");
  for (std::int64_t i = 0; i < kBatches; ++i) {
    app::HostBatch batch;
    batch.observations = part<float>(file.at("observations"), i, B * D);
    batch.next_observations = part<float>(file.at("next_observations"), i, B * D);
    batch.rewards = part<float>(file.at("rewards"), i, B);
    batch.discounts = part<float>(file.at("discounts"), i, B);
    for (const float action : part<float>(file.at("actions"), i, B))
      batch.actions.push_back(static_cast<std::int32_t>(action));
    start.batches.push_back(std::move(batch));
  }
  return start;
}

void serve(const fs::path& folder, const std::function<std::unique_ptr<Contestant>(const StartingPoint&)>& make_contestant) {
  std::string request, name;
  while (std::cin >> request >> name) {
    const auto contestant = make_contestant(read_starting_point(folder, name));
    if (request == "check") {
      std::string file;
      std::cin >> file;
      check(*contestant, file);
    } else if (request == "time") {
      std::int64_t steps = 0;
      std::cin >> steps;
      time(*contestant, steps);
    } else {
      fail("no request '", request, "': there are check and time");
    }
  }
}

}  // namespace handgrad::peers
