#pragma once

#include <algorithm>
#include <vector>

#include "../../nn/mlp.h"
#include "../device_memory.h"
#include "../kernels/elements.h"
#include "../kernels/products.h"

namespace handgrad::cuda {

/// The multi-layer perceptrons of K agents: for each what Network is for one, by one launch a layer for all of them.
///
///   parameters, gradients  [K, stride()]     an agent's P, flat, as a Network has them, and up to three zeros: stride() is a
///                                            multiple of 4, so that four numbers at once can be loaded
///   outputs of a layer     [K, B, out]
///
/// What an agent's numbers are does not depend on K. The device must outlive it.
template <class Device>
class AgentsNetwork {
 public:
  /// Batches have up to max_batch rows.
  AgentsNetwork(Device& device, const MlpSpec& spec, std::int64_t agents, std::int64_t max_batch, Network::Use use)
      : device_(device), agents_(agents) {
    std::int64_t widest = 1;
    for (std::size_t l = 0; l + 1 < spec.sizes.size(); ++l) {
      const bool last = l + 2 == spec.sizes.size();
      const std::int64_t in = spec.sizes[l], out = spec.sizes[l + 1];
      layers_.push_back({in, out, last ? Activation::none : spec.activation, parameter_count_,
                         DeviceMemory<Device, float>(device, agents * max_batch * out)});
      parameter_count_ += (in + 1) * out;
      if (l > 0) widest = std::max(widest, in);
    }
    parameters_ = DeviceMemory<Device, float>(device, agents * stride());
    if (use == Network::Use::inference) return;
    gradients_ = DeviceMemory<Device, float>(device, agents * stride());
    upstream_ = DeviceMemory<Device, float>(device, agents * max_batch * widest);
    downstream_ = DeviceMemory<Device, float>(device, agents * max_batch * widest);
  }

  std::int64_t parameter_count() const { return parameter_count_; }
  std::int64_t stride() const { return (parameter_count_ + 3) / 4 * 4; }
  Vector parameters() const { return parameters_.span(); }
  Vector gradients() const { return gradients_.span(); }

  /// Of agent k, from or to the host.
  void set_parameters(std::int64_t k, ConstVector host) {
    device_.copy_in(parameters_.data() + k * stride(), host.data(), host.size_bytes());
  }
  std::vector<float> parameters_to_host(std::int64_t k) const {
    std::vector<float> host(static_cast<std::size_t>(parameter_count_));
    device_.copy_out(host.data(), parameters_.data() + k * stride(), host.size() * sizeof(float));
    return host;
  }

  /// X: B rows an agent, those of an agent X_stride numbers after those of the one before; it has to stay unchanged until
  /// backward. Returns Y [K, B, out], which stays valid until the next forward.
  const float* forward(const float* X, std::int64_t X_stride, std::int64_t B) {
    for (Layer& layer : layers_) {
      const LinearShape shape = shape_of(layer, X_stride, B);
      const float* const W = parameters_.data() + layer.offset;
      device_.launch(linear_forward_kernel(shape, X, W, W + layer.in * layer.out, layer.activation, layer.output.data()),
                     linear_forward_grid(shape));
      X = layer.output.data();
      X_stride = shape.Y_stride;
    }
    return X;
  }

  /// After forward of the same X: given dY [K, B, out] (consumed), overwrites gradients().
  void backward(const float* X, std::int64_t X_stride, std::int64_t B, float* dY) {
    float *below = upstream_.data(), *other = downstream_.data();
    for (std::size_t l = layers_.size(); l-- > 0;) {
      const Layer& layer = layers_[l];
      const LinearShape shape = shape_of(layer, l == 0 ? X_stride : B * layer.in, B);
      const float* const input = l == 0 ? X : layers_[l - 1].output.data();
      const float* const Y = layer.output.data();
      float* const dX = l == 0 ? nullptr : below;
      const float* const W = parameters_.data() + layer.offset;
      float* const dW = gradients_.data() + layer.offset;
      if (activation_gradient_first(layer.activation)) {
        const std::int64_t size = agents_ * B * layer.out;
        device_.launch(ActivationGradient{Y, dY, size, layer.activation}, elements_grid(size));
      }
      device_.launch(linear_backward_kernel(shape, input, W, Y, layer.activation, dY, dX, dW, dW + layer.in * layer.out),
                     linear_backward_grid(shape, dX != nullptr));
      dY = below;
      std::swap(below, other);
    }
  }

 private:
  struct Layer {
    std::int64_t in, out;
    Activation activation;
    std::int64_t offset;                 // of W in an agent's parameters; b follows it
    DeviceMemory<Device, float> output;  // [K, max_batch, out]
  };

  LinearShape shape_of(const Layer& layer, std::int64_t X_stride, std::int64_t B) const {
    return {.batch = B,
            .in = layer.in,
            .out = layer.out,
            .agents = agents_,
            .X_stride = X_stride,
            .parameters_stride = stride(),
            .Y_stride = B * layer.out};
  }

  Device& device_;
  std::int64_t agents_, parameter_count_ = 0;
  std::vector<Layer> layers_;
  DeviceMemory<Device, float> parameters_, gradients_;
  DeviceMemory<Device, float> upstream_, downstream_;  // dX of one layer is dY of the one below: two arrays take turns
};

}  // namespace handgrad::cuda
