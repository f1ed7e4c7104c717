#pragma once

#include <memory>
#include <string>

#include "../core/backend.h"
#include "../core/error.h"
#include "device_memory.h"
#include "gpu_options.h"
#include "kernels/biases.h"
#include "kernels/elements.h"
#include "kernels/losses.h"
#include "kernels/norms.h"
#include "kernels/optimizers.h"
#include "kernels/products.h"
#include "kernels/rows.h"
#include "kernels/targets.h"
#include "products.h"
#include "recorder.h"

namespace handgrad::cuda {

/// The compute contract on a GPU. Memory is the device's; an operation is one kernel, a product with what is fused into it, or
/// a few of these. They are recorded, and a step (begin_step to end_step) is launched as a whole: see Recorder.
///
/// Nothing waits for the device but download, so an error of the device may be reported by a later call than its own.
template <class Device>
class GpuBackend : public Backend {
 public:
  GpuBackend(std::string name, const GpuOptions& options, std::unique_ptr<Device> device)
      : name_(std::move(name)),
        options_(options),
        device_(std::move(device)),
        recorder_(*device_, options.graphs ? Recorder<Device>::Mode::graphs : Recorder<Device>::Mode::stream),
        loss_partials_(*device_, kMostLossBlocks),
        norm_partials_(*device_, kMostNormBlocks) {}

  std::string_view name() const override { return name_; }
  Device& device() { return *device_; }
  const Recorder<Device>& recorded() const { return recorder_; }

  void* allocate(std::size_t bytes) override { return device_->allocate(bytes); }
  void deallocate(void* memory) noexcept override {
    keep_error([&] { recorder_.flush(); });  // what uses it has to be on its way before it is freed
    device_->deallocate(memory);
  }
  void upload(void* to, const void* from_host, std::size_t bytes) override { recorder().copy_in(to, from_host, bytes); }
  void download(void* to_host, const void* from, std::size_t bytes) override { recorder().copy_out(to_host, from, bytes); }

  void begin_step() override { ++depth_; }
  void end_step() override {
    if (--depth_ == 0) keep_error([&] { recorder_.flush(); });  // a scope ends here, which cannot throw
  }

  void fill(Vector x, Real value) override { elements(Fill{x.data(), size(x), value}, size(x), {x}); }

  void linear_forward(ConstMatrix X, ConstMatrix W, ConstVector b, Activation f, Matrix Y) override;
  void linear_backward(ConstMatrix X, ConstMatrix W, ConstMatrix Y, Activation f, Matrix dY, Matrix dX, Matrix dW,
                       Vector db) override;

  void loss_selected(const LossSpec& spec, ConstMatrix Q, ConstIndices action, ConstVector target, ConstVector weight,
                     Matrix dQ, Vector td, Vector loss) override {
    recorder().launch(make_loss_selected(spec, Q, action, target, weight, dQ, td, loss, loss_partials_.data()),
                      loss_grid(Q.size()), {Q, action, target, weight, dQ, td, loss});
    finish_loss(Q.size(), loss);
  }
  void loss_full(const LossSpec& spec, ConstMatrix Y, ConstMatrix target, ConstVector weight, Matrix dY,
                 Vector loss) override {
    recorder().launch(make_loss_full(spec, Y, target, weight, dY, loss, loss_partials_.data()), loss_grid(Y.size()),
                      {Y, target, weight, dY, loss});
    finish_loss(Y.size(), loss);
  }
  void td_target(ConstMatrix next_target, ConstMatrix next_online, ConstVector reward, ConstVector discount,
                 Vector y) override {
    recorder().launch(make_td_target(next_target, next_online, reward, discount, y), spread_grid(next_target.rows),
                      {next_target, next_online, reward, discount, y});
  }
  void put_selected(ConstMatrix base, ConstIndices action, ConstVector value, Matrix T) override {
    recorder().launch(make_put_selected(base, action, value, T), spread_grid(T.size()), {base, action, value, T});
  }
  void argmax(ConstMatrix Q, Indices out) override { recorder().launch(make_argmax(Q, out), spread_grid(Q.rows), {Q, out}); }

  void sgd_step(const SgdSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector velocity) override {
    elements(make_sgd_step(spec, lr, p, g, velocity), size(p), {lr, p, g, velocity});
  }
  void rmsprop_step(const RmspropSpec& spec, ConstVector lr, Vector p, ConstVector g, Vector mean_square, Vector mean,
                    Vector velocity) override {
    elements(make_rmsprop_step(spec, lr, p, g, mean_square, mean, velocity), size(p), {lr, p, g, mean_square, mean, velocity});
  }
  void adam_step(const AdamSpec& spec, ConstVector coefficients, Vector p, ConstVector g, Vector m, Vector v,
                 Vector v_max) override {
    elements(make_adam_step(spec, coefficients, p, g, m, v, v_max), size(p), {coefficients, p, g, m, v, v_max});
  }
  void clip_by_value(Vector g, Real limit) override { elements(ClipByValue{g.data(), size(g), limit}, size(g), {g}); }
  void clip_by_norm(Vector g, Real max_norm, Vector norm) override {
    const std::int64_t P = size(g), blocks = norm_blocks(P);
    if (blocks == 1) {
      recorder().launch(ClipByNorm{g.data(), P, max_norm, norm.data()}, norm_grid(P), {g, norm});
      return;
    }
    sum_squares(g);
    recorder().launch(ClipByNormOfSums{g.data(), P, max_norm, norm_partials_.data(), blocks, norm.data()},
                      clip_by_norm_of_sums_grid(P), {g, norm});
  }
  void l2_norm(ConstVector x, Vector out) override {
    const std::int64_t P = size(x), blocks = norm_blocks(P);
    if (blocks == 1) {
      recorder().launch(L2Norm{x.data(), P, out.data()}, norm_grid(P), {x, out});
      return;
    }
    sum_squares(x);
    recorder().launch(L2NormOfSums{norm_partials_.data(), blocks, out.data()}, norm_of_sums_grid(), {out});
  }
  void update_target(ConstVector online, Real tau, Vector target) override {
    elements(make_update_target(online, tau, target), size(target), {online, target});
  }
  void gather_rows(ConstMatrix source, ConstIndices rows, Matrix out) override {
    recorder().launch(make_gather_rows(source, rows, out), gather_grid(out.rows, out.cols), {source, rows, out});
  }

 private:
  template <class T>
  static std::int64_t size(std::span<T> x) {
    return static_cast<std::int64_t>(x.size());
  }

  /// Whether a layer's products are computed by own kernels.
  bool by_own_kernels(std::int64_t B, std::int64_t I, std::int64_t O) const {
    return options_.products != GpuOptions::Products::cublas && B <= kMostRows && std::max(I, O) <= kMostFeatures;
  }
  /// Forward, a layer with a narrow side is computed sooner by own kernels whatever the batch (see cuda/README.md).
  bool forward_by_own_kernels(std::int64_t B, std::int64_t I, std::int64_t O) const {
    const bool narrow = options_.products == GpuOptions::Products::chosen && std::min(I, O) <= kNarrow &&
                        B * std::max(I, O) <= INT32_MAX;  // own kernels number elements in 32 bits
    return by_own_kernels(narrow ? 1 : B, I, O);
  }
  /// Losses of many elements leave a sum a block, norms of many parameters too.
  void finish_loss(std::int64_t elements, Vector loss) {
    if (loss_blocks(elements) == 1) return;
    recorder().launch(LossTotal{loss_partials_.data(), loss_blocks(elements), loss.data()}, loss_total_grid(elements), {loss});
  }
  void sum_squares(ConstVector x) {
    recorder().launch(SquareSums{x.data(), size(x), norm_partials_.data()}, square_sums_grid(size(x)), {x});
  }

  template <class K>
  void elements(const K& kernel, std::int64_t size, std::initializer_list<Range> touches) {
    recorder().launch(kernel, elements_grid(size), touches);
  }

  /// What is asked for goes through here, so that an error that could not be thrown where it happened is thrown now.
  Recorder<Device>& recorder() {
    if (!kept_error_.empty()) [[unlikely]]
      fail(std::exchange(kept_error_, {}));
    return recorder_;
  }
  template <class F>
  void keep_error(const F& call) noexcept {
    try {
      call();
    } catch (const std::exception& error) {
      if (kept_error_.empty()) kept_error_ = error.what();
    }
  }

  static constexpr std::int64_t kMostRows = 1024, kMostFeatures = 512;  // beyond, cuBLASLt is quicker on an H100

  std::string name_;
  GpuOptions options_;
  std::unique_ptr<Device> device_;
  Recorder<Device> recorder_;
  DeviceMemory<Device, float> loss_partials_;   // [kMostLossBlocks]
  DeviceMemory<Device, double> norm_partials_;  // [kMostNormBlocks]
  int depth_ = 0;                               // of steps, one within the other
  std::string kept_error_;
};

template <class Device>
void GpuBackend<Device>::linear_forward(ConstMatrix X, ConstMatrix W, ConstVector b, Activation f, Matrix Y) {
  if (forward_by_own_kernels(Y.rows, X.cols, Y.cols)) {
    const LinearShape shape{.batch = Y.rows, .in = X.cols, .out = Y.cols};
    recorder().launch(linear_forward_kernel(shape, X.data, W.data, b.data(), f, Y.data), linear_forward_grid(shape),
                      {X, W, b, Y});
    return;
  }
  ColumnMajorProduct product = forward_product(X, W, b, f, Y);
  const bool fused = f != Activation::tanh && device_->multiplies(product.epilogue);
  if (!fused) product.epilogue = ColumnMajorProduct::Epilogue::none;
  recorder().multiply(product, {X, W, b, Y});
  if (!fused) elements(BiasActivation{Y.data, b.data(), Y.size(), Y.cols, f}, Y.size(), {Y, b});
}

template <class Device>
void GpuBackend<Device>::linear_backward(ConstMatrix X, ConstMatrix W, ConstMatrix Y, Activation f, Matrix dY, Matrix dX,
                                         Matrix dW, Vector db) {
  const bool own = by_own_kernels(Y.rows, X.cols, Y.cols);
  if (own ? activation_gradient_first(f) : f != Activation::none) {
    elements(ActivationGradient{Y.data, dY.data, Y.size(), f}, Y.size(), {Y, dY});
  }
  if (own) {
    const LinearShape shape{.batch = Y.rows, .in = X.cols, .out = Y.cols};
    recorder().launch(linear_backward_kernel(shape, X.data, W.data, Y.data, f, dY.data, dX.data, dW.data, db.data()),
                      linear_backward_grid(shape, !dX.empty()), {X, W, Y, dY, dX, dW, db});
    return;
  }
  const bool fused = device_->multiplies(ColumnMajorProduct::Epilogue::bias_gradient);
  recorder().multiply(weight_gradient_product(dY, X, dW, fused ? db : Vector{}), {X, dY, dW, db});
  if (!fused) recorder().launch(BiasGradient{dY.data, db.data(), dY.rows, dY.cols}, bias_gradient_grid(dY.cols), {dY, db});
  if (!dX.empty()) recorder().multiply(input_gradient_product(dY, W, dX), {dY, W, dX});
}

}  // namespace handgrad::cuda
