#pragma once

#include <cstdint>
#include <vector>

#include "core/random.h"
#include "cuda/kernels/products.h"
#include "tests/cuda/emulation/emulated_device.h"

namespace handgrad::cuda {

/// A linear layer of one or more agents, forward and backward, and its arrays: agents one after the other, with gaps between
/// them where strides are larger than they need to be.
struct LinearLayer {
  LinearShape shape;
  Activation f = Activation::none;
  bool with_dX = true;

  struct Arrays {
    std::vector<float> X, parameters, Y, dY, dX, gradients;  // parameters: W, then b; gradients: dW, then db
  };
  /// Random operands; 7 in what is computed and in all gaps.
  Arrays random_arrays(Generator& random) const;

  /// Both directions by the reference backend, an agent at a time.
  void by_reference(Arrays& arrays) const;
  /// Both directions by the kernels. The device's arrays begin `offset` elements behind an aligned address.
  void by_kernels(EmulatedDevice& device, Arrays& arrays, std::int64_t offset = 0) const;

  /// "31 x 4 -> 128, relu, 3 agents".
  std::string name() const;
};

/// A layer of that size whose agents lie `gap` elements apart.
LinearLayer layer_of(std::int64_t batch, std::int64_t in, std::int64_t out, Activation f, bool with_dX = true,
                     std::int64_t agents = 1, std::int64_t gap = 0);

}  // namespace handgrad::cuda
