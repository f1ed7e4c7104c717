#include "envs/numpy_trigonometry.h"

#include <cmath>

#include "../support/catch.h"

namespace handgrad {

TEST_CASE("sine and cosine of float32 are NumPy's, also where the C library's differ") {
  struct Value {
    float x, cosine, sine;
  };
  // NumPy 2.4.6
  const Value values[] = {{0.0f, 1.0f, 0.0f},
                          {0.05f, 0x1.ff5c32p-1f, 0x1.996deap-5f},
                          {-0.1f, 0x1.fd713p-1f, -0x1.98eaeep-4f},
                          {1.0f, 0x1.14a28p-1f, 0x1.aed54ap-1f},
                          {2.5f, -0x1.9a2f7ep-1f, 0x1.326af2p-1f},
                          {-4.0f, -0x1.4eaa6p-1f, 0x1.837b9ep-1f},
                          {100.0f, 0x1.b981dcp-1f, -0x1.03425cp-1f}};
  for (const Value& value : values) {
    CHECK(numpy_cos(value.x) == value.cosine);
    CHECK(numpy_sin(value.x) == value.sine);
  }
  CHECK(numpy_sin(0x1.87cb96p-4f) == 0x1.8732b4p-4f);  // glibc: ...b6p-4
  CHECK(numpy_sin(-0x1.8e1532p-4f) == -0x1.8d74d6p-4f);
  CHECK(numpy_cos(0x1.690d9cp-4f) == 0x1.fe031cp-1f);  // glibc: ...1ep-1
  CHECK(std::signbit(numpy_sin(-0.0f)));
}

TEST_CASE("NumPy's sine and cosine are near the true ones everywhere") {
  for (float x = -100.0f; x <= 100.0f; x += 0.0371f) {
    CHECK(std::abs(static_cast<double>(numpy_cos(x)) - std::cos(static_cast<double>(x))) < 1e-7);
    CHECK(std::abs(static_cast<double>(numpy_sin(x)) - std::sin(static_cast<double>(x))) < 1e-7);
  }
}

}  // namespace handgrad
