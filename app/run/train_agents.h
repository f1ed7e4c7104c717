#pragma once

#include <chrono>

#include "app/config/run_config.h"
#include "app/progress.h"
#include "app/run/agents_summary.h"
#include "app/run/new_folder.h"

namespace handgrad::app {

/// The agents of a config, with seeds from config.seed on. Throws UsageError for what agents that are trained at once cannot
/// do: tables, several environments an agent, env.fast, env.block_steps, an end by episodes.
ManyAgentsSpec agents_spec(const RunConfig& config, std::int64_t agents, int threads);

/// Many agents trained at once, written down in their folder:
///
///   config.toml                               every setting, of the first agent
///   agents.csv                                a row an agent
///   progress.csv                              mean and deviation over the agents, a row every hundredth of the steps
///   agents.safetensors                        the parameters of all, [K, ...], if they take no more than kMostModelBytes
///   checkpoint/{best,median}/model.safetensors  of the best agent, and of the one in the middle
///   summary.json
///
/// The folder is kept once training has begun. Ends early, in good order, when interrupted() says so. The seconds in the summary
/// count from `begun`. Nothing is evaluated but the two models in the end. Throws Error.
AgentsSummary train_agents(const RunConfig& config, const ManyAgentsSpec& spec, const std::string& backend, NewFolder& folder,
                           ProgressDisplay& progress, std::chrono::steady_clock::time_point begun);

/// What agents.safetensors may take.
inline constexpr std::int64_t kMostModelBytes = std::int64_t{256} << 20;

/// Whether that is the folder of many agents.
bool holds_agents(const std::filesystem::path& folder);

}  // namespace handgrad::app
