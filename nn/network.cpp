#include "network.h"

#include <algorithm>

#include "../core/finite.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

/// The widest row any layer's input needs: the size of the arrays that gradients pass through on their way down.
std::int64_t widest_hidden(const std::vector<std::unique_ptr<Layer>>& layers) {
  std::int64_t widest = 0;
  for (std::size_t k = 1; k < layers.size(); ++k) widest = std::max(widest, layers[k]->in_features());
  return widest;
}

}  // namespace

Network::Network(Backend& backend, std::vector<std::unique_ptr<Layer>> layers, std::int64_t max_batch, Use use)
    : backend_(&backend), layers_(std::move(layers)), max_batch_(max_batch) {
  require(!layers_.empty(), "a network needs at least one layer");
  require(max_batch >= 1, "a network needs room for at least one row, got max_batch = ", max_batch);
  std::int64_t offset = 0, module = 0;
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    if (k > 0) {
      require(layers_[k]->in_features() == layers_[k - 1]->out_features(), "layer ", k, " takes ", layers_[k]->in_features(),
              " features, but the one before gives ", layers_[k - 1]->out_features());
    }
    for (const ParameterShape& parameter : layers_[k]->parameter_shapes()) {
      layout_.push_back({text(module, '.', parameter.name), parameter.shape, offset, parameter.size()});
      offset += parameter.size();
    }
    module += layers_[k]->module_count();
    outputs_.emplace_back(backend, max_batch * layers_[k]->out_features());
  }
  parameters_ = Buffer<Real>(backend, offset);
  if (use == Use::training) {
    gradients_ = Buffer<Real>(backend, offset);
    upstream_ = Buffer<Real>(backend, max_batch * widest_hidden(layers_));
    downstream_ = Buffer<Real>(backend, max_batch * widest_hidden(layers_));
  }

  std::size_t begin = 0;
  for (const auto& layer : layers_) {
    const auto count = static_cast<std::size_t>(layer->parameter_count());
    const Vector all_gradients = gradients_.span();
    layer->bind(parameters_.span().subspan(begin, count),
                all_gradients.empty() ? Vector{} : all_gradients.subspan(begin, count));
    begin += count;
  }
}

void Network::initialize(Generator& random) {
  std::vector<Real> host(static_cast<std::size_t>(parameter_count()));
  Vector rest = host;
  for (const auto& layer : layers_) {
    const auto count = static_cast<std::size_t>(layer->parameter_count());
    layer->initialize(rest.first(count), random);
    rest = rest.subspan(count);
  }
  parameters_.upload(host);
}

void Network::set_parameters(ConstVector host) {
  require(static_cast<std::int64_t>(host.size()) == parameter_count(), "this network has ", parameter_count(),
          " parameters, got ", host.size());
  parameters_.upload(host);
}

void Network::serialize(StateArchive& state) {
  std::vector<Real> host(static_cast<std::size_t>(parameter_count()));
  if (!state.loading()) parameters_.download(host);
  for (const Entry& entry : layout_) {
    state.array(entry.name, Vector(host).subspan(static_cast<std::size_t>(entry.offset), static_cast<std::size_t>(entry.size)),
                entry.shape);
  }
  if (state.loading()) {
    require(all_finite(ConstVector(host)), "a parameter of the network in the state is ",
            host[std::min(first_non_finite(ConstVector(host)), host.size() - 1)],
            ", expected finite numbers: learning had diverged when it was written down. Go on from an earlier state.");
    set_parameters(host);
  }
  if (gradients_.size() == 0) return;
  if (!state.loading()) gradients_.download(host);
  state.array("gradients", std::span(host));
  if (state.loading()) gradients_.upload(host);
}

ConstMatrix Network::forward(ConstMatrix X) {
  require(X.cols == in_features(), "this network takes rows of ", in_features(), " features, got ", X.cols);
  require(X.rows >= 1 && X.rows <= max_batch_, "this network has room for 1 to ", max_batch_, " rows, got ", X.rows);
  X_ = X;
  ConstMatrix input = X;
  for (std::size_t k = 0; k < layers_.size(); ++k) {
    const Matrix Y = outputs_[k].matrix(X.rows, layers_[k]->out_features());
    layers_[k]->forward(input, Y);
    input = Y;
  }
  return input;
}

void Network::backward(Matrix dY, Matrix dX) {
  require(gradients_.size() > 0, "this network was made for inference: it has no gradients");
  require(dY.rows == X_.rows && dY.cols == out_features(), "dY has to be as large as the last output, [", X_.rows, ", ",
          out_features(), "], got [", dY.rows, ", ", dY.cols, "]");
  require(dX.empty() || (dX.rows == X_.rows && dX.cols == in_features()), "dX has to be as large as the last input, [",
          X_.rows, ", ", in_features(), "], got [", dX.rows, ", ", dX.cols, "]");
  Matrix upstream = dY;
  Buffer<Real>* below = &upstream_;
  Buffer<Real>* other = &downstream_;
  for (std::size_t k = layers_.size(); k-- > 0;) {
    Layer& layer = *layers_[k];
    const ConstMatrix Y = outputs_[k].matrix(X_.rows, layer.out_features());
    if (k == 0) {
      layer.backward(X_, Y, upstream, dX);
      return;
    }
    const Matrix gradient = below->matrix(X_.rows, layer.in_features());
    layer.backward(outputs_[k - 1].matrix(X_.rows, layer.in_features()), Y, upstream, gradient);
    upstream = gradient;
    std::swap(below, other);
  }
}

}  // namespace handgrad::inline HANDGRAD_PRECISION
