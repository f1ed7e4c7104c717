#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "../core/buffer.h"
#include "../core/state.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// A loss with the place where its value ends up. The formulas are those of LossSpec (core/backend.h).
///
/// Its value lies in the backend's memory until it is asked for, so that a train step need not wait for it.
/// Throws Error for arrays whose shapes do not fit together.
class Loss {
 public:
  /// The backend must outlive it. Throws Error unless delta is positive and finite.
  Loss(Backend& backend, const LossSpec& spec);

  /// On the whole output vector. Y, target [B, O], weight [B] or empty; overwrites dY [B, O].
  void full(ConstMatrix Y, ConstMatrix target, ConstVector weight, Matrix dY);
  /// On the selected action's output alone. Q [B, A], action, target [B], weight [B] or empty; overwrites dQ [B, A], and
  /// td [B] = target - Q[action] unless it is empty.
  void selected(ConstMatrix Q, ConstIndices action, ConstVector target, ConstVector weight, Matrix dQ, Vector td);

  /// The value of the last batch, fetched from the backend.
  double value() const;
  /// The mean over all batches since the last call, and starts anew; none if there were none.
  std::optional<double> take_mean();

  const LossSpec& spec() const { return spec_; }

  /// The last value, and what take_mean has gathered so far. Throws Error for a number of batches that cannot be.
  void serialize(StateArchive& state);

 private:
  Backend* backend_;
  LossSpec spec_;
  Buffer<Real> outputs_;  // [kLossOutputs]
  std::int64_t batches_ = 0;
};

std::string_view to_string(LossKind kind);
/// "mse", "huber" or "smooth_l1"; throws Error otherwise.
LossKind parse_loss(const std::string& name);
std::string_view to_string(Reduction reduction);
/// "mean" or "sum"; throws Error otherwise.
Reduction parse_reduction(const std::string& name);

}  // namespace handgrad::inline HANDGRAD_PRECISION
