// Oracles of the linear layers.

#include "tests/support/trial.h"

namespace handgrad {
namespace {

/// tanh is a program of its own in every library: so many roundings are its affair. (Eigen's in float errs by 8.)
constexpr int kTanhRoundings = 20;

std::vector<Rounded> exactly(const std::vector<Real>& x) { return {x.begin(), x.end()}; }

std::vector<Rounded> transposed(const std::vector<Rounded>& x, std::int64_t rows, std::int64_t cols) {
  std::vector<Rounded> t(x.size());
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < cols; ++c)
      t[static_cast<std::size_t>(c * rows + r)] = x[static_cast<std::size_t>(r * cols + c)];
  }
  return t;
}

/// start + Σ a_k b_k.
Rounded dot(Rounded start, const Rounded* a, const Rounded* b, std::int64_t n) {
  Wide value = 0, sizes = 0, errors = 0;
  for (std::int64_t k = 0; k < n; ++k) {
    const Wide product = a[k].value * b[k].value;
    value += product;
    sizes += std::abs(product);
    errors += a[k].error * std::abs(b[k].value) + b[k].error * std::abs(a[k].value);
  }
  Sum sum;
  sum.add(start);
  sum.add(value, sizes, errors, n);
  return sum.total();
}

/// A [rows, depth] times the transpose of B [cols, depth], plus a row [cols] unless it is empty.
std::vector<Rounded> product(const std::vector<Rounded>& A, const std::vector<Rounded>& B, std::int64_t depth,
                             const std::vector<Rounded>& row = {}) {
  const auto rows = static_cast<std::int64_t>(A.size()) / depth, cols = static_cast<std::int64_t>(B.size()) / depth;
  std::vector<Rounded> out;
  out.reserve(static_cast<std::size_t>(rows * cols));
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < cols; ++c) {
      const Rounded start = row.empty() ? Rounded() : row[static_cast<std::size_t>(c)];
      out.push_back(dot(start, A.data() + r * depth, B.data() + c * depth, depth));
    }
  }
  return out;
}

Rounded activate(Activation f, Rounded z) {
  switch (f) {
    case Activation::relu: return z.value < 0 ? Rounded(0, std::max(Wide(0), z.error + z.value / 2)) : z;
    case Activation::tanh: return rounded(std::tanh(z.value), z.error, kTanhRoundings);  // its slope is at most 1
    case Activation::none: break;
  }
  return z;
}

Rounded activate_backward(Activation f, Rounded y, Rounded dy) {
  switch (f) {
    case Activation::relu: return y.value <= 0 ? Rounded() : dy;
    case Activation::tanh: return dy * (Rounded(1) - y * y);
    case Activation::none: break;
  }
  return dy;
}

const char* name_of(Activation f) { return f == Activation::relu ? "relu" : f == Activation::tanh ? "tanh" : "none"; }

std::string shape(const char* operation, Activation f, std::int64_t B, std::int64_t I, std::int64_t O) {
  return text(operation, " ", name_of(f), ", B ", B, ", I ", I, ", O ", O);
}

/// What comes from the layer before, or from a ReLU before.
std::vector<Real> inputs(std::int64_t B, std::int64_t I, Draw& draw) {
  std::vector<Real> x = draw.values(B * I);
  return draw.coin() ? draw.rectified(std::move(x), I) : x;
}

/// Weights that leave sums where tanh is not flat.
std::vector<Real> scaled(std::vector<Real> weights, double scale) {
  for (Real& w : weights) w *= static_cast<Real>(scale);
  return weights;
}

Trial linear_forward(Draw& draw) {
  const std::int64_t B = draw.extent(), I = draw.extent(), O = draw.extent();
  const Activation f = draw.one_of({Activation::none, Activation::relu, Activation::tanh});
  Trial trial(shape("linear_forward", f, B, I, O), draw);
  const double scale = f == Activation::tanh ? 1 / std::sqrt(static_cast<double>(I)) : 1;
  auto& X = trial.reads("X", inputs(B, I, draw));
  auto& W = trial.reads("W", scaled(draw.values(O * I), scale));
  auto& b = trial.reads("b", draw.values(O));

  std::vector<Rounded> y = product(exactly(X.initial()), exactly(W.initial()), I, exactly(b.initial()));
  for (Rounded& z : y) z = activate(f, z);
  auto& Y = trial.computes_some("Y", draw.values(B * O), std::move(y));  // the bias, where a row is all zeros
  trial.calls([&, B, I, O, f](Backend& backend) {
    backend.linear_forward(X.matrix(B, I), W.matrix(O, I), b.span(), f, Y.matrix(B, O));
  });
  return trial;
}

/// Outputs of a layer: tanh's are between -1 and 1, and relu's are 0 where it is not active.
std::vector<Real> outputs(Activation f, std::int64_t B, std::int64_t O, Draw& draw) {
  std::vector<Real> y = draw.ordinary(B * O);
  if (draw.numbers() == Numbers::special) y[static_cast<std::size_t>(draw.below(B * O))] = std::nanf("");
  return f == Activation::relu ? draw.rectified(std::move(y), O) : y;
}

Trial linear_backward(Draw& draw) {
  const std::int64_t B = draw.extent(), I = draw.extent(), O = draw.extent();
  const Activation f = draw.one_of({Activation::none, Activation::relu, Activation::tanh});
  const bool wants_dX = draw.below(4) != 0;
  Trial trial(shape("linear_backward", f, B, I, O) + (wants_dX ? "" : ", no dX"), draw);
  auto& X = trial.reads("X", inputs(B, I, draw));
  auto& W = trial.reads("W", draw.values(O * I));
  auto& Y = trial.reads("Y", outputs(f, B, O, draw));
  std::vector<Real> dy = draw.values(B * O);

  // dZ = dY ∘ f'(Y);  dX = dZ W;  dW = dZᵀ X;  db = Σ_B dZ
  std::vector<Rounded> dz;
  for (std::size_t k = 0; k < dy.size(); ++k) dz.push_back(activate_backward(f, Y.initial()[k], dy[k]));
  const std::vector<Rounded> dzT = transposed(dz, B, O), x = exactly(X.initial()), w = exactly(W.initial());
  std::vector<Rounded> db;
  const std::vector<Rounded> ones(static_cast<std::size_t>(B), Rounded(1));
  for (std::int64_t o = 0; o < O; ++o) db.push_back(dot(0, dzT.data() + o * B, ones.data(), B));

  auto& dW = trial.computes("dW", draw.values(O * I), product(dzT, transposed(x, B, I), B));
  auto& db_ = trial.computes_some("db", draw.values(O), std::move(db));
  Guarded<Real>* dX = nullptr;
  if (wants_dX) dX = &trial.computes("dX", draw.values(B * I), product(dz, transposed(w, O, I), O));
  auto& dY = trial.computes_some("dY", std::move(dy), std::move(dz));
  trial.calls([&, dX, B, I, O, f](Backend& backend) {
    backend.linear_backward(X.matrix(B, I), W.matrix(O, I), Y.matrix(B, O), f, dY.matrix(B, O),
                            dX == nullptr ? Matrix{} : dX->matrix(B, I), dW.matrix(O, I), db_.span());
  });
  return trial;
}

}  // namespace

std::vector<Operation> layer_operations() {
  return {{"linear_forward", linear_forward}, {"linear_backward", linear_backward}};
}

}  // namespace handgrad
