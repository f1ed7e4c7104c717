#pragma once

#include "core/buffer.h"
#include "core/random.h"

namespace handgrad {

/// Backend memory filled from U(low, high), the same numbers each time.
inline Buffer<Real> random_buffer(Backend& backend, std::int64_t size, double low = -1, double high = 1) {
  Generator random(static_cast<std::uint64_t>(size));
  std::vector<Real> host(static_cast<std::size_t>(size));
  for (Real& x : host) x = static_cast<Real>(random.uniform(low, high));
  Buffer<Real> buffer(backend, size);
  buffer.upload(host);
  return buffer;
}

}  // namespace handgrad
