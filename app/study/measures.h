#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace handgrad::app {

class TrainedAgent;

/// What a run went through: a row an episode, a row an evaluation.
struct RunRecord {
  struct Episode {
    double episode_return;
    std::int64_t length, env_step;  ///< env_step: transitions seen when it ended
  };
  struct Evaluation {
    std::int64_t episode, env_step;
    double mean;
  };
  std::vector<Episode> episodes;
  std::vector<Evaluation> evaluations;
  std::int64_t env_steps = 0, train_steps = 0;
};

/// A figure of one run. What was waited for and did not come is censored: the value is then where the run ended.
struct MeasureValue {
  double value = std::numeric_limits<double>::quiet_NaN();  ///< NaN: there is none
  bool censored = false;
};

/// A way of reducing a run to one figure: all there is to know of it, once.
struct MeasureKind {
  struct Parameter {
    std::string name;
    std::optional<double> initial;  ///< none: has to be given
    std::string meaning;
  };
  using Parameters = std::map<std::string, double>;

  std::string name, unit, meaning;
  std::vector<Parameter> parameters;
  std::function<MeasureValue(const RunRecord&, TrainedAgent&, const Parameters&)> compute;
  bool can_be_censored = false;
  bool needs_table = false;  ///< an environment that is a table of transitions
};

/// All of them: those of the training, those of the trained model, those that plan on the environment's table.
const std::vector<MeasureKind>& all_measures();
std::vector<MeasureKind> training_measures();
std::vector<MeasureKind> model_measures();
std::vector<MeasureKind> table_measures();

/// Throws Error with the nearest name.
const MeasureKind& find_measure_kind(const std::string& name);

}  // namespace handgrad::app
