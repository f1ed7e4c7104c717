#include <algorithm>
#include <iostream>
#include <memory>
#include <thread>

#include "app/bench/acting.h"
#include "app/bench/report.h"
#include "app/commands/commands.h"
#include "app/format.h"
#include "app/usage_error.h"
#include "core/backends.h"
#include "core/suggest.h"
#include "envs/registry.h"

namespace handgrad::app {

namespace {

constexpr std::int64_t kMostRows = 1 << 20;

/// What is to be measured.
struct Selection {
  std::vector<TrainStepConfiguration> train_steps;
  std::vector<std::string> environments;
};

Selection select(const std::vector<std::string>& what) {
  Selection all{train_step_configurations(), {}}, chosen;
  const Registry registry = Registry::gymnasium();
  for (const EnvironmentSpec& spec : registry.list()) all.environments.push_back(spec.id);
  if (what.empty()) return all;

  std::vector<std::string> names = all.environments;
  for (const auto& configuration : all.train_steps) names.push_back(configuration.name);
  for (const std::string& name : what) {
    const auto step = std::ranges::find(all.train_steps, name, &TrainStepConfiguration::name);
    if (step != all.train_steps.end()) {
      chosen.train_steps.push_back(*step);
    } else if (std::ranges::find(all.environments, name) != all.environments.end()) {
      chosen.environments.push_back(name);
    } else {
      wrong_use("nothing called '", name,
                "' to time: expected tutorial, zoo, cleanrl, tf, hadiji, rlmep, an environment's id, or agents alone.",
                did_you_mean(name, names));
    }
  }
  return chosen;
}

void check_backend(const std::string& backend) {
  try {
    make_backend(backend);
  } catch (const Error& error) {
    wrong_use("--backend: ", error.what());
  }
}

/// Train steps, acting with the same networks, and the peak that they are compared with, taking turns.
std::vector<TrainStepTimes> time_train_steps(const std::vector<TrainStepConfiguration>& configurations,
                                             const std::string& backend, std::int64_t rounds, Peaks& peaks) {
  std::vector<Stopwatch> steps, acting;
  const Stopwatch::Pace pace = pace_of(backend);
  for (const auto& c : configurations) {
    const auto step = std::make_shared<TrainStep>(backend, c);
    steps.emplace_back([step] { step->run_once(); }, [step] { step->wait(); }, pace);
    acting.emplace_back([agent = std::make_shared<Acting>(backend, c)] { agent->run_once(); }, [] {}, pace);
  }
  for (std::int64_t round = 0; round < rounds; ++round) {
    peaks.round();
    for (Stopwatch& step : steps) step.round();
    for (Stopwatch& agent : acting) agent.round();
  }
  std::vector<TrainStepTimes> all;
  for (std::size_t i = 0; i < configurations.size(); ++i) {
    all.push_back({configurations[i], steps[i].times(), acting[i].times()});
  }
  return all;
}

std::vector<EnvironmentSpeedOf> time_environments(const std::vector<std::string>& ids, std::int64_t rounds) {
  std::vector<EnvironmentTimer> timers(ids.begin(), ids.end());
  for (std::int64_t round = 0; round < rounds; ++round) {
    for (EnvironmentTimer& timer : timers) timer.round();
  }
  std::vector<EnvironmentSpeedOf> all;
  for (std::size_t i = 0; i < ids.size(); ++i) all.push_back({ids[i], timers[i].speed()});
  return all;
}

void bench(BenchJson& j, const Selection& selection, const std::string& backend, std::int64_t rounds) {
  Peaks peaks;
  const auto steps = time_train_steps(selection.train_steps, backend, rounds, peaks);
  report_machine(j, peaks, backend);
  report_train_steps(j, steps, peaks.best().gflops);
  std::cout << std::flush;
  report_environments(j, time_environments(selection.environments, rounds));
}

void bench_breakdown(BenchJson& j, const Selection& selection, const std::string& backend, std::int64_t rounds) {
  Peaks peaks;
  for (std::int64_t round = 0; round < rounds; ++round) peaks.round();
  const MachineLimits limits{peaks.best().gflops, measure_memory(peaks.best().set)};
  report_machine(j, peaks, backend);
  report_memory(j, limits.memory);
  for (const auto& configuration : selection.train_steps) {
    report_breakdown(j, configuration, break_down(configuration, backend, limits, rounds));
  }
}

std::vector<std::int64_t> agent_numbers(const BenchOptions& options, bool on_gpu) {
  if (options.agents.empty()) {
    return on_gpu ? std::vector<std::int64_t>{1, 16, 256, 1024, 4096, 16384} : std::vector<std::int64_t>{1, 16};
  }
  std::vector<std::int64_t> numbers;
  for (const std::string& number : options.agents) numbers.push_back(parse_count(number, "--agents", 1, 1'000'000));
  return numbers;
}

// On one thread; on a GPU the host uses all that there are.
void bench_agents(BenchJson& j, const BenchOptions& options, const std::string& backend, std::int64_t rounds) {
  const bool on_gpu = backend.starts_with("cuda");
  const int threads = on_gpu ? static_cast<int>(std::max(1U, std::thread::hardware_concurrency())) : 1;
  const std::vector<std::int64_t> numbers = agent_numbers(options, on_gpu);
  try {
    make_many_agents(measured_agents(1, 1), backend);
  } catch (const Error& error) {
    wrong_use("--backend: ", error.what());
  }
  Peaks peaks;
  peaks.round();
  report_machine(j, peaks, backend);
  std::cout << std::flush;
  std::vector<AgentsSpeed> all;
  for (const std::int64_t agents : numbers) {
    all.push_back(time_agents(agents, threads, backend, 0.2 * static_cast<double>(rounds)));
  }
  report_agents(j, all, threads);
}

}  // namespace

int bench_command(const BenchOptions& options) {
  if (options.what == std::vector<std::string>{"agents"}) {
    BenchJson j;
    bench_agents(j, options, options.backend.value_or(default_backend()), parse_count(options.rounds, "--rounds"));
    if (options.json) std::cout << j.dump() << '\n';
    return 0;
  }
  if (!options.agents.empty()) wrong_use("--agents is for `handgrad bench agents`");
  Selection selection = select(options.what);
  const std::int64_t rounds = parse_count(options.rounds, "--rounds");
  if (options.batch) {
    for (TrainStepConfiguration& c : selection.train_steps) {
      c.dqn.batch_size = parse_count(*options.batch, "--batch", 1, kMostRows);
      c.dqn.replay_capacity = std::max(c.dqn.replay_capacity, c.dqn.batch_size);
    }
  }
  const std::string backend = options.backend.value_or(default_backend());
  check_backend(backend);
  if (options.breakdown && !options.what.empty() && !selection.environments.empty()) {
    wrong_use("--breakdown is of train steps, and ", selection.environments.front(), " is an environment");
  }
  BenchJson j;
  if (options.breakdown) {
    bench_breakdown(j, selection, backend, rounds);
  } else {
    bench(j, selection, backend, rounds);
  }
  if (options.json) std::cout << j.dump() << '\n';
  return 0;
}

}  // namespace handgrad::app
