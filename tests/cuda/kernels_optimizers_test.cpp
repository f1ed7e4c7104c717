// Steps of optimisers against the reference: cuda/kernels/optimizers.h.

#include "cuda/kernels/optimizers.h"

#include "tests/cuda/elementwise.h"
#include "tests/support/catch.h"

using namespace handgrad;
using namespace handgrad::cuda;

namespace {

/// p, g and what else is asked for: second moments are positive, first moments so small that n - m² stays away from 0.
std::vector<Floats> arrays(Draw& draw, std::int64_t size, bool positive, bool small, bool third) {
  std::vector<Floats> all{draw.values(size), draw.values(size)};
  if (positive) all.push_back(draw.positive(size));
  if (small) {
    all.push_back(draw.ordinary(size));
    for (float& m : all.back()) m /= 8;
  }
  if (third) all.push_back(draw.positive(size));
  return all;
}

Vector array(const std::vector<float*>& x, std::size_t i, std::int64_t size) { return {x[i], static_cast<std::size_t>(size)}; }

Elementwise sgd(const SgdSpec& spec) {
  const bool velocity = spec.momentum != 0;
  return {text("SgdStep momentum ", spec.momentum, spec.nesterov ? " nesterov" : "", " decay ", spec.weight_decay),
          [=](Draw& draw, std::int64_t size) { return arrays(draw, size, false, velocity, false); },
          {0.25F},
          [=](EmulatedDevice& device, const auto& x, std::int64_t size, const float* lr, const Grid& grid) {
            device.launch(
                make_sgd_step(spec, {lr, 1}, array(x, 0, size), array(x, 1, size), velocity ? array(x, 2, size) : Vector{}),
                grid);
          },
          [=](Backend& backend, auto& x, const Floats& lr) {
            backend.sgd_step(spec, lr, x[0], x[1], velocity ? Vector(x[2]) : Vector{});
          }};
}

Elementwise rmsprop(const RmspropSpec& spec, bool centred) {
  const bool velocity = spec.momentum != 0;
  return {text("RmspropStep", centred ? " centred" : "", spec.eps_inside_root ? " eps inside" : "", " momentum ",
               spec.momentum, " decay ", spec.weight_decay),
          [=](Draw& draw, std::int64_t size) { return arrays(draw, size, true, centred, velocity); },
          {0.25F},
          [=](EmulatedDevice& device, const auto& x, std::int64_t size, const float* lr, const Grid& grid) {
            device.launch(
                make_rmsprop_step(spec, {lr, 1}, array(x, 0, size), array(x, 1, size), array(x, 2, size),
                                  centred ? array(x, 3, size) : Vector{}, velocity ? array(x, x.size() - 1, size) : Vector{}),
                grid);
          },
          [=](Backend& backend, auto& x, const Floats& lr) {
            backend.rmsprop_step(spec, lr, x[0], x[1], x[2], centred ? Vector(x[3]) : Vector{},
                                 velocity ? Vector(x.back()) : Vector{});
          }};
}

Elementwise adam(const AdamSpec& spec, bool amsgrad) {
  return {text("AdamStep", amsgrad ? " amsgrad" : "", " beta2 ", spec.beta2, " decay ", spec.weight_decay),
          [=](Draw& draw, std::int64_t size) { return arrays(draw, size, true, true, amsgrad); },
          {0.99F, 0.25F, 1.5F, 1e-3F},
          [=](EmulatedDevice& device, const auto& x, std::int64_t size, const float* coefficients, const Grid& grid) {
            device.launch(make_adam_step(spec, {coefficients, 4}, array(x, 0, size), array(x, 1, size), array(x, 3, size),
                                         array(x, 2, size), amsgrad ? array(x, 4, size) : Vector{}),
                          grid);
          },
          [=](Backend& backend, auto& x, const Floats& coefficients) {
            backend.adam_step(spec, coefficients, x[0], x[1], x[3], x[2], amsgrad ? Vector(x[4]) : Vector{});
          }};
}

void check(const Elementwise& op) {
  for (const std::int64_t size : element_counts()) CHECK(what_is_wrong(op, size, 12) == "");
}

}  // namespace

TEST_CASE("A step of gradient descent is the reference's, at every size") {
  for (const SgdSpec& spec : {SgdSpec{}, SgdSpec{0, false, 0.01}, SgdSpec{0.9, false, 0.01}, SgdSpec{0.9, true, 0}}) {
    check(sgd(spec));
  }
}

TEST_CASE("A step of RMSprop is the reference's, at every size") {
  check(rmsprop({0.9, 1e-2, false, 0, 0}, false));
  check(rmsprop({0.9, 1e-2, true, 0, 0.01}, true));
  check(rmsprop({0.9, 1e-2, true, 0.9, 0}, false));
  check(rmsprop({0.9, 1e-2, false, 0.9, 0.01}, true));
}

TEST_CASE("A step of Adam is the reference's, at every size") {
  check(adam({0.9, 0.999, 0}, false));
  check(adam({0.75, 0.9, 0.01}, false));
  check(adam({0.9, 0.999, 0.01}, true));
}

TEST_CASE("Coefficients near 1 are subtracted before they are rounded") {
  float x = 0;
  const Vector one(&x, 1);
  CHECK(make_adam_step({0.9, 0.999, 0}, one, one, one, one, one, {}).one_minus_beta2 == static_cast<float>(1 - 0.999));
  CHECK(make_rmsprop_step({.alpha = 0.99}, one, one, one, one, {}, {}).one_minus_alpha == static_cast<float>(1 - 0.99));
}
