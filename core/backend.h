#pragma once

#include <cstddef>
#include <string_view>

#include "matrix.h"

namespace handgrad::inline HANDGRAD_PRECISION {

// The compute contract: every number handgrad computes on a network is computed by one of these operations. They are
// coarse and fused, over row-major matrices [batch, features], and there are no more of them than the mathematics of this
// project needs. A backend never knows what a network is.
//
// Shape letters: B batch, I in-features, O out-features, A actions, P parameters. A gradient of x is dx.
// "Overwrites" means that the old content does not matter; "adds" means that it does.
// Operands do not overlap unless an operation says so; no extent is 0. An empty view (data == nullptr) stands for "none".

enum class Activation { none, relu, tanh };
enum class LossKind { mse, huber, smooth_l1 };
enum class Reduction { mean, sum };

/// With d = prediction - target, an element's loss and its slope are
///   mse        d²                                                2 d
///   huber      d²/2 if |d| <= delta, else delta (|d| - delta/2)  clamp(d, -delta, delta)           (Huber 1964)
///   smooth_l1  d²/(2 delta) if |d| < delta, else |d| - delta/2   clamp(d/delta, -1, 1)             (Girshick 2015)
/// so that huber = delta · smooth_l1. PyTorch calls smooth_l1's delta "beta".
struct LossSpec {
  LossKind kind = LossKind::mse;
  double delta = 1.0;  ///< where quadratic turns linear, > 0; unused by mse
  Reduction reduction = Reduction::mean;
};

/// v = momentum v + g;  p -= lr v,  or with Nesterov p -= lr (g + momentum v). No velocity without momentum.
struct SgdSpec {
  double momentum = 0.0;
  bool nesterov = false;
  double weight_decay = 0.0;  ///< L2: g += weight_decay p first
};

/// n = alpha n + (1-alpha) g²; centred: m = alpha m + (1-alpha) g and n - m² takes the place of n.
/// u = g / (sqrt(n) + eps), or with eps_inside_root g / sqrt(n + eps), as the program published with Mnih et al. (2015) has
/// it.  p -= lr u, or with momentum v = momentum v + u, p -= lr v. In float n - m² can fall below zero: it is cut off there.
struct RmspropSpec {
  double alpha = 0.99;
  double eps = 1e-8;
  bool eps_inside_root = false;
  double momentum = 0.0;
  double weight_decay = 0.0;  ///< L2: g += weight_decay p first
};

/// m = beta1 m + (1-beta1) g;  v = beta2 v + (1-beta2) g²;  v_max = max(v_max, v) if there is a v_max, and it stands in for v;
/// p = decay p - step m / (sqrt(v) root_scale + eps)   with the coefficients of the step, see AdamCoefficient.
struct AdamSpec {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double weight_decay = 0.0;  ///< L2: g += weight_decay p first (decoupled decay is in the coefficients)
};

/// What adam_step reads from its coefficient buffer, in this order.
enum AdamCoefficient : std::size_t { kAdamDecay, kAdamStep, kAdamRootScale, kAdamEps, kAdamCoefficients };

/// Loss operations write here: the value of this batch (overwritten), and a running sum over batches (added to), which lets
/// a program fetch a mean once in a while instead of waiting for every single value.
enum LossOutput : std::size_t { kLossValue, kLossSum, kLossOutputs };

class Backend {
 public:
  virtual ~Backend() = default;

  virtual std::string_view name() const = 0;

  // Memory. The backend owns it: nobody else follows a pointer into it. Host pointers are ordinary memory.

  /// Zeroed memory, aligned to 64 bytes. Throws Error if there is none left.
  virtual void* allocate(std::size_t bytes) = 0;
  virtual void deallocate(void* memory) noexcept = 0;
  virtual void upload(void* to, const void* from_host, std::size_t bytes) = 0;
  virtual void download(void* to_host, const void* from, std::size_t bytes) = 0;
  virtual void fill(Vector x, Real value) = 0;
  /// Whether a download is a mere copy. On a device it waits for everything before it, too long to do after every train step.
  virtual bool reads_at_once() const { return false; }

  // A train step lies between these two: nothing to do on a CPU, capture and replay on a GPU. Use StepScope.
  virtual void begin_step() {}
  virtual void end_step() {}

  // Linear layers.

  /// Overwrites Y [B,O] = f(X [B,I] · Wᵀ [I,O] + b [O]).
  virtual void linear_forward(ConstMatrix X, ConstMatrix W, ConstVector b, Activation f, Matrix Y) = 0;

  /// dZ = dY ∘ f'(Y) [B,O], left in dY. Overwrites dX = dZ W [B,I] (unless empty), dW = dZᵀ X [O,I], db = Σ_B dZ [O].
  /// relu'(0) = 0.
  virtual void linear_backward(ConstMatrix X, ConstMatrix W, ConstMatrix Y, Activation f, Matrix dY, Matrix dX, Matrix dW,
                               Vector db) = 0;

  // Losses. weight [B] is a factor a row inside the mean or sum (empty: 1 each); the mean divides by the number of elements,
  // not by the sum of weights. loss [kLossOutputs].

  /// The loss on the selected action's output alone. d_i = Q[i, action_i] - target_i; overwrites td [B] = -d (unless empty)
  /// and dQ [B,A], zero but for column action_i. The mean is over B.
  virtual void loss_selected(const LossSpec& spec, ConstMatrix Q, ConstIndices action, ConstVector target, ConstVector weight,
                             Matrix dQ, Vector td, Vector loss) = 0;

  /// The loss on the whole output vector. Overwrites dY [B,O]. The mean is over B·O.
  virtual void loss_full(const LossSpec& spec, ConstMatrix Y, ConstMatrix target, ConstVector weight, Matrix dY,
                         Vector loss) = 0;

  /// Overwrites y_i = reward_i + discount_i · Q⁻[i, a*_i], where Q⁻ = next_target [B,A] and a* is the argmax of next_online
  /// (double Q-learning, van Hasselt et al. 2016), or of Q⁻ itself if next_online is empty.
  /// discount_i is γⁿ for an n-step return, and 0 where the episode terminated.
  virtual void td_target(ConstMatrix next_target, ConstMatrix next_online, ConstVector reward, ConstVector discount,
                         Vector y) = 0;

  /// Overwrites T [B,A] = base but for column action_i of row i, which is value_i: targets for a loss on the whole output.
  virtual void put_selected(ConstMatrix base, ConstIndices action, ConstVector value, Matrix T) = 0;

  // Parameters, gradients and optimiser state: flat arrays [P]. What changes from step to step comes from a buffer.

  /// lr [1]; velocity is empty without momentum.
  virtual void sgd_step(const SgdSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector velocity) = 0;
  /// lr [1]; mean is empty unless centred, velocity is empty without momentum.
  virtual void rmsprop_step(const RmspropSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector mean_square, Vector mean,
                            Vector velocity) = 0;
  /// coefficients [kAdamCoefficients]; v_max is empty without AMSGrad.
  virtual void adam_step(const AdamSpec& spec, ConstVector coefficients, Vector p, ConstVector g, Vector m, Vector v,
                         Vector v_max) = 0;

  /// g = clamp(g, -limit, limit), in place.
  virtual void clip_by_value(Vector g, Real limit) = 0;
  /// Overwrites norm [1] = |g|₂ (before), then g *= min(1, max_norm / (norm + 1e-6)), in place, as PyTorch does.
  virtual void clip_by_norm(Vector g, Real max_norm, Vector norm) = 0;
  /// target = tau · online + (1 - tau) · target; tau = 1 copies exactly.
  virtual void update_target(ConstVector online, Real tau, Vector target) = 0;

  // Data movement and reductions.

  /// Overwrites out [B,I]: row i is source[rows_i].
  virtual void gather_rows(ConstMatrix source, ConstIndices rows, Matrix out) = 0;
  /// Overwrites out [B] with the column of each row's largest value; the lowest column among equals.
  virtual void argmax(ConstMatrix Q, Indices out) = 0;
  /// Overwrites out [1] = |x|₂.
  virtual void l2_norm(ConstVector x, Vector out) = 0;
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
