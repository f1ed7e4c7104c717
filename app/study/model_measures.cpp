#include <cmath>

#include "app/study/measures.h"
#include "app/study/trained_agent.h"

namespace handgrad::app {

namespace {

using Parameters = MeasureKind::Parameters;

MeasureKind::Parameter episodes_played(double initial) {
  return {"episodes", initial, "greedy episodes to play; one is enough where nothing is random"};
}

const EvaluationResult& play(TrainedAgent& agent, const Parameters& parameters) {
  return agent.play(static_cast<std::int64_t>(parameters.at("episodes")));
}

MeasureValue mean_return(const RunRecord&, TrainedAgent& agent, const Parameters& parameters) {
  return {play(agent, parameters).statistics.mean};
}

MeasureValue greedy_length(const RunRecord&, TrainedAgent& agent, const Parameters& parameters) {
  const auto& lengths = play(agent, parameters).lengths;
  double sum = 0;
  for (const auto length : lengths) sum += static_cast<double>(length);
  return {sum / static_cast<double>(lengths.size())};
}

MeasureValue greedy_success(const RunRecord&, TrainedAgent& agent, const Parameters& parameters) {
  const EvaluationResult& result = play(agent, parameters);
  const auto limit = static_cast<std::int64_t>(parameters.at("within_steps"));
  double successes = 0;
  for (std::size_t i = 0; i < result.returns.size(); ++i) {
    const bool in_time = limit == 0 || result.lengths[i] <= limit;
    successes += result.returns[i] > parameters.at("above") && in_time ? 1 : 0;
  }
  return {successes / static_cast<double>(result.returns.size())};
}

MeasureValue start_value(const RunRecord&, TrainedAgent& agent, const Parameters&) { return {agent.start_value()}; }

}  // namespace

std::vector<MeasureKind> model_measures() {
  return {
      {"final_return",
       "return",
       "mean return of the last model acting greedily, on seeds that nothing else uses",
       {episodes_played(100)},
       mean_return},
      {"greedy_return", "return", "the same, of one episode unless said otherwise", {episodes_played(1)}, mean_return},
      {"greedy_length", "steps", "mean length of greedy episodes", {episodes_played(1)}, greedy_length},
      {"greedy_success",
       "",
       "share of greedy episodes that succeed",
       {episodes_played(1),
        {"above", 0, "an episode succeeds if its return is larger than this"},
        {"within_steps", 0, "and if it takes no more steps than this; 0: however many"}},
       greedy_success},
      {"start_value", "return", "max_a Q(s, a) at the start", {}, start_value},
  };
}

}  // namespace handgrad::app
