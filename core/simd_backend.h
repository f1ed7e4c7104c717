#pragma once

#include <string>
#include <vector>

#include "host_memory_backend.h"
#include "instruction_set.h"
#include "simd/kernels.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// The contract by kernels of our own for small matrices (core/simd/), for the instruction set of the processor it runs on.
/// Single-threaded, float only. Results differ from the reference in rounding only: sums run in another order, products and
/// sums are fused where the instruction set can. The order depends on the shapes alone: batches of fewer than four rows are
/// summed in another order than larger ones. Terms of a product that are zero are left out where there are many of them.
class SimdBackend : public HostMemoryBackend {
 public:
  /// Throws Error if this processor does not have `set`.
  explicit SimdBackend(InstructionSet set = best_instruction_set());

  /// "simd:avx2", for instance.
  std::string_view name() const override { return name_; }
  InstructionSet instruction_set() const { return set_; }

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
  simd::Scratch scratch(std::int64_t listed_rows, std::int64_t small);

  InstructionSet set_;
  std::string name_;
  const simd::Kernels* kernels_;
  std::vector<float> panel_, rows_, small_;  // see simd::Scratch
  std::vector<int> counts_;
  std::vector<unsigned char> places_;
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
