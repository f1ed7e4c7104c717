#include "evaluation.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "../core/error.h"
#include "environment_health.h"

namespace handgrad {
namespace {

constexpr const char* kWho = "the environment of evaluation episode";

/// Episodes under way. Row r of the batch belongs to game r; games that are over are not in it, so they cost nothing.
class Table {
 public:
  Table(const std::function<std::unique_ptr<Environment>()>& make_environment, std::int64_t seats, std::uint64_t seed,
        std::int64_t max_steps)
      : seed_(seed), max_steps_(max_steps) {
    for (std::int64_t i = 0; i < seats; ++i) {
      games_.push_back({make_environment(), 0, 0.0, 0});
      require(games_.back().environment != nullptr, "the function that makes environments for the evaluation made none");
    }
    size_ = static_cast<std::size_t>(games_.front().environment->observation_size());
    observations_.resize(games_.size() * size_);
    actions_.resize(games_.size());
  }

  void begin(std::size_t row, std::int64_t episode) {
    Game& game = games_[row];
    game.episode = episode;
    game.episode_return = 0.0;
    game.length = 0;
    game.environment->reset(seed_ + static_cast<std::uint64_t>(episode), observation(row));
    require_finite({kWho, episode, 0}, observation(row));
  }

  /// Moves the last row to `row`, whose game is over.
  void close(std::size_t row) {
    if (const std::size_t last = games_.size() - 1; row != last) {
      std::ranges::copy(observation(last), observation(row).begin());
      games_[row] = std::move(games_[last]);
    }
    games_.pop_back();
  }

  /// Asks for an action a row.
  void choose(const GreedyPolicy& policy) {
    const std::span<std::int32_t> actions(actions_.data(), games_.size());
    policy({observations_.data(), games_.size() * size_}, actions);
  }

  /// Plays the chosen action. Returns whether the episode is over, and adds it to the result then.
  bool step(std::size_t row, EvaluationResult& result) {
    Game& game = games_[row];
    const StepResult step = game.environment->step(actions_[row], observation(row));
    game.episode_return += step.reward;
    ++game.length;
    require_finite({kWho, game.episode, game.length}, observation(row), step.reward);
    if (!step.terminated && !step.truncated && game.length != max_steps_) return false;
    result.returns[static_cast<std::size_t>(game.episode)] = game.episode_return;
    result.lengths[static_cast<std::size_t>(game.episode)] = game.length;
    return true;
  }

  std::size_t games() const { return games_.size(); }

 private:
  struct Game {
    std::unique_ptr<Environment> environment;
    std::int64_t episode;
    double episode_return;
    std::int64_t length;
  };

  std::span<float> observation(std::size_t row) { return {observations_.data() + row * size_, size_}; }

  std::uint64_t seed_;
  std::int64_t max_steps_;  ///< 0: no limit but the environment's
  std::size_t size_ = 0;    ///< D
  std::vector<Game> games_;
  std::vector<float> observations_;  ///< [seats, D], the first games() rows in use
  std::vector<std::int32_t> actions_;
};

void check_lengths(std::int64_t episodes, std::int64_t max_steps) {
  require(episodes >= 1, "an evaluation needs at least one episode, found ", episodes);
  require(max_steps >= 0, "an evaluation episode is cut off after a number of steps, or not at all (0), found ", max_steps);
}

}  // namespace

ReturnStatistics statistics(std::span<const double> returns) {
  require(!returns.empty(), "statistics need at least one return; play an episode first");
  const auto n = static_cast<double>(returns.size());
  const double mean = std::accumulate(returns.begin(), returns.end(), 0.0) / n;
  // Two passes: the mean of squares less the square of the mean cancels where returns are large and alike.
  double squares = 0.0;
  for (const double value : returns) squares += (value - mean) * (value - mean);
  const auto [min, max] = std::ranges::minmax(returns);
  return {static_cast<std::int64_t>(returns.size()), mean, std::sqrt(squares / n), min, max};
}

EvaluationResult evaluate(const GreedyPolicy& policy, const std::function<std::unique_ptr<Environment>()>& make_environment,
                          std::int64_t episodes, std::uint64_t seed, std::int64_t side_by_side, std::int64_t max_steps) {
  require(policy && make_environment, "an evaluation needs a policy and a function that makes environments");
  check_lengths(episodes, max_steps);
  require(side_by_side >= 1, "an evaluation plays at least one episode at a time, found ", side_by_side);

  EvaluationResult result;
  result.returns.resize(static_cast<std::size_t>(episodes));
  result.lengths.resize(static_cast<std::size_t>(episodes));
  Table table(make_environment, std::min(episodes, side_by_side), seed, max_steps);
  std::int64_t next = 0;
  for (std::size_t row = 0; row < table.games(); ++row) table.begin(row, next++);
  while (table.games() > 0) {
    table.choose(policy);
    // Trap: downwards, because closing a row moves the last one there, and that one must have had its step.
    for (std::size_t row = table.games(); row-- > 0;) {
      if (!table.step(row, result)) continue;
      if (next < episodes) {
        table.begin(row, next++);
      } else {
        table.close(row);
      }
    }
  }
  result.statistics = statistics(result.returns);
  return result;
}

EvaluationResult evaluate_in(const GreedyPolicy& policy, Environment& environment, std::span<const float> observation,
                             std::int64_t episodes, std::int64_t max_steps) {
  require(static_cast<bool>(policy), "an evaluation needs a policy");
  check_lengths(episodes, max_steps);
  std::vector<float> current(static_cast<std::size_t>(environment.observation_size()));
  require(observation.empty() || observation.size() == current.size(), "expected an observation of ", current.size(),
          " values, found ", observation.size());
  EvaluationResult result;
  for (std::int64_t episode = 0; episode < episodes; ++episode) {
    if (episode == 0 && !observation.empty()) {
      std::ranges::copy(observation, current.begin());
    } else {
      environment.reset({}, current);
      require_finite({kWho, episode, 0}, current);
    }
    double episode_return = 0.0;
    std::int64_t length = 0;
    for (bool over = false; !over; over = over || length == max_steps) {
      std::int32_t action = 0;
      policy(current, {&action, 1});
      const StepResult step = environment.step(action, current);
      episode_return += step.reward;
      ++length;
      require_finite({kWho, episode, length}, current, step.reward);
      over = step.terminated || step.truncated;
    }
    result.returns.push_back(episode_return);
    result.lengths.push_back(length);
  }
  result.statistics = statistics(result.returns);
  return result;
}

}  // namespace handgrad
