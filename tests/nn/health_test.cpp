#include "nn/health.h"

#include <limits>

#include "core/backends.h"
#include "nn/mlp.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

TEST_CASE("an element of a network is named as in its model file") {
  const auto backend = make_backend("unreadable");
  const Network network = make_mlp(*backend, {.sizes = {2, 3, 2}}, 1);
  CHECK(element_name(network.layout(), 0) == "0.weight[0, 0]");
  CHECK(element_name(network.layout(), 5) == "0.weight[2, 1]");
  CHECK(element_name(network.layout(), 6) == "0.bias[0]");
  CHECK(element_name(network.layout(), 13) == "2.weight[1, 1]");
  CHECK(element_name(network.layout(), network.parameter_count() - 1) == "2.bias[1]");
  CHECK(contains(error_message([&] { element_name(network.layout(), network.parameter_count()); }), "no parameter 17"));
  CHECK(contains(error_message([&] { element_name(network.layout(), -1); }), "no parameter -1"));
}

TEST_CASE("the first number of a network that is not finite is found and named") {
  const auto backend = make_backend("unreadable");
  Network network = make_mlp(*backend, {.sizes = {2, 3, 2}}, 1);
  std::vector<Real> parameters(static_cast<std::size_t>(network.parameter_count()), std::numeric_limits<Real>::max());
  network.set_parameters(parameters);
  CHECK(find_non_finite(*backend, network.layout(), network.parameters()).empty());
  parameters[16] = std::numeric_limits<Real>::infinity();
  parameters[10] = -std::numeric_limits<Real>::infinity();
  network.set_parameters(parameters);
  CHECK(find_non_finite(*backend, network.layout(), network.parameters()) == "2.weight[0, 1] is -inf");
}
