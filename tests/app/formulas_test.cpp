#include "app/config/formulas.h"

#include "app/config/presets.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

std::string formulas(const std::vector<std::string>& set) {
  return update_formulas(resolve_preset("cartpole-dqn-tutorial", set).config);
}

}  // namespace

TEST_CASE("formulas carry the run's own numbers") {
  const std::string words = formulas({});
  CHECK(contains(words, "ε(n) = 0.01 + (0.9 - 0.01) · exp(-n/2500)"));
  CHECK(contains(words, "y = r + 0.99 · (1 - terminated) · max_a Q⁻(s', a)"));
  CHECK(contains(words, "g = clamp(g, -100, 100)"));
  CHECK(contains(words, "w = max(w, v)"));
  CHECK(contains(words, "θ⁻ = 0.005 θ + (1 - 0.005) θ⁻"));
}

TEST_CASE("formulas follow the settings") {
  CHECK(contains(formulas({"dqn.double=true"}), "argmax_a Q(s', a)"));
  CHECK(contains(formulas({"dqn.n_step=3"}), "0.99^3 · (1 - terminated)"));
  CHECK(contains(formulas({"loss.name=mse"}), "l = d²;"));
  CHECK(contains(formulas({"clip.kind=norm", "clip.limit=10"}), "min(1, 10/(|g| + 1e-6))"));
  CHECK(contains(formulas({"target.kind=hard", "target.every=500"}), "after every 500 environment steps\n    θ⁻ = θ"));
  CHECK(contains(
      formulas({"optimizer.name=sgd", "optimizer.amsgrad=false", "optimizer.momentum=0.9", "optimizer.nesterov=true"}),
      "(g + 0.9 v)"));
  CHECK(contains(formulas({"optimizer.name=rmsprop_dqn2015", "optimizer.amsgrad=false"}), "sqrt(n - m² + "));
}
