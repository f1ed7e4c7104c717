#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backend.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// Runs every operation on two backends and compares every result: an oracle and a candidate. Throws Error at the first
/// operation that differs, naming it, the array and its worst element.
///
/// Results count as equal up to rounding: |candidate - oracle| <= rtol · (largest |oracle| of the array) + atol, with 5e-5 and
/// 1e-6 in float, 1e-11 and 1e-14 in double; indices have to be equal. After each operation the candidate's result is
/// replaced by the oracle's, so that every operation is judged by itself.
class CheckedBackend : public Backend {
 public:
  /// Both must work on host memory or copy by upload and download; nothing else is asked of them.
  CheckedBackend(std::unique_ptr<Backend> oracle, std::unique_ptr<Backend> candidate);
  ~CheckedBackend() override;

  std::string_view name() const override { return name_; }
  void* allocate(std::size_t bytes) override;
  void deallocate(void* memory) noexcept override;
  void upload(void* to, const void* from_host, std::size_t bytes) override;
  void download(void* to_host, const void* from, std::size_t bytes) override;
  void fill(Vector x, Real value) override;
  bool reads_at_once() const override { return oracle_->reads_at_once() && candidate_->reads_at_once(); }
  void begin_step() override;
  void end_step() override;
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
  struct Twin {
    std::size_t bytes;
    void* candidate;
  };

  /// The candidate's memory for a pointer into the oracle's.
  template <class T>
  T* twin(T* p) const;
  template <class T>
  MatrixView<T> twin(MatrixView<T> m) const {
    return {twin(m.data), m.rows, m.cols};
  }
  template <class T>
  std::span<T> twin(std::span<T> x) const {
    return {twin(x.data()), x.size()};
  }

  /// Compares one result of `operation` and makes the candidate's equal to the oracle's.
  void compare(const char* operation, const char* array, Vector result);
  void compare(const char* operation, const char* array, Matrix result) { compare(operation, array, result.flat()); }
  void compare(const char* operation, const char* array, Indices result);

  std::unique_ptr<Backend> oracle_, candidate_;
  std::string name_;
  std::map<const std::byte*, Twin> twins_;  // by the oracle's pointer, which is the one handed out
  std::vector<Real> expected_, found_;      // host copies while comparing
  std::vector<std::int32_t> expected_indices_, found_indices_;
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
