#include "core/matrix.h"

#include <array>

#include "tests/support/catch.h"

using namespace handgrad;

TEST_CASE("A matrix view is row-major") {
  std::array<Real, 6> data{0, 1, 2, 10, 11, 12};
  const Matrix m{data.data(), 2, 3};
  CHECK(m.size() == 6);
  CHECK(m(1, 0) == 10);
  CHECK(m.row(1)[2] == 12);
  CHECK(m.flat().size() == 6);
  m(0, 1) = 7;
  CHECK(data[1] == 7);
}

TEST_CASE("The top of a matrix view is its first rows") {
  std::array<Real, 6> data{0, 1, 2, 10, 11, 12};
  const Matrix top = Matrix{data.data(), 3, 2}.top(2);
  CHECK(top.rows == 2);
  CHECK(top.cols == 2);
  CHECK(top(1, 1) == 10);
}

TEST_CASE("A writable matrix view is a readable one, and one without data stands for none") {
  std::array<Real, 2> data{3, 4};
  const ConstMatrix readable = Matrix{data.data(), 1, 2};
  CHECK(readable(0, 1) == 4);
  CHECK(!readable.empty());
  CHECK(ConstMatrix{}.empty());
  CHECK(Matrix{}.size() == 0);
  STATIC_REQUIRE(!std::is_convertible_v<ConstMatrix, Matrix>);
}
