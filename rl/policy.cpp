#include "policy.h"

#include <algorithm>
#include <cmath>

#include "../core/backends.h"
#include "../core/step_scope.h"
#include "../nn/mlp.h"
#include "observation_upload.h"
#include "tabular.h"

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

class Policy::Impl {
 public:
  explicit Impl(std::map<std::string, std::string> about) : metadata(std::move(about)) {}
  virtual ~Impl() = default;
  virtual void act(std::span<const float> observations, std::span<std::int32_t> actions) = 0;
  virtual std::vector<double> values(std::span<const float> observation) = 0;
  virtual std::int64_t observation_size() const = 0;
  virtual std::int64_t actions() const = 0;

  const std::map<std::string, std::string> metadata;
};

namespace {

class NetworkPolicy : public Policy::Impl {
 public:
  NetworkPolicy(const TensorFile& file, const std::string& origin, std::unique_ptr<Backend> backend)
      : Impl(file.metadata),
        backend_(std::move(backend)),
        network_(make_mlp(*backend_, read_architecture(file, origin), kRowsAtOnce, Network::Use::inference)),
        observations_(*backend_, kRowsAtOnce * network_.in_features()),
        actions_(*backend_, kRowsAtOnce),
        upload_(kRowsAtOnce * network_.in_features()) {
    std::vector<Real> parameters;
    for (const Tensor& tensor : file.tensors) {
      for (const double value : tensor.as_doubles()) {
        require(std::isfinite(value), origin, ": '", tensor.name, "' holds a value that is not finite: the model is unusable");
        parameters.push_back(static_cast<Real>(value));
      }
    }
    network_.set_parameters(parameters);
  }

  void act(std::span<const float> observations, std::span<std::int32_t> actions) override {
    const auto D = static_cast<std::size_t>(observation_size());
    const StepScope scope(*backend_);
    while (!actions.empty()) {
      const std::size_t rows = std::min<std::size_t>(actions.size(), kRowsAtOnce);
      const ConstMatrix Q = forward(observations.first(rows * D));
      backend_->argmax(Q, actions_.first(static_cast<std::int64_t>(rows)));
      actions_.download(actions.first(rows));
      observations = observations.subspan(rows * D);
      actions = actions.subspan(rows);
    }
  }

  std::vector<double> values(std::span<const float> observation) override {
    const StepScope scope(*backend_);
    const ConstMatrix Q = forward(observation);
    std::vector<Real> host(static_cast<std::size_t>(Q.cols));
    backend_->download(host.data(), Q.data, host.size() * sizeof(Real));
    return {host.begin(), host.end()};
  }

  std::int64_t observation_size() const override { return network_.in_features(); }
  std::int64_t actions() const override { return network_.out_features(); }

 private:
  /// Q [n, A] for n <= kRowsAtOnce observations [n, D].
  ConstMatrix forward(std::span<const float> rows) {
    for (const float value : rows) require(std::isfinite(value), "an observation has to be finite, got ", value);
    upload_(rows, observations_);
    return network_.forward(
        observations_.matrix(static_cast<std::int64_t>(rows.size()) / network_.in_features(), network_.in_features()));
  }

  std::unique_ptr<Backend> backend_;
  Network network_;
  Buffer<Real> observations_;
  Buffer<std::int32_t> actions_;
  ObservationUpload upload_;
};

class TablePolicy : public Policy::Impl {
 public:
  explicit TablePolicy(const TensorFile& file)
      : Impl(file.metadata),
        encoder_(StateEncoder::from_metadata(file.metadata)),
        tables_(tables_of_model(file.tensors, encoder_.rows())),
        rows_(static_cast<std::size_t>(encoder_.active())) {}

  void act(std::span<const float> observations, std::span<std::int32_t> actions) override {
    const auto D = static_cast<std::size_t>(observation_size());
    for (std::size_t i = 0; i < actions.size(); ++i) {
      encoder_.encode(observations.subspan(i * D, D), rows_);
      actions[i] = argmax(tables_.total(rows_), tables_.actions());
    }
  }

  std::vector<double> values(std::span<const float> observation) override {
    encoder_.encode(observation, rows_);
    const double* total = tables_.total(rows_);
    std::vector<double> result(total, total + tables_.actions());
    for (double& value : result) value /= static_cast<double>(tables_.tables());
    return result;
  }

  std::int64_t observation_size() const override { return encoder_.observation_size(); }
  std::int64_t actions() const override { return tables_.actions(); }

 private:
  StateEncoder encoder_;
  QTables tables_;
  std::vector<std::int32_t> rows_;
};

bool holds_tables(const TensorFile& file) {
  return std::ranges::any_of(file.tensors, [](const Tensor& tensor) { return tensor.name == "q" || tensor.name == "q_a"; });
}

}  // namespace

Policy::Policy(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Policy::Policy(Policy&&) noexcept = default;
Policy& Policy::operator=(Policy&&) noexcept = default;
Policy::~Policy() = default;

Policy Policy::load(const std::filesystem::path& path, const std::string& backend) {
  return from_tensors(read_safetensors(path), path.string(), backend);
}

Policy Policy::from_tensors(const TensorFile& file, const std::string& origin, const std::string& backend) {
  if (holds_tables(file)) {
    try {
      return Policy(std::make_unique<TablePolicy>(file));
    } catch (const Error& error) {
      fail(origin, ": ", error.what());
    }
  }
  return Policy(std::make_unique<NetworkPolicy>(file, origin, make_backend(backend.empty() ? default_backend() : backend)));
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
  impl_->act(observations, actions);
}

std::vector<double> Policy::values(std::span<const float> observation) {
  require(static_cast<std::int64_t>(observation.size()) == observation_size(), "expected an observation of ",
          observation_size(), " values, got ", observation.size());
  return impl_->values(observation);
}

std::int64_t Policy::observation_size() const { return impl_->observation_size(); }
std::int64_t Policy::actions() const { return impl_->actions(); }
const std::map<std::string, std::string>& Policy::metadata() const { return impl_->metadata; }

}  // namespace handgrad::inline HANDGRAD_PRECISION
