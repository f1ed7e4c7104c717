// The matrix type: memory that somebody owns, and views of it.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/demos/demos.h"
#include "app/format.h"
#include "app/machine.h"
#include "core/backends.h"
#include "core/random.h"

namespace handgrad::app {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kRows = 3, kColumns = 2;
constexpr const char* kRealName = sizeof(Real) == sizeof(double) ? "double" : "float";

template <class T>
std::string to_text(MatrixView<T> m) {
  std::string lines;
  for (std::int64_t r = 0; r < m.rows; ++r) {
    lines += "  [";
    for (std::int64_t c = 0; c < m.cols; ++c) {
      std::string number = fixed(static_cast<double>(m(r, c)), std::is_floating_point_v<std::remove_const_t<T>> ? 4 : 0);
      lines += std::string(number.size() < 9 ? 9 - number.size() : 1, ' ') + number;
    }
    lines += " ]\n";
  }
  return lines;
}

/// Zeros of one element type: a buffer in the backend's memory is zero at first.
template <class T>
std::string zeros(Backend& backend, const std::string& name, Json& json) {
  const Buffer<T> buffer(backend, kRows * kColumns);
  std::vector<T> host = buffer.to_host();
  json["zeros"][name] = host;
  return text("zeros of ", name, ", [", kRows, ", ", kColumns, "]\n",
              to_text(MatrixView<const T>(host.data(), kRows, kColumns)));
}

/// One memory seen in two shapes, and a copy.
std::string views(Json& json) {
  std::vector<Real> memory(static_cast<std::size_t>(kRows * kColumns));
  const Matrix m(memory.data(), kRows, kColumns), row(m.data, 1, m.size());
  std::vector<Real> copy(row.flat().begin(), row.flat().end());
  row(0, 3) = 7;
  json["view_sees_the_write"] = m(1, 1) == 7;
  json["copy_sees_the_write"] = copy[3] == 7;
  json["view_shape"] = {row.rows, row.cols};
  return text("the same memory as [1, 6]: a view, nothing is copied. A 7 written into it is seen by the [3, 2] view too,\n",
              to_text(m), "and not by a copy\n", to_text(Matrix(copy.data(), 1, m.size())));
}

std::string sum(std::uint64_t seed, Json& json) {
  Generator random = Generator::stream(seed, kInitialisation);
  std::vector<Real> a(static_cast<std::size_t>(kRows * kColumns)), b(a.size()), c(a.size());
  for (Real& x : a) x = static_cast<Real>(random.normal());
  for (Real& x : b) x = static_cast<Real>(random.normal());
  const Matrix A(a.data(), kRows, kColumns), B(b.data(), kRows, kColumns), C(c.data(), kRows, kColumns);
  for (std::int64_t r = 0; r < kRows; ++r) {
    for (std::int64_t k = 0; k < kColumns; ++k) C(r, k) = A(r, k) + B(r, k);
  }
  json["a"] = a, json["b"] = b, json["sum"] = c;
  return "a, drawn from N(0, 1)\n" + to_text(A) + "b\n" + to_text(B) + "a + b, element by element\n" + to_text(C);
}

std::string versions(Json& json) {
  const BuildInfo build = build_info();
  json["versions"] = {{"handgrad", HANDGRAD_VERSION}, {"compiler", build.compiler}, {"cpp", __cplusplus}, {"real", kRealName}};
  return text("handgrad ", HANDGRAD_VERSION, ", ", build.compiler, ", C++ ", __cplusplus, ", numbers are ", kRealName, "\n");
}

DemoReport run(const DemoRequest& request) {
  const auto backend = make_backend("reference");
  Json json;
  std::string lines =
      text("A Buffer<T> owns memory of a backend; a MatrixView<T> is a pointer, rows and columns. Matrix is a view of ",
           kRealName, ".\n\n");
  json["type"] = text("MatrixView<", kRealName, ">");
  lines += zeros<float>(*backend, "float", json) + zeros<std::int32_t>(*backend, "integer", json) +
           zeros<std::uint8_t>(*backend, "boolean", json) + '\n';

  const std::vector<Real> plain{1, 2, 3, 4, 5, 6};
  Buffer<Real> buffer(*backend, kRows * kColumns);
  buffer.upload(plain);
  json["round_trip"] = buffer.to_host() == plain;
  lines +=
      text("to a buffer and back to plain data: ", buffer.to_host() == plain ? "the same numbers" : "other numbers", "\n\n");

  lines += views(json) + '\n' + sum(request.seed, json) + '\n' + versions(json);
  DemoReport report{lines, json.dump()};
  bool all_zero = true;
  for (const auto& [type, values] : json["zeros"].items()) {
    all_zero =
        all_zero && values.size() == 6 && std::all_of(values.begin(), values.end(), [](const Json& x) { return x == 0; });
  }
  report.bars = {{"zeros are exactly 0, in the shape (3, 2)", all_zero ? "6 zeros of each type" : "others", all_zero},
                 {"a view as (1, 6) shares its memory, a copy does not",
                  text("view ", json["view_sees_the_write"], ", copy ", json["copy_sees_the_write"]),
                  json["view_sees_the_write"] == true && json["copy_sees_the_write"] == false}};
  return report;
}

}  // namespace

Demo tensor_101_demo() {
  return {"tensor-101", "the matrix type: zeros, views and copies, sums, and what this program was built with", {}, run};
}

}  // namespace handgrad::app
