#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "app/bench/agents_speed.h"
#include "app/bench/breakdown.h"
#include "app/bench/environment_speed.h"
#include "app/bench/peak.h"

/// What has been measured, as a table on stdout and as entries of the JSON object that ends the output.
namespace handgrad::app {

using BenchJson = nlohmann::ordered_json;

/// Processor, compiler, flags, threads, peaks: without them no figure means anything.
void report_machine(BenchJson& j, const Peaks& peaks, const std::string& backend);

struct TrainStepTimes {
  TrainStepConfiguration configuration;
  Times step, acting;
};
void report_train_steps(BenchJson& j, const std::vector<TrainStepTimes>& all, double peak_gflops);

struct EnvironmentSpeedOf {
  std::string id;
  EnvironmentSpeed speed;
};
void report_environments(BenchJson& j, const std::vector<EnvironmentSpeedOf>& all);

/// Agents that are trained at once, by their number.
void report_agents(BenchJson& j, const std::vector<AgentsSpeed>& all, int threads);

void report_memory(BenchJson& j, const std::vector<MemoryLevel>& levels);

/// Of what only some train steps have (a hard target update: every 100th), its share is there.
void report_breakdown(BenchJson& j, const TrainStepConfiguration& configuration, const Breakdown& breakdown);

}  // namespace handgrad::app
