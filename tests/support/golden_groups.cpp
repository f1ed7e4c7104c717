#include "golden_groups.h"

#include <algorithm>
#include <cctype>

namespace handgrad::golden {
namespace {

constexpr std::int64_t kMostParameters = std::int64_t{1} << 31;

Activation activation_config(const std::string& name) {
  if (name == "relu") return Activation::relu;
  if (name == "tanh") return Activation::tanh;
  throw Skip(text("the engine has no activation '", name, "'"));
}

/// P, and whether `layout`, where there is one, lists a weight [out, in] and a bias [out] a layer, one after the other.
std::int64_t count_parameters(const Case& c, const Config& net, const std::vector<std::int64_t>& sizes) {
  std::vector<Shape> shapes;
  std::vector<std::int64_t> offsets;
  std::int64_t count = 0;
  for (std::size_t k = 1; k < sizes.size(); ++k) {
    for (const Shape& shape : {Shape{sizes[k], sizes[k - 1]}, Shape{sizes[k]}}) {
      shapes.push_back(shape);
      offsets.push_back(count);
      count += shape.size() == 2 ? shape[0] * shape[1] : shape[0];
      require_file(count < kMostParameters, c.id, ": a network of that many parameters is not what golden data is for");
    }
  }
  if (!net.has("layout")) return count;
  const std::vector<Config> layout = net.objects("layout");
  require_file(layout.size() == shapes.size(), c.id, ": the network's layout has ", layout.size(), " entries, expected ",
               shapes.size());
  for (std::size_t k = 0; k < layout.size(); ++k) {
    require_file(layout[k].integers("shape") == shapes[k] && layout[k].integer("offset") == offsets[k], c.id, ": entry ", k,
                 " of the network's layout has to be ", to_string(shapes[k]), " at ", offsets[k]);
  }
  return count;
}

}  // namespace

Buffer<Real> on(Backend& backend, const Value& value) { return on(backend, reals(value)); }

NetConfig net_config(const Case& c) {
  const Config net = c.config.object("net");
  if (net.has("layer_norm_eps")) throw Skip("the engine has no layer normalisation yet");
  NetConfig result;
  result.spec.sizes = net.integers("sizes");
  require_file(result.spec.sizes.size() >= 2, c.id, ": a network needs at least two sizes");
  for (const std::int64_t size : result.spec.sizes) {
    require_file(size >= 1 && size < 1'000'000, c.id, ": a layer cannot be ", size, " wide");
  }
  result.spec.activation = activation_config(net.string("activation"));
  result.inputs = result.spec.sizes.front();
  result.outputs = result.spec.sizes.back();
  result.parameters = count_parameters(c, net, result.spec.sizes);
  require_file(!net.has("params") || net.integer("params") == result.parameters, c.id, ": a network of these sizes has ",
               result.parameters, " parameters, not what config.net.params says");
  return result;
}

Network make_network(Backend& backend, const NetConfig& net, const std::vector<Real>& parameters, std::int64_t max_batch) {
  Network network = make_mlp(backend, net.spec, max_batch);
  network.set_parameters(parameters);
  return network;
}

LossSpec loss_config(const Config& config, const std::string& key) {
  LossSpec spec;
  if (!config.has(key)) return spec;
  const Config loss = config.object(key);
  const std::string name = loss.string("name");
  if (name == "mse") return spec;
  if (name == "huber") {
    spec.kind = LossKind::huber;
    spec.delta = loss.number("delta");
  } else if (name == "smooth_l1") {
    spec.kind = LossKind::smooth_l1;
    spec.delta = loss.number("beta");
  } else {
    throw Skip(text("the engine has no loss '", name, "'"));
  }
  return spec;
}

OptimizerSpec optimizer_config(const Config& optimizer) {
  const std::string name = optimizer.string("name");
  std::string plain;
  for (const char letter : name) {
    if (std::isalnum(static_cast<unsigned char>(letter)))
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  const std::map<std::string, OptimizerKind> kinds = {{"sgd", OptimizerKind::sgd},
                                                      {"rmsprop", OptimizerKind::rmsprop},
                                                      {"rmspropdqn2015", OptimizerKind::rmsprop_dqn2015},
                                                      {"adam", OptimizerKind::adam},
                                                      {"adamkeras", OptimizerKind::adam_keras},
                                                      {"adamw", OptimizerKind::adamw},
                                                      {"radam", OptimizerKind::radam}};
  const auto kind = kinds.find(plain);
  if (kind == kinds.end()) throw Skip(text("the engine has no optimiser '", name, "'"));

  OptimizerSpec spec;
  spec.kind = kind->second;
  const std::map<std::string, double*> numbers = {{"lr", &spec.lr},
                                                  {"weight_decay", &spec.weight_decay},
                                                  {"eps", &spec.eps},
                                                  {"beta1", &spec.beta1},
                                                  {"beta2", &spec.beta2},
                                                  {"alpha", &spec.alpha},
                                                  {"momentum", &spec.momentum}};
  const std::map<std::string, bool*> switches = {
      {"amsgrad", &spec.amsgrad}, {"nesterov", &spec.nesterov}, {"centered", &spec.centered}};
  for (const std::string& key : optimizer.keys()) {
    if (key == "name" || !optimizer.has(key)) continue;
    if (numbers.contains(key)) {
      *numbers.at(key) = optimizer.number(key);
    } else if (switches.contains(key)) {
      *switches.at(key) = optimizer.flag(key, false);
    } else {
      throw Skip(text("the engine's optimisers have no '", key, "'"));
    }
  }
  return spec;
}

}  // namespace handgrad::golden
