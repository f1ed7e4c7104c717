// One parameter, one gradient, one optimiser: what a training loop is once everything else is taken away.

#include <cmath>
#include <nlohmann/json.hpp>

#include "app/demos/demos.h"
#include "app/format.h"
#include "app/usage_error.h"
#include "core/backends.h"
#include "core/random.h"
#include "nn/optimizer.h"

namespace handgrad::app {

namespace {

/// What a hundred steps did: an entry a step, before it, and one after the last.
struct Course {
  std::vector<double> theta, loss;
};

/// loss = (y - θx)², dloss/dθ = -2x (y - θx), all in Real. Without clearing, a gradient is added to all those before it: what
/// happens in frameworks whose backward pass adds up, if the loop forgets to start from zero.
Course train(const DemoValues& values, Real theta_0, bool clear_gradients) {
  const Real x = static_cast<Real>(values.number("x")), y = static_cast<Real>(values.number("y"));
  const auto backend = make_backend("reference");
  Optimizer adam(*backend, {.lr = values.number("lr")}, 1);
  Buffer<Real> parameter(*backend, 1), gradient(*backend, 1);
  parameter.upload(std::vector<Real>{theta_0});

  Course course;
  Real theta = theta_0, g = 0;
  for (std::int64_t step = 0;; ++step) {
    const Real error = y - theta * x;
    course.theta.push_back(static_cast<double>(theta));
    course.loss.push_back(static_cast<double>(error * error));
    if (step == values.whole("steps")) return course;
    if (clear_gradients) g = 0;
    g += Real{-2} * x * error;
    gradient.upload(std::vector<Real>{g});
    adam.step(parameter.span(), gradient.span());
    theta = parameter.to_host()[0];
  }
}

Curve curve(const std::string& label, const std::vector<double>& y) {
  Curve result{label, {}, y, {}, {}};
  for (std::size_t step = 0; step < y.size(); ++step) result.x.push_back(static_cast<double>(step));
  return result;
}

DemoReport run(const DemoRequest& request) {
  const DemoValues& values = request.values;
  if (values.number("x") == 0.0) wrong_use("--set x=0: with an input of 0 there is nothing to learn; expected another number");
  Generator random = Generator::stream(request.seed, kInitialisation);
  const double start = values.flag("random") ? random.normal() : values.number("theta");
  const Course cleared = train(values, static_cast<Real>(start), true), added = train(values, static_cast<Real>(start), false);
  const double target = values.number("y") / values.number("x");

  std::string lines = text("loss = (y - theta x)^2 with x = ", exact(values.number("x")), ", y = ", exact(values.number("y")),
                           "; Adam, lr ", exact(values.number("lr")), ", ", values.whole("steps"), " steps\n\n");
  lines += text("initial theta                  ", fixed(cleared.theta.front(), 6), "\n");
  lines +=
      text("final theta                    ", fixed(cleared.theta.back(), 6), "   loss ", brief(cleared.loss.back(), 3), "\n");
  lines += text("target                         ", fixed(target, 6), "\n");
  lines +=
      text("final, gradients not cleared   ", fixed(added.theta.back(), 6), "   loss ", brief(added.loss.back(), 3), "\n\n");
  lines +=
      "A gradient belongs to one step. If each is added to those before it, theta is still pushed on by old gradients after\n"
      "it has passed the target, and swings to and fro. Here a backward pass overwrites gradients: there is nothing to "
      "clear.\n";
  const nlohmann::ordered_json json = {
      {"theta_initial", cleared.theta.front()},      {"theta_final", cleared.theta.back()},
      {"loss_final", cleared.loss.back()},           {"target", target},
      {"theta_final_uncleared", added.theta.back()}, {"loss_final_uncleared", added.loss.back()}};
  LineChart theta{"Parameter", "Step", "theta", {curve("gradient cleared", cleared.theta), curve("not cleared", added.theta)}};
  theta.threshold = target;
  theta.threshold_label = "target";
  LineChart loss{"Loss", "Step", "loss", {curve("gradient cleared", cleared.loss), curve("not cleared", added.loss)}};
  DemoReport report{lines, json.dump(), {{"adam", {{theta, loss}, 9.6, 4.0}}}};
  if (values.all_standard()) {
    report.bars = {
        close_to("from -1.2694, theta is 1.981208 +- 2e-6 after 100 steps", cleared.theta.back(), 1.981208, 2e-6, 7)};
  }
  return report;
}

}  // namespace

Demo adam_101_demo() {
  return {"adam-101",
          "one parameter trained by Adam, and what gradients do that are never cleared",
          {{"theta", -1.2694, "where the parameter begins", {}, {}},
           {"random", false, "begin at a draw from N(0, 1) instead", {}, {}},
           {"x", 1.0, "the input; not 0", {}, {}},
           {"y", 2.0, "what theta x should be", {}, {}},
           {"lr", 0.1, "learning rate", at_least(0), {}},
           {"steps", std::int64_t{100}, "how many", within(1, 1'000'000), {}}},
          run};
}

}  // namespace handgrad::app
