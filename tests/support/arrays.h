#pragma once

#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "core/buffer.h"
#include "core/random.h"
#include "tests/support/backends.h"

/// Arrays on their way to a backend and back, and what it means that two are close.
namespace handgrad {

constexpr bool kIsDouble = sizeof(Real) == sizeof(double);

/// A copy in the backend's memory.
template <class T>
Buffer<T> on(Backend& backend, const std::vector<T>& host) {
  Buffer<T> buffer(backend, static_cast<std::int64_t>(host.size()));
  buffer.upload(host);
  return buffer;
}
inline Buffer<Real> on(Backend& backend, std::initializer_list<Real> host) { return on(backend, std::vector<Real>(host)); }
inline Buffer<std::int32_t> indices_on(Backend& backend, std::initializer_list<std::int32_t> host) {
  return on(backend, std::vector<std::int32_t>(host));
}

/// A copy on the host.
inline std::vector<Real> to_host(Backend& backend, ConstVector x) {
  std::vector<Real> host(x.size());
  backend.download(host.data(), x.data(), x.size_bytes());
  return host;
}
inline std::vector<Real> to_host(Backend& backend, ConstMatrix x) { return to_host(backend, x.flat()); }

/// n numbers from U(low, high).
inline std::vector<Real> random_reals(std::int64_t n, Generator& random, double low = -1, double high = 1) {
  std::vector<Real> values(static_cast<std::size_t>(n));
  for (Real& value : values) value = static_cast<Real>(random.uniform(low, high));
  return values;
}

/// "" if |a - b| <= atol + rtol |b| for every element a of `got` and b of `expected`; otherwise the worst of them.
template <class A, class B>
std::string difference(const std::vector<A>& got, const std::vector<B>& expected, double rtol = kIsDouble ? 1e-12 : 1e-5,
                       double atol = kIsDouble ? 1e-13 : 1e-6) {
  std::ostringstream message;
  if (got.size() != expected.size()) message << got.size() << " elements, expected " << expected.size();
  double worst = 1;
  for (std::size_t i = 0; i < std::min(got.size(), expected.size()); ++i) {
    const double a = static_cast<double>(got[i]), b = static_cast<double>(expected[i]);
    const double share = a == b ? 0 : std::abs(a - b) / (atol + rtol * std::abs(b));
    if (share <= worst) continue;
    message.str("");
    message << "element " << i << " is " << a << ", expected " << b << ": off by " << a - b;
    if (std::isnan(share)) break;
    worst = share;
  }
  return message.str();
}

/// The same to the bit, NaN and the sign of zero included.
template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  const auto bytes = [](const std::vector<T>& x) {
    return std::string(reinterpret_cast<const char*>(x.data()), x.size() * sizeof(T));
  };
  return bytes(a) == bytes(b);
}

}  // namespace handgrad
