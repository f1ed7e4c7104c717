#include "tests/cuda/linear_layers.h"

#include "core/error.h"
#include "core/reference_backend.h"
#include "cuda/kernels/elements.h"
#include "tests/cuda/emulation/device_array.h"

namespace handgrad::cuda {
namespace {

constexpr float kUntouched = 7;

/// `agents` arrays of `size` random numbers, `stride` apart.
std::vector<float> random_agents(Generator& random, std::int64_t agents, std::int64_t size, std::int64_t stride) {
  std::vector<float> all(static_cast<std::size_t>(agents * stride), kUntouched);
  for (std::int64_t k = 0; k < agents; ++k) {
    for (std::int64_t i = 0; i < size; ++i)
      all[static_cast<std::size_t>(k * stride + i)] = random.uniform(-1, 1) > 0 ? 1.0F : -1.0F;
  }
  for (float& value : all) {
    if (value != kUntouched) value *= static_cast<float>(random.uniform(0.1, 1));
  }
  return all;
}

/// An array that begins `offset` elements behind an aligned address of a device.
class Shifted {
 public:
  Shifted(EmulatedDevice& device, const std::vector<float>& host, std::int64_t offset)
      : array_(device, padded(host, offset)), offset_(offset) {}
  float* data() { return array_.data() + offset_; }
  std::vector<float> host() const {
    std::vector<float> all = array_.host();
    all.erase(all.begin(), all.begin() + offset_);
    return all;
  }

 private:
  static std::vector<float> padded(std::vector<float> host, std::int64_t offset) {
    host.insert(host.begin(), static_cast<std::size_t>(offset), 0.0F);
    return host;
  }
  DeviceArray<float> array_;
  std::int64_t offset_;
};

}  // namespace

LinearLayer layer_of(std::int64_t batch, std::int64_t in, std::int64_t out, Activation f, bool with_dX, std::int64_t agents,
                     std::int64_t gap) {
  return {{.batch = batch,
           .in = in,
           .out = out,
           .agents = agents,
           .X_stride = batch * in + gap,
           .parameters_stride = (in + 1) * out + gap,
           .Y_stride = batch * out + gap},
          f,
          with_dX};
}

std::string LinearLayer::name() const {
  constexpr const char* kNames[] = {"none", "relu", "tanh"};
  return text(shape.batch, " x ", shape.in, " -> ", shape.out, ", ", kNames[static_cast<int>(f)], ", ", shape.agents,
              " agents", with_dX ? "" : ", no dX");
}

LinearLayer::Arrays LinearLayer::random_arrays(Generator& random) const {
  const auto [B, I, O, agents, X_stride, parameters_stride, Y_stride] = shape;
  const auto untouched = [&](std::int64_t stride) {
    return std::vector<float>(static_cast<std::size_t>(shape.agents * stride), kUntouched);
  };
  return {random_agents(random, agents, B * I, X_stride),
          random_agents(random, agents, (I + 1) * O, parameters_stride),
          untouched(Y_stride),
          random_agents(random, agents, B * O, Y_stride),
          untouched(X_stride),
          untouched(parameters_stride)};
}

void LinearLayer::by_reference(Arrays& arrays) const {
  ReferenceBackend reference;
  const std::int64_t B = shape.batch, I = shape.in, O = shape.out;
  for (std::int64_t k = 0; k < shape.agents; ++k) {
    const std::int64_t x = k * shape.X_stride, p = k * shape.parameters_stride, y = k * shape.Y_stride;
    const Matrix X(&arrays.X[0] + x, B, I), W(&arrays.parameters[0] + p, O, I), Y(&arrays.Y[0] + y, B, O),
        dY(&arrays.dY[0] + y, B, O), dX(&arrays.dX[0] + x, B, I), dW(&arrays.gradients[0] + p, O, I);
    const auto size = static_cast<std::size_t>(O);
    reference.linear_forward(X, W, {W.data + W.size(), size}, f, Y);
    reference.linear_backward(X, W, Y, f, dY, with_dX ? dX : Matrix{}, dW, {dW.data + dW.size(), size});
  }
}

void LinearLayer::by_kernels(EmulatedDevice& device, Arrays& arrays, std::int64_t offset) const {
  Shifted X(device, arrays.X, offset), parameters(device, arrays.parameters, offset), Y(device, arrays.Y, offset),
      dY(device, arrays.dY, offset), dX(device, arrays.dX, offset), gradients(device, arrays.gradients, offset);
  const std::int64_t weights = shape.in * shape.out, size = shape.batch * shape.out;
  device.launch(linear_forward_kernel(shape, X.data(), parameters.data(), parameters.data() + weights, f, Y.data()),
                linear_forward_grid(shape));
  if (activation_gradient_first(f)) {
    for (std::int64_t k = 0; k < shape.agents; ++k) {
      device.launch(ActivationGradient{Y.data() + k * shape.Y_stride, dY.data() + k * shape.Y_stride, size, f},
                    elements_grid(size));
    }
  }
  device.launch(linear_backward_kernel(shape, X.data(), parameters.data(), Y.data(), f, dY.data(),
                                       with_dX ? dX.data() : nullptr, gradients.data(), gradients.data() + weights),
                linear_backward_grid(shape, with_dX));
  arrays.Y = Y.host();
  arrays.dY = dY.host();
  arrays.dX = dX.host();
  arrays.gradients = gradients.host();
}

}  // namespace handgrad::cuda
