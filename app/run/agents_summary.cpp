#include "app/run/agents_summary.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <nlohmann/json.hpp>

#include "app/format.h"
#include "core/error.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;

Json spread(const std::vector<double>& values) {
  if (values.empty()) return nullptr;
  const ReturnStatistics s = statistics(values);
  return {{"mean", s.mean}, {"std", s.std}, {"min", s.min}, {"max", s.max}};
}

Json to_object(const AgentsSummary& s, const AgentsSummary::Chosen& chosen) {
  const AgentReport& agent = s.agents[chosen.agent];
  return {{"seed", agent.seed},
          {"train_return_mean_100", agent.mean_return ? Json(*agent.mean_return) : Json(nullptr)},
          {"eval_episodes", chosen.evaluation ? Json(chosen.evaluation->episodes) : Json(nullptr)},
          {"eval_return_mean", chosen.evaluation ? Json(chosen.evaluation->mean) : Json(nullptr)},
          {"eval_return_std", chosen.evaluation ? Json(chosen.evaluation->std) : Json(nullptr)}};
}

std::int64_t diverged(const AgentsSummary& s) {
  return std::ranges::count_if(s.agents, [](const AgentReport& a) { return a.loss && !std::isfinite(*a.loss); });
}

std::string line_of(const AgentsSummary& s, const char* what, const AgentsSummary::Chosen& chosen) {
  const AgentReport& agent = s.agents[chosen.agent];
  std::string line = text(what, "seed ", agent.seed, ": ", agent.mean_return ? fixed(*agent.mean_return, 2) : "no episode");
  if (chosen.evaluation) {
    line += text("; evaluation ", fixed(chosen.evaluation->mean, 2), " +- ", fixed(chosen.evaluation->std, 2), " over ",
                 chosen.evaluation->episodes, " episodes, acting greedily");
  }
  return line + "\n";
}

}  // namespace

double AgentsSummary::agent_steps_per_second() const {
  if (training_seconds <= 0) return 0;
  return static_cast<double>(env_steps) * static_cast<double>(agents.size()) / training_seconds;
}

std::vector<double> AgentsSummary::mean_returns() const {
  std::vector<double> values;
  for (const AgentReport& agent : agents) {
    if (agent.mean_return) values.push_back(*agent.mean_return);
  }
  return values;
}

std::vector<double> AgentsSummary::solved_at_env_steps() const {
  std::vector<double> values;
  for (const AgentReport& agent : agents) {
    if (agent.solved_at_env_step) values.push_back(static_cast<double>(*agent.solved_at_env_step));
  }
  return values;
}

std::vector<std::size_t> ranking(const std::vector<AgentReport>& agents) {
  std::vector<std::size_t> order(agents.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t k) {
    return agents[k].mean_return.value_or(-std::numeric_limits<double>::infinity());
  });
  return order;
}

std::string to_json(const AgentsSummary& s, int indent) {
  Json j;
  j["preset"] = s.preset;
  j["variant"] = s.variants;
  j["env"] = s.environment;
  j["algorithm"] = s.algorithm;
  j["backend"] = s.backend;
  j["threads"] = s.threads;
  j["version"] = HANDGRAD_VERSION;
  j["agents"] = s.agents.size();
  j["seed"] = s.agents.front().seed;
  j["env_steps"] = s.env_steps;
  j["train_steps"] = s.agents.front().train_steps;
  j["wall_seconds"] = s.wall_seconds;
  j["agent_steps_per_second"] = s.agent_steps_per_second();
  j["train_return_mean_100"] = spread(s.mean_returns());
  j["solved"] = s.threshold ? Json(s.solved_at_env_steps().size()) : Json(nullptr);
  j["solved_at_env_step"] = spread(s.solved_at_env_steps());
  j["diverged"] = diverged(s);
  j["best"] = to_object(s, s.best);
  j["median"] = to_object(s, s.median);
  if (s.interrupted) j["interrupted"] = true;
  return j.dump(indent);
}

std::string to_lines(const AgentsSummary& s) {
  const auto count = static_cast<std::int64_t>(s.agents.size());
  const std::vector<double> returns = s.mean_returns(), solved = s.solved_at_env_steps();
  std::string lines = text("agents      ", grouped(count), ", seeds ", s.agents.front().seed, " to ", s.agents.back().seed,
                           ", ", grouped(s.env_steps), " steps each\n");
  if (!returns.empty()) {
    const ReturnStatistics r = statistics(returns);
    lines += text("return      ", fixed(r.mean, 2), " +- ", fixed(r.std, 2), " over the agents (", brief(r.min), " to ",
                  brief(r.max), "), each the mean of its last 100 episodes\n");
  }
  if (s.threshold) {
    lines += text("solved      ", fixed(100.0 * static_cast<double>(solved.size()) / static_cast<double>(count), 1), " %");
    if (!solved.empty()) {
      const ReturnStatistics at = statistics(solved);
      lines += text(", at step ", grouped(std::llround(at.mean)), " +- ", grouped(std::llround(at.std)));
    }
    lines += text(" (mean return of 100 episodes >= ", brief(*s.threshold), ")\n");
  }
  if (const std::int64_t lost = diverged(s); lost > 0) {
    lines += text("diverged    ", grouped(lost), ": their loss is not finite; lower optimizer.lr, or clip gradients\n");
  }
  lines += line_of(s, "best        ", s.best) + line_of(s, "median      ", s.median);
  lines += text("training    ", grouped(std::llround(s.agent_steps_per_second())), " agent steps a second, ",
                fixed(s.wall_seconds, 2), " s in all\n");
  return lines;
}

}  // namespace handgrad::app
