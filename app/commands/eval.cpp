#include <iostream>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/config/build_run.h"
#include "app/format.h"
#include "app/run/run_folder.h"

namespace handgrad::app {

namespace {

// The episodes' returns, as many a line as fit.
std::string wrapped(const std::vector<double>& values) {
  constexpr std::size_t kColumns = 78;
  std::string lines, line = " ";
  for (const double value : values) {
    const std::string cell = " " + brief(value, 6);
    if (line.size() + cell.size() > kColumns) {
      lines += line + "\n";
      line = " ";
    }
    line += cell;
  }
  return lines + line + "\n";
}

}  // namespace

int eval_command(const EvalOptions& options) {
  const std::int64_t episodes = parse_count(options.episodes, "--episodes", 1, 10'000'000);
  const RunConfig config = read_run_folder(options.folder);
  const std::uint64_t seed = options.seed ? parse_seed(*options.seed) : final_evaluation_seed(config.seed);
  Policy policy = load_policy(options.folder, options.model, config);
  const EvaluationResult result = play(
      config, [&](auto observations, auto actions) { policy.act(observations, actions); }, episodes, seed);
  const ReturnStatistics& returns = result.statistics;

  std::cout << config.preset << " on " << config.environment.id << ", " << options.model << " model, environment seeds "
            << seed << " + 0 ... " << episodes - 1 << '\n';
  std::cout << "mean " << fixed(returns.mean, 3) << "  std " << fixed(returns.std, 3) << "  min " << brief(returns.min, 6)
            << "  max " << brief(returns.max, 6) << "  over " << returns.episodes << " episodes, each:\n"
            << wrapped(result.returns);
  if (options.json) {
    nlohmann::ordered_json j = {{"preset", config.preset},
                                {"env", config.environment.id},
                                {"model", options.model},
                                {"backend", config.backend},
                                {"seed", seed},
                                {"episodes", returns.episodes},
                                {"return_mean", returns.mean},
                                {"return_std", returns.std},
                                {"return_min", returns.min},
                                {"return_max", returns.max},
                                {"returns", result.returns},
                                {"lengths", result.lengths}};
    std::cout << j.dump() << '\n';
  }
  return 0;
}

}  // namespace handgrad::app
