#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "../core/safetensors.h"
#include "../core/state.h"
#include "../envs/vector_environment.h"

namespace handgrad {

/// Where a run stands when a learner is asked to do something.
struct Progress {
  std::int64_t env_steps = 0;  ///< transitions seen so far, over all environments
  std::int64_t episodes = 0;   ///< episodes finished so far
};

/// A named parameter array, as it is written to a model file: float32 for networks, double for tables.
using NamedArray = Tensor;

/// What learns. The training loop is the same for every learner; this is all it asks of one.
class Learner {
 public:
  virtual ~Learner() = default;

  /// The first observations [E, D] after the environments were reset.
  virtual void start(std::span<const float> observations) = 0;

  /// Chooses actions [E] for observations [E, D], exploring.
  virtual void act(std::span<const float> observations, const Progress& progress, std::span<std::int32_t> actions) = 0;

  /// Takes in what those actions led to (AutoresetMode::same_step), and learns from it if that is due.
  virtual void observe(std::span<const std::int32_t> actions, const VectorStep& step, const Progress& progress) = 0;

  /// The best actions [n] by what is known so far, without exploring: observations [n, D].
  virtual void act_greedily(std::span<const float> observations, std::span<std::int32_t> actions) = 0;

  /// How many episodes an evaluation plays side by side, so that act_greedily sees so many rows at once. It changes no figure:
  /// networks are quicker with many, tables with one environment.
  virtual std::int64_t evaluation_rows() const { return 128; }

  /// The exploration rate that act would use.
  virtual double epsilon(const Progress& progress) const = 0;

  /// Gradient steps (or table updates) made so far.
  virtual std::int64_t train_steps() const = 0;

  /// The mean loss of the train steps since the last call, if there were any. Throws Error if it is not finite, naming the
  /// train step.
  virtual std::optional<double> take_mean_loss() = 0;

  /// The learned parameters, copied to the host, under the names of a model file; and back. Throws Error if names or shapes
  /// are not this learner's.
  virtual std::vector<NamedArray> model() const = 0;
  virtual void load_model(const std::vector<NamedArray>& arrays) = 0;

  /// What else it takes to play the model (activation, encoding of states): metadata of the model file.
  virtual std::map<std::string, std::string> model_metadata() const { return {}; }

  /// Writes down everything that decides how the learner goes on, between two calls of observe and act; or reads it back into
  /// a learner that was made with the same configuration. Throws Error for what cannot be a state of this learner: nothing that
  /// is read may be taken on trust.
  virtual void serialize(StateArchive& state) = 0;
};

}  // namespace handgrad
