// Whether a product of a linear layer with one argument that is wrong would be noticed: the host's product with the same
// arguments gives other numbers, or says what is wrong with them.

#include <array>
#include <optional>
#include <utility>

#include "cuda/products.h"
#include "tests/cuda/emulation/device_array.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"

using namespace handgrad;
using namespace handgrad::cuda;

namespace {

using Values = std::vector<float>;
using Product = ColumnMajorProduct;
using Epilogue = ColumnMajorProduct::Epilogue;

struct Mistake {
  const char* what;
  void (*make)(Product&);
};

constexpr Mistake kNoMistake = {"none", [](Product&) {}};
constexpr Mistake kMistakes[] = {
    {"leading dimensions of A and B swapped", [](Product& p) { std::swap(p.lda, p.ldb); }},
    {"leading dimensions of A and C swapped", [](Product& p) { std::swap(p.lda, p.ldc); }},
    {"leading dimensions of B and C swapped", [](Product& p) { std::swap(p.ldb, p.ldc); }},
    {"A transposed the other way", [](Product& p) { p.transpose_a = !p.transpose_a; }},
    {"B transposed the other way", [](Product& p) { p.transpose_b = !p.transpose_b; }},
    {"both transposed the other way",
     [](Product& p) {
       p.transpose_a = !p.transpose_a;
       p.transpose_b = !p.transpose_b;
     }},
    {"operands swapped", [](Product& p) { std::swap(p.A, p.B); }},
    {"operands swapped with all that is theirs",
     [](Product& p) {
       std::swap(p.A, p.B);
       std::swap(p.lda, p.ldb);
       std::swap(p.transpose_a, p.transpose_b);
     }},
    {"M and N swapped", [](Product& p) { std::swap(p.M, p.N); }},
    {"M and K swapped", [](Product& p) { std::swap(p.M, p.K); }},
    {"N and K swapped", [](Product& p) { std::swap(p.N, p.K); }},
    {"a row of C left out", [](Product& p) { --p.M; }},
    {"a column of C left out", [](Product& p) { --p.N; }},
    {"a term of the sum left out", [](Product& p) { --p.K; }},
    {"a term too many", [](Product& p) { ++p.K; }},
    {"a row-major result", [](Product& p) { p.ldc = p.N; }},
    {"the epilogue left out", [](Product& p) { p.epilogue = Epilogue::none; }},
    {"ReLU left out", [](Product& p) { p.epilogue = p.epilogue == Epilogue::relu_bias ? Epilogue::bias : p.epilogue; }},
};

/// Positive and negative whole numbers, such that every product of theirs is exact.
Values whole_numbers(std::int64_t size, int first) {
  Values values(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>((5 * static_cast<int>(i) + first) % 17) - 8;
  return values;
}

/// A layer's matrices on the device, and what each of its three products has to give.
class Layer {
 public:
  Layer(std::int64_t B, std::int64_t I, std::int64_t O)
      : B_(B),
        I_(I),
        O_(O),
        X_(device_, whole_numbers(B * I, 1)),
        W_(device_, whole_numbers(O * I, 2)),
        b_(device_, whole_numbers(O, 3)),
        dZ_(device_, whole_numbers(B * O, 4)) {}

  static constexpr const char* kProducts[] = {"Y", "dX", "dW and db"};

  /// "", or what is wrong after the product with the mistake in it; nothing if the mistake changes none of its arguments.
  std::optional<std::string> failure(std::size_t which, const Mistake& mistake) {
    DeviceArray<float> Y(device_, B_ * O_), dX(device_, B_ * I_), dW(device_, O_ * I_), db(device_, O_);
    const ConstMatrix X{X_.data(), B_, I_}, W{W_.data(), O_, I_}, dZ{dZ_.data(), B_, O_};
    const ConstVector b{b_.data(), static_cast<std::size_t>(O_)};
    const Vector db_view{db.data(), static_cast<std::size_t>(O_)};
    const Product right = which == 0   ? forward_product(X, W, b, Activation::relu, {Y.data(), B_, O_})
                          : which == 1 ? input_gradient_product(dZ, W, {dX.data(), B_, I_})
                                       : weight_gradient_product(dZ, X, {dW.data(), O_, I_}, db_view);
    Product wrong = right;
    mistake.make(wrong);
    if (wrong == right && &mistake != &kNoMistake) return {};
    try {
      device_.multiply(wrong);
    } catch (const Error& error) {
      return error.what();
    }
    if (which == 0) return difference(Y.host(), forward(), 0, 0.5);
    if (which == 1) return difference(dX.host(), input_gradient(), 0, 0.5);
    const std::string wrong_dW = difference(dW.host(), weight_gradient(), 0, 0.5);
    return wrong_dW.empty() ? difference(db.host(), bias_gradient(), 0, 0.5) : wrong_dW;
  }

 private:
  Values forward() const {
    const Values x = X_.host(), w = W_.host(), bias = b_.host();
    return each(B_, O_, [&](std::int64_t n, std::int64_t o) {
      float sum = at(bias, o);
      for (std::int64_t i = 0; i < I_; ++i) sum += at(x, n * I_ + i) * at(w, o * I_ + i);
      return std::max(sum, 0.0F);
    });
  }
  Values input_gradient() const {
    const Values dz = dZ_.host(), w = W_.host();
    return each(B_, I_, [&](std::int64_t n, std::int64_t i) {
      float sum = 0;
      for (std::int64_t o = 0; o < O_; ++o) sum += at(dz, n * O_ + o) * at(w, o * I_ + i);
      return sum;
    });
  }
  Values weight_gradient() const {
    const Values dz = dZ_.host(), x = X_.host();
    return each(O_, I_, [&](std::int64_t o, std::int64_t i) {
      float sum = 0;
      for (std::int64_t n = 0; n < B_; ++n) sum += at(dz, n * O_ + o) * at(x, n * I_ + i);
      return sum;
    });
  }
  Values bias_gradient() const {
    const Values dz = dZ_.host();
    return each(1, O_, [&](std::int64_t, std::int64_t o) {
      float sum = 0;
      for (std::int64_t n = 0; n < B_; ++n) sum += at(dz, n * O_ + o);
      return sum;
    });
  }

  static float at(const Values& x, std::int64_t i) { return x[static_cast<std::size_t>(i)]; }
  template <class Element>
  static Values each(std::int64_t rows, std::int64_t columns, const Element& element) {
    Values values;
    for (std::int64_t k = 0; k < rows * columns; ++k) values.push_back(element(k / columns, k % columns));
    return values;
  }

  std::int64_t B_, I_, O_;
  EmulatedDevice device_;
  DeviceArray<float> X_, W_, b_, dZ_;
};

}  // namespace

TEST_CASE("A product of a layer with one wrong argument is caught, whichever product and argument it is") {
  const auto [B, I, O] = GENERATE(std::array<std::int64_t, 3>{5, 3, 7}, std::array<std::int64_t, 3>{4, 9, 2},
                                  std::array<std::int64_t, 3>{6, 5, 5}, std::array<std::int64_t, 3>{33, 31, 32});
  Layer layer(B, I, O);
  int caught = 0;
  for (std::size_t which = 0; which < 3; ++which) {
    CHECK(layer.failure(which, kNoMistake) == "");
    for (const Mistake& mistake : kMistakes) {
      INFO(Layer::kProducts[which] << " of B " << B << ", I " << I << ", O " << O << ": " << mistake.what);
      const std::optional<std::string> failure = layer.failure(which, mistake);
      CHECK(failure != "");
      caught += failure ? 1 : 0;
    }
  }
  CHECK(caught >= 35);  // of 54; some arguments are equal to those that they are mistaken for
}

TEST_CASE("A square layer alone would not notice that leading dimensions are swapped: tests need others") {
  Layer square(6, 6, 6);
  CHECK_FALSE(square.failure(1, kMistakes[0]).has_value());
}
