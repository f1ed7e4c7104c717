#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../core/buffer.h"
#include "../core/state.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// The update rules, p a parameter, g its gradient, t the step counted from 1, b1 = 1 - beta1^t, b2 = 1 - beta2^t.
/// (SgdSpec, RmspropSpec and AdamSpec in core/backend.h have the first halves: the averages.)
///
///   sgd              p -= lr v                                         v the velocity, or g without momentum
///   rmsprop          p -= lr g / (sqrt(n) + eps)                       Tieleman & Hinton (2012), as PyTorch has it
///   rmsprop_dqn2015  p -= lr g / sqrt(n - m² + eps)                    the program of Mnih et al. (2015): always centred
///   adam             p -= lr/b1 · m / (sqrt(v)/sqrt(b2) + eps)         Kingma & Ba (2015), algorithm 1
///   adam_keras       p -= lr sqrt(b2)/b1 · m / (sqrt(v) + eps)         the same, end of section 2: as Keras has it
///   adamw            p *= 1 - lr weight_decay, then as adam            Loshchilov & Hutter (2019)
///   radam            adam without eps in the root's place until the    Liu et al. (2020), algorithm 2, as PyTorch has it
///                    variance of v is tractable, see optimizer.cpp
///
/// AMSGrad (Reddi et al. 2018) takes the maximum of the raw v, as PyTorch does; adam, adam_keras and adamw have it.
/// weight_decay is L2 (added to g) in all but adamw.
enum class OptimizerKind { sgd, rmsprop, rmsprop_dqn2015, adam, adam_keras, adamw, radam };

/// Hyperparameters; each rule reads its own and ignores the others. The defaults are Adam's.
struct OptimizerSpec {
  OptimizerKind kind = OptimizerKind::adam;
  double lr = 1e-3;           ///< learning rate, >= 0
  double weight_decay = 0.0;  ///< >= 0
  double eps = 1e-8;          ///< >= 0: rmsprop and the Adam family
  double beta1 = 0.9;         ///< [0, 1): the Adam family
  double beta2 = 0.999;       ///< [0, 1): the Adam family
  bool amsgrad = false;       ///< adam, adam_keras, adamw
  double momentum = 0.0;      ///< >= 0: sgd, rmsprop
  bool nesterov = false;      ///< sgd, needs momentum > 0
  double alpha = 0.99;        ///< [0, 1): rmsprop
  bool centered = false;      ///< rmsprop
};

/// The defaults of the program the rule comes from: PyTorch; Keras for adam_keras; Mnih et al. (2015) for rmsprop_dqn2015.
OptimizerSpec default_spec(OptimizerKind kind);

/// Throws Error naming the field, its value and the allowed range.
void validate(const OptimizerSpec& spec);

std::string_view to_string(OptimizerKind kind);
/// By the names above; throws Error otherwise.
OptimizerKind parse_optimizer(const std::string& name);

/// The state arrays [P] that a rule needs, under PyTorch's names: "momentum_buffer", "square_avg", "grad_avg", "exp_avg",
/// "exp_avg_sq", "max_exp_avg_sq". At most three.
std::vector<std::string> optimizer_state(const OptimizerSpec& spec);

/// What the operation reads from its coefficient buffer in step t >= 1: the learning rate alone, or see AdamCoefficient.
std::array<Real, kAdamCoefficients> optimizer_coefficients(const OptimizerSpec& spec, std::int64_t t);

/// An optimiser over the flat parameter array of a network. Its state is one flat array too.
class Optimizer {
 public:
  /// For P parameters. The backend must outlive it. Throws Error for a spec that does not validate.
  Optimizer(Backend& backend, const OptimizerSpec& spec, std::int64_t parameters);

  /// One update of p [P] by the gradient g [P], in place.
  void step(Vector p, ConstVector g);

  /// Updates made so far.
  std::int64_t steps() const { return steps_; }
  const OptimizerSpec& spec() const { return spec_; }
  /// From the next step on, instead of the rate it was made with.
  void set_learning_rate(double lr);

  /// The state arrays [P] in use, under the names of optimizer_state. Backend memory.
  std::vector<std::pair<std::string, ConstVector>> state() const;

  /// The state arrays, the number of steps, and the learning rate if one has been set: an optimiser that was made with another
  /// rate keeps it otherwise. Throws Error for arrays of another rule or size.
  void serialize(StateArchive& state);

 private:
  Backend* backend_;
  OptimizerSpec spec_;
  std::int64_t parameters_;
  std::int64_t steps_ = 0;
  std::optional<double> set_rate_;  // what set_learning_rate was given last
  double first_rate_;               // what it was made with
  std::vector<std::string> state_names_;
  Buffer<Real> state_;         // [state_names_.size(), P]
  Buffer<Real> coefficients_;  // what changes from step to step
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
