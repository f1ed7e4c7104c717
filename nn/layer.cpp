#include "layer.h"

namespace handgrad::inline HANDGRAD_PRECISION {

std::int64_t ParameterShape::size() const {
  std::int64_t product = 1;
  for (const std::int64_t extent : shape) product *= extent;
  return product;
}

void Layer::bind(Vector, Vector) {}

void Layer::initialize(Vector, Generator&) const {}

std::int64_t Layer::parameter_count() const {
  std::int64_t count = 0;
  for (const ParameterShape& parameter : parameter_shapes()) count += parameter.size();
  return count;
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
