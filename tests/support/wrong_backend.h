#pragma once

#include <map>
#include <string>

#include "core/reference_backend.h"

namespace handgrad {

/// The reference with one mistake of those that vectorised code is prone to.
class WrongBackend : public ReferenceBackend {
 public:
  explicit WrongBackend(std::string mistake) : mistake_(std::move(mistake)) {}

  /// Every mistake, and the operation that it is in (a name of all_operations()).
  static std::map<std::string, std::string> mistakes();

  std::string_view name() const override { return "wrong"; }
  void linear_forward(ConstMatrix X, ConstMatrix W, ConstVector b, Activation f, Matrix Y) override;
  void linear_backward(ConstMatrix X, ConstMatrix W, ConstMatrix Y, Activation f, Matrix dY, Matrix dX, Matrix dW,
                       Vector db) override;
  void loss_selected(const LossSpec& spec, ConstMatrix Q, ConstIndices action, ConstVector target, ConstVector weight,
                     Matrix dQ, Vector td, Vector loss) override;
  void loss_full(const LossSpec& spec, ConstMatrix Y, ConstMatrix target, ConstVector weight, Matrix dY, Vector loss) override;
  void td_target(ConstMatrix next_target, ConstMatrix next_online, ConstVector reward, ConstVector discount,
                 Vector y) override;
  void put_selected(ConstMatrix base, ConstIndices action, ConstVector value, Matrix T) override;
  void sgd_step(const SgdSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector velocity) override;
  void rmsprop_step(const RmspropSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector mean_square, Vector mean,
                    Vector velocity) override;
  void adam_step(const AdamSpec& spec, ConstVector coefficients, Vector p, ConstVector g, Vector m, Vector v,
                 Vector v_max) override;
  void clip_by_value(Vector g, Real limit) override;
  void clip_by_norm(Vector g, Real max_norm, Vector norm) override;
  void update_target(ConstVector online, Real tau, Vector target) override;
  void gather_rows(ConstMatrix source, ConstIndices rows, Matrix out) override;
  void argmax(ConstMatrix Q, Indices out) override;
  void l2_norm(ConstVector x, Vector out) override;
  void fill(Vector x, Real value) override;

 private:
  bool makes(const char* mistake) const { return mistake_ == mistake; }
  std::string mistake_;
};

}  // namespace handgrad
