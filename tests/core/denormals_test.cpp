#include "core/denormals.h"

#include <limits>
#include <thread>

#include "tests/support/catch.h"

using namespace handgrad;

namespace {

/// The product of two normal numbers, too small for a normal number.
template <class T>
T denormal_product() {
  volatile T a = std::numeric_limits<T>::min(), b = T(0.5);
  return a * b;
}

/// A denormal number times 2, which is a normal number if the operand is not taken for zero.
template <class T>
T twice_a_denormal() {
  volatile T a = std::numeric_limits<T>::denorm_min() * T(4096);
  volatile T huge = std::numeric_limits<T>::max();
  return a * huge;
}

bool flushes() {
  const bool results = denormal_product<float>() == 0 && denormal_product<double>() == 0;
  const bool operands = twice_a_denormal<float>() == 0 && twice_a_denormal<double>() == 0;
  CHECK(results == operands);
  return results;
}

}  // namespace

#if defined(__SSE__) || defined(__aarch64__)

TEST_CASE("Denormals are flushed while the guard lives and are back afterwards") {
  CHECK(!flushes());
  {
    const FlushDenormals guard;
    CHECK(flushes());
  }
  CHECK(!flushes());
}

TEST_CASE("Guards against denormals can be nested") {
  const FlushDenormals outer;
  {
    const FlushDenormals inner;
    CHECK(flushes());
  }
  CHECK(flushes());
}

TEST_CASE("An exception restores denormals") {
  try {
    const FlushDenormals guard;
    throw 1;
  } catch (int) {
  }
  CHECK(!flushes());
}

TEST_CASE("Flushing denormals is a matter of one thread", "[threads]") {
  bool there = false, here = true;
  {
    std::thread other([&] {
      const FlushDenormals guard;
      there = denormal_product<double>() == 0;
    });
    other.join();
    here = denormal_product<double>() == 0;
  }
  CHECK(there);
  CHECK(!here);
}

#endif
