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

TEST_CASE("formulas tell what is done otherwise for comparison") {
  CHECK(contains(formulas({"dqn.terminal=bootstrap"}), "y = r + 0.99 · max_a Q⁻(s', a)\n    A terminated episode bootstraps"));
  CHECK(contains(formulas({"epsilon.call=lagged"}), "less the last one"));
  CHECK(contains(formulas({"epsilon.call=never"}), "ε    = 0.9, always: what it falls to is never computed"));
  CHECK(contains(formulas({"target.initial=independent"}), "Until then θ⁻ has random weights of its own"));
  CHECK(contains(formulas({"target.every=100", "target.phase=1"}),
                 "after every 100 environment steps, beginning with number 1\n"));
  const std::string all = formulas({"loss.name=mse", "loss.over=all"});
  CHECK(contains(all, "with d = Q(s, j) - T(j), the mean over the batch of 128 and the A actions of\n"));
  CHECK(contains(all, "l = d²;  dl/dQ(s, j) = 2 d / (128·A)\n    T(j) = y for j = a, else Q⁻(s, j)"));
  CHECK(contains(formulas({"loss.over=all", "dqn.untaken=target_next"}), "else Q⁻(s', j)"));
  CHECK(contains(formulas({"loss.over=all", "dqn.untaken=online_s"}), "else Q(s, j) itself"));
  CHECK(contains(formulas({"loss.reduction=sum"}), "clamp(d/1, -1, 1)\n    The other actions' outputs get no gradient"));
}
