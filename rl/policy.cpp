#include "policy.h"

#include <algorithm>
#include <cmath>

#include "../core/backends.h"
#include "../core/step_scope.h"

namespace handgrad::inline HANDGRAD_PRECISION {
namespace {

constexpr std::int64_t kRowsAtOnce = 128;
constexpr std::int64_t kWidestLayer = 1 << 20;

/// [in, hidden..., out] of a model whose tensors are a weight [O, I] and a bias [O] a layer, in this order.
MlpSpec read_architecture(const TensorFile& file, const std::string& origin) {
  require(!file.tensors.empty() && file.tensors.size() % 2 == 0, origin,
          ": not a model: expected a weight and a bias a layer, found ", file.tensors.size(), " tensors");
  MlpSpec spec;
  for (std::size_t k = 0; k < file.tensors.size(); k += 2) {
    const Tensor& weight = file.tensors[k];
    const Tensor& bias = file.tensors[k + 1];
    require(weight.name.ends_with(".weight") && bias.name.ends_with(".bias"), origin, ": not a model: '", weight.name,
            "' and '", bias.name, "' should be a weight and a bias");
    require(weight.shape.size() == 2 && bias.shape.size() == 1 && bias.shape[0] == weight.shape[0], origin, ": '", weight.name,
            "' and '", bias.name, "' have no matching shapes [out, in] and [out]");
    require(weight.shape[0] >= 1 && weight.shape[1] >= 1 && std::ranges::max(weight.shape) <= kWidestLayer, origin, ": '",
            weight.name, "' has an impossible shape");
    require(k == 0 || weight.shape[1] == spec.sizes.back(), origin, ": '", weight.name, "' takes ", weight.shape[1],
            " features, but the layer before gives ", spec.sizes.empty() ? 0 : spec.sizes.back());
    if (k == 0) spec.sizes.push_back(weight.shape[1]);
    spec.sizes.push_back(weight.shape[0]);
  }
  const auto activation = file.metadata.find("activation");
  require(activation != file.metadata.end() || spec.sizes.size() == 2, origin,
          ": the metadata does not say which activation the hidden layers have (key 'activation': relu, tanh or none)");
  if (activation != file.metadata.end()) spec.activation = parse_activation(activation->second);
  return spec;
}

}  // namespace

struct Policy::Impl {
  Impl(std::unique_ptr<Backend> backend_, const MlpSpec& spec, std::map<std::string, std::string> metadata_)
      : backend(std::move(backend_)),
        network(make_mlp(*backend, spec, kRowsAtOnce, Network::Use::inference)),
        observations(*backend, kRowsAtOnce * network.in_features()),
        actions(*backend, kRowsAtOnce),
        staging(static_cast<std::size_t>(kRowsAtOnce * network.in_features())),
        metadata(std::move(metadata_)) {}

  /// Q [n, A] for n <= kRowsAtOnce observations [n, D].
  ConstMatrix values(std::span<const float> rows) {
    for (const float value : rows) require(std::isfinite(value), "an observation has to be finite, got ", value);
    std::ranges::copy(rows, staging.begin());
    observations.upload(std::span<const Real>(staging).first(rows.size()));
    return network.forward(
        observations.matrix(static_cast<std::int64_t>(rows.size()) / network.in_features(), network.in_features()));
  }

  std::unique_ptr<Backend> backend;
  Network network;
  Buffer<Real> observations;
  Buffer<std::int32_t> actions;
  std::vector<Real> staging;
  std::map<std::string, std::string> metadata;
};

Policy::Policy(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Policy::Policy(Policy&&) noexcept = default;
Policy& Policy::operator=(Policy&&) noexcept = default;
Policy::~Policy() = default;

Policy Policy::load(const std::filesystem::path& path, const std::string& backend) {
  return from_tensors(read_safetensors(path), path.string(), backend);
}

Policy Policy::from_tensors(const TensorFile& file, const std::string& origin, const std::string& backend) {
  const MlpSpec spec = read_architecture(file, origin);
  auto impl = std::make_unique<Impl>(make_backend(backend.empty() ? default_backend() : backend), spec, file.metadata);
  std::vector<Real> parameters;
  for (const Tensor& tensor : file.tensors) {
    for (const float value : tensor.values) {
      require(std::isfinite(value), origin, ": '", tensor.name, "' holds a value that is not finite: the model is unusable");
      parameters.push_back(static_cast<Real>(value));
    }
  }
  impl->network.set_parameters(parameters);
  return Policy(std::move(impl));
}

std::int32_t Policy::act(std::span<const float> observation) {
  std::int32_t action = 0;
  act(observation, {&action, 1});
  return action;
}

void Policy::act(std::span<const float> observations, std::span<std::int32_t> actions) {
  const auto D = static_cast<std::size_t>(observation_size());
  require(observations.size() == actions.size() * D, "expected ", actions.size(), " observations of ", D, " values, got ",
          observations.size(), " values");
  const StepScope scope(*impl_->backend);
  while (!actions.empty()) {
    const std::size_t rows = std::min<std::size_t>(actions.size(), kRowsAtOnce);
    const ConstMatrix Q = impl_->values(observations.first(rows * D));
    impl_->backend->argmax(Q, impl_->actions.first(static_cast<std::int64_t>(rows)));
    impl_->actions.download(actions.first(rows));
    observations = observations.subspan(rows * D);
    actions = actions.subspan(rows);
  }
}

std::vector<Real> Policy::values(std::span<const float> observation) {
  require(static_cast<std::int64_t>(observation.size()) == observation_size(), "expected an observation of ",
          observation_size(), " values, got ", observation.size());
  const StepScope scope(*impl_->backend);
  const ConstMatrix Q = impl_->values(observation);
  std::vector<Real> host(static_cast<std::size_t>(Q.cols));
  impl_->backend->download(host.data(), Q.data, host.size() * sizeof(Real));
  return host;
}

std::int64_t Policy::observation_size() const { return impl_->network.in_features(); }
std::int64_t Policy::actions() const { return impl_->network.out_features(); }
const std::map<std::string, std::string>& Policy::metadata() const { return impl_->metadata; }

}  // namespace handgrad::inline HANDGRAD_PRECISION
