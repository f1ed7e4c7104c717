#include "linear.h"

#include "../core/error.h"

namespace handgrad::inline HANDGRAD_PRECISION {

Linear::Linear(Backend& backend, std::int64_t in, std::int64_t out, Activation activation, Initialization initialization)
    : backend_(backend), in_(in), out_(out), activation_(activation), initialization_(initialization) {
  require(in >= 1 && out >= 1, "a linear layer needs at least one input and one output, got ", in, " and ", out);
}

std::vector<ParameterShape> Linear::parameter_shapes() const { return {{"weight", {out_, in_}}, {"bias", {out_}}}; }

void Linear::bind(Vector parameters, Vector gradients) {
  const auto weights = static_cast<std::size_t>(out_ * in_);
  W_ = {parameters.data(), out_, in_};
  b_ = parameters.subspan(weights);
  if (!gradients.empty()) {
    dW_ = {gradients.data(), out_, in_};
    db_ = gradients.subspan(weights);
  }
}

void Linear::initialize(Vector host_parameters, Generator& random) const {
  const Matrix W{host_parameters.data(), out_, in_};
  handgrad::initialize(initialization_, W, host_parameters.subspan(static_cast<std::size_t>(W.size())), random,
                       activation_gain(activation_));
}

void Linear::forward(ConstMatrix X, Matrix Y) {
  // [B, O] = f([B, I] · [I, O] + [O])
  backend_.linear_forward(X, W_, b_, activation_, Y);
}

void Linear::backward(ConstMatrix X, ConstMatrix Y, Matrix dY, Matrix dX) {
  // dZ = dY ∘ f'(Y);  dW[o,i] = Σ_b dZ[b,o] X[b,i];  db[o] = Σ_b dZ[b,o];  dX[b,i] = Σ_o dZ[b,o] W[o,i]
  backend_.linear_backward(X, W_, Y, activation_, dY, dX, dW_, db_);
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
