#pragma once

#include <memory>

#include "backend.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// `reference` behind pointers that nobody can follow: they lie in pages without read or write permission, a fixed distance
/// from the real memory, and only this backend knows the distance. Code above the contract that looks at a matrix's data
/// without a host copy, as it must not since the data may be on a GPU, crashes here at once.
///
/// For tests. Room for 1 GiB in all, never reused. POSIX only.
class UnreadableBackend : public Backend {
 public:
  UnreadableBackend();
  ~UnreadableBackend() override;
  UnreadableBackend(const UnreadableBackend&) = delete;
  UnreadableBackend& operator=(const UnreadableBackend&) = delete;

  std::string_view name() const override { return "unreadable"; }
  void* allocate(std::size_t bytes) override;
  void deallocate(void* memory) noexcept override;
  void upload(void* to, const void* from_host, std::size_t bytes) override;
  void download(void* to_host, const void* from, std::size_t bytes) override;
  void fill(Vector x, Real value) override;
  bool reads_at_once() const override { return true; }
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
  template <class T>
  T* real(T* p) const;
  template <class T>
  MatrixView<T> real(MatrixView<T> m) const {
    return {real(m.data), m.rows, m.cols};
  }
  template <class T>
  std::span<T> real(std::span<T> x) const {
    return {real(x.data()), x.size()};
  }

  std::unique_ptr<Backend> inner_;
  std::byte* real_memory_ = nullptr;
  std::byte* unreadable_memory_ = nullptr;
  std::size_t used_ = 0;
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
