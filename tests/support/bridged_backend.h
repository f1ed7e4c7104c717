#pragma once

#include <memory>

#include "core/backend.h"

namespace handgrad {

/// A backend with memory of its own, made to work on the host's: every operand is copied there and back again, to the same
/// distance from an address that is a multiple of 64. So operations can be tried on operands that lie anywhere.
class BridgedBackend : public Backend {
 public:
  explicit BridgedBackend(std::unique_ptr<Backend> inner) : inner_(std::move(inner)) {}

  std::string_view name() const override { return inner_->name(); }
  void* allocate(std::size_t bytes) override;
  void deallocate(void* memory) noexcept override;
  void upload(void* to, const void* from_host, std::size_t bytes) override;
  void download(void* to_host, const void* from, std::size_t bytes) override;
  void begin_step() override { inner_->begin_step(); }
  void end_step() override { inner_->end_step(); }
  void fill(Vector x, Real value) override;
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

 private:
  std::unique_ptr<Backend> inner_;
};

}  // namespace handgrad
