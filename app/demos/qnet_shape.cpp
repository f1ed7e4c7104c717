// A network for action values: which shapes go in and come out.

#include <nlohmann/json.hpp>

#include "app/demos/demos.h"
#include "app/format.h"
#include "core/backends.h"
#include "core/random.h"
#include "nn/mlp.h"

namespace handgrad::app {

namespace {

constexpr std::int64_t kActions = 4;

DemoReport run(const DemoRequest& request) {
  const auto& states = request.values.wholes("states");
  const auto B = static_cast<std::int64_t>(states.size());
  std::vector<std::int64_t> sizes{1};
  for (const std::int64_t width : request.values.wholes("hidden")) sizes.push_back(width);
  sizes.push_back(kActions);

  const auto backend = make_backend("reference");
  Network network = make_mlp(*backend, {sizes}, B, Network::Use::inference);
  Generator random = Generator::stream(request.seed, kInitialisation);
  network.initialize(random);
  Buffer<Real> X(*backend, B);
  X.upload(std::vector<Real>(states.begin(), states.end()));
  const ConstMatrix Q = network.forward(X.matrix(B, 1));
  require(Q.rows == B && Q.cols == kActions, "the network gives [", Q.rows, ", ", Q.cols, "] for ", B, " states, expected [",
          B, ", ", kActions, "]");
  std::vector<Real> values(static_cast<std::size_t>(Q.size()));
  backend->download(values.data(), Q.data, values.size() * sizeof(Real));

  std::string layers, lines;
  for (const std::int64_t size : sizes) layers += (layers.empty() ? "" : "-") + std::to_string(size);
  for (std::int64_t b = 0; b < B; ++b) {
    lines += text("state ", states[static_cast<std::size_t>(b)], "  Q =");
    for (std::int64_t a = 0; a < kActions; ++a) {
      lines += text(" ", fixed(static_cast<double>(values[static_cast<std::size_t>(b * kActions + a)]), 4));
    }
    lines += '\n';
  }
  const nlohmann::ordered_json json = {{"sizes", sizes},
                                       {"parameters", network.parameter_count()},
                                       {"input_shape", {B, 1}},
                                       {"shape", {Q.rows, Q.cols}},
                                       {"values", values}};
  DemoReport report{text("network ", layers, ", ", network.parameter_count(), " parameters\ninput  (", B, ", 1)\noutput (",
                         Q.rows, ", ", Q.cols, "): a row a state, a column an action\n", lines),
                    json.dump()};
  report.bars = {{text("the network's output has the shape (", B, ", 4)"), text("(", Q.rows, ", ", Q.cols, ")"),
                  Q.rows == B && Q.cols == 4}};
  return report;
}

}  // namespace

Demo qnet_shape_demo() {
  return {"qnet-shape",
          "a small network evaluated on a state: one value an action",
          {{"states", std::vector<std::int64_t>{0}, "the batch, a number a state", {}, {}},
           {"hidden", std::vector<std::int64_t>{16, 16}, "widths of the hidden layers", within(1, 4096), {}}},
          run};
}

}  // namespace handgrad::app
