#include "init.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "../core/error.h"
#include "../core/suggest.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

constexpr std::pair<Initialization, std::string_view> kNames[] = {
    {Initialization::pytorch, "pytorch"},
    {Initialization::glorot_uniform, "glorot_uniform"},
    {Initialization::glorot_normal, "glorot_normal"},
    {Initialization::he_uniform, "he_uniform"},
    {Initialization::he_normal, "he_normal"},
    {Initialization::orthogonal, "orthogonal"},
    {Initialization::zero, "zero"},
};

void fill_uniform(Vector values, double k, Generator& random) {
  for (Real& value : values) value = static_cast<Real>(random.uniform(-k, k));
}

void fill_normal(Vector values, double s, Generator& random) {
  for (Real& value : values) value = static_cast<Real>(s * random.normal());
}

using DoubleVectors = std::vector<std::vector<double>>;

/// x -= (x · direction) direction, for a direction of length 1.
void remove_component(std::vector<double>& x, const std::vector<double>& direction) {
  const double along = std::inner_product(x.begin(), x.end(), direction.begin(), 0.0);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] -= along * direction[i];
}

/// Makes the vectors orthonormal, in place: vector k loses its components along those before it and is scaled to length 1
/// (Gram-Schmidt). Returns false if a vector depends on those before it as far as can be told.
///
/// That is the QR decomposition of the matrix whose columns the vectors are, Q taking their place, with the diagonal of R
/// positive: R_kk is the length that is divided by.
bool orthonormalize(DoubleVectors& vectors) {
  for (std::size_t k = 0; k < vectors.size(); ++k) {
    std::vector<double>& x = vectors[k];
    // Trap: what rounding leaves of the components is not small beside a short remainder. A second pass removes it too
    // ("twice is enough", Giraud, Langou & Rozloznik 2005).
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t j = 0; j < k; ++j) remove_component(x, vectors[j]);
    }
    const double length = std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0));
    if (length < 1e-10) return false;  // nothing but rounding is left
    for (double& element : x) element /= length;
  }
  return true;
}

/// gain · Q: the rows of W, or its columns if there are more rows than columns, are orthogonal, of length gain.
///
/// Q uniform among such matrices (Haar's measure) is what the QR decomposition of a matrix of independent standard normals
/// gives (Mezzadri 2007).
/// Trap: only with a positive diagonal of R. Householder's QR chooses signs to round well; its Q is not uniform until each
/// column is multiplied by the sign of R's diagonal entry. Gram-Schmidt's diagonal is positive as it is.
void fill_orthogonal(Matrix W, double gain, Generator& random) {
  // The shorter side counts the vectors: W itself holds them as rows if it is wide, as columns if it is tall.
  const bool wide = W.rows <= W.cols;
  const auto count = static_cast<std::size_t>(std::min(W.rows, W.cols));
  const auto length = static_cast<std::size_t>(std::max(W.rows, W.cols));
  DoubleVectors vectors(count, std::vector<double>(length));
  const auto element = [&](std::int64_t o, std::int64_t i) -> double& {
    const auto [vector, at] = wide ? std::pair(o, i) : std::pair(i, o);
    return vectors[static_cast<std::size_t>(vector)][static_cast<std::size_t>(at)];
  };
  do {  // again only if the draw was degenerate, which chance alone does not do
    for (std::int64_t o = 0; o < W.rows; ++o) {
      for (std::int64_t i = 0; i < W.cols; ++i) element(o, i) = random.normal();
    }
  } while (!orthonormalize(vectors));
  for (std::int64_t o = 0; o < W.rows; ++o) {
    for (std::int64_t i = 0; i < W.cols; ++i) W(o, i) = static_cast<Real>(gain * element(o, i));
  }
}

}  // namespace

std::string_view to_string(Initialization kind) {
  for (const auto& [value, name] : kNames) {
    if (value == kind) return name;
  }
  fail("there is no initialization number ", static_cast<int>(kind));
}

Initialization parse_initialization(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [value, known] : kNames) {
    if (known == name) return value;
    names.emplace_back(known);
  }
  std::string list = names.front();
  for (std::size_t i = 1; i < names.size(); ++i) list += ", " + names[i];
  fail("unknown initialization '", name, "'; expected one of ", list, ".", did_you_mean(name, names));
}

double initialization_scale(Initialization kind, std::int64_t fan_out, std::int64_t fan_in) {
  require(fan_out > 0 && fan_in > 0, "weights to be initialized need a positive number of rows and columns, found [", fan_out,
          ", ", fan_in, "]");
  const auto in = static_cast<double>(fan_in);
  const auto out = static_cast<double>(fan_out);
  switch (kind) {
    case Initialization::pytorch: return 1.0 / std::sqrt(in);
    case Initialization::glorot_uniform: return std::sqrt(6.0 / (in + out));
    case Initialization::glorot_normal: return std::sqrt(2.0 / (in + out));
    case Initialization::he_uniform: return std::sqrt(6.0 / in);
    case Initialization::he_normal: return std::sqrt(2.0 / in);
    case Initialization::orthogonal: return 1.0;
    case Initialization::zero: return 0.0;
  }
  fail("there is no initialization number ", static_cast<int>(kind));
}

double activation_gain(Activation f) {
  switch (f) {
    case Activation::none: return 1.0;
    case Activation::relu: return std::sqrt(2.0);
    case Activation::tanh: return 5.0 / 3.0;
  }
  fail("there is no activation number ", static_cast<int>(f));
}

void initialize(Initialization kind, Matrix W, Vector b, Generator& random, double gain) {
  require(!W.empty(), "there are no weights to initialize: W is empty");
  require(b.empty() || static_cast<std::int64_t>(b.size()) == W.rows, "the bias has ", b.size(), " elements; expected ",
          W.rows, ", one a row of W");
  require(std::isfinite(gain), "the gain of an initialization must be finite, found ", gain);
  const double scale = initialization_scale(kind, W.rows, W.cols);

  std::ranges::fill(b, Real{0});
  switch (kind) {
    case Initialization::pytorch:
      fill_uniform(W.flat(), scale, random);
      fill_uniform(b, scale, random);
      break;
    case Initialization::glorot_uniform:
    case Initialization::he_uniform: fill_uniform(W.flat(), scale, random); break;
    case Initialization::glorot_normal:
    case Initialization::he_normal: fill_normal(W.flat(), scale, random); break;
    case Initialization::orthogonal: fill_orthogonal(W, gain, random); break;
    case Initialization::zero: std::ranges::fill(W.flat(), Real{0}); break;
  }
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
