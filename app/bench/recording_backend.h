#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/backend.h"

namespace handgrad::app {

/// What an operation moves at least, in bytes: every operand once.
struct Traffic {
  double read = 0;
  double written = 0;
  double touched = 0;  ///< its operands' size: what is read and written in place counts once
};

/// One call of the compute contract: what it is, what it needs at least, and how to make it again.
struct Operation {
  std::string name;   ///< "linear_forward"
  std::string shape;  ///< "128 x 4 -> 128"; of flat arrays their length
  /// Additions, multiplications, divisions, roots and comparisons, one each. Products count for themselves alone, 2·B·I·O:
  /// bias and activation are small beside them.
  double flops;
  Traffic traffic;
  const Real* parameters;       ///< the network's own that it works with, backend memory; null where it needs none
  double zeros;                 ///< share of zeros in a product's left factor, X forward and dZ backward: a ReLU's work
  std::function<void()> again;  ///< the same call on the same memory, valid while that lives
};

/// What lies in a backend's memory, array by array.
struct MemoryContents {
  std::vector<std::vector<std::byte>> arrays;
};

/// Hands every operation on to another backend and, while asked to, writes it down.
class RecordingBackend : public Backend {
 public:
  explicit RecordingBackend(std::unique_ptr<Backend> inner) : inner_(std::move(inner)) {}

  /// The operations that `work` calls, in order. They are computed too.
  std::vector<Operation> record(const std::function<void()>& work);

  /// A copy of all that has been allocated, and back: a call made again may change what others work with. Nothing may have
  /// been allocated or freed in between.
  MemoryContents save() const;
  void restore(const MemoryContents& contents);

  std::string_view name() const override { return inner_->name(); }
  void* allocate(std::size_t bytes) override;
  void deallocate(void* memory) noexcept override;
  void upload(void* to, const void* from_host, std::size_t bytes) override;
  void download(void* to_host, const void* from, std::size_t bytes) override { inner_->download(to_host, from, bytes); }
  void fill(Vector x, Real value) override;
  bool reads_at_once() const override { return inner_->reads_at_once(); }
  void begin_step() override { inner_->begin_step(); }
  void end_step() override { inner_->end_step(); }
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
  /// Runs `again`, and keeps it if asked to.
  template <class Call>
  void pass(const char* name, std::string shape, double flops, Traffic traffic, const Real* parameters, Call again);
  double share_of_zeros(ConstMatrix m) const;

  std::unique_ptr<Backend> inner_;
  std::map<void*, std::size_t> sizes_;        // of the arrays that live, in bytes
  std::vector<Operation>* record_ = nullptr;  // null: nobody asks
};

}  // namespace handgrad::app
