// Kernels that do something to each element, against the reference: cuda/kernels/elements.h.

#include "cuda/kernels/elements.h"

#include "tests/cuda/elementwise.h"
#include "tests/support/catch.h"

using namespace handgrad;
using namespace handgrad::cuda;

namespace {

Floats any_values(Draw& draw, std::int64_t size) { return draw.values(size); }

std::vector<Floats> one(Draw& draw, std::int64_t size) { return {any_values(draw, size)}; }
std::vector<Floats> two(Draw& draw, std::int64_t size) { return {any_values(draw, size), any_values(draw, size)}; }
std::vector<Floats> rectified_and_gradient(Draw& draw, std::int64_t size) {
  return {draw.rectified(any_values(draw, size), 1), any_values(draw, size)};
}

Elementwise fill(float value) {
  return {text("Fill ", value),
          one,
          {0},
          [=](EmulatedDevice& device, const auto& x, std::int64_t size, const float*, const Grid& grid) {
            device.launch(Fill{x[0], size, value}, grid);
          },
          [=](Backend& backend, auto& x, const Floats&) { backend.fill(x[0], value); }};
}

Elementwise clip(float limit) {
  return {text("ClipByValue ", limit),
          one,
          {0},
          [=](EmulatedDevice& device, const auto& x, std::int64_t size, const float*, const Grid& grid) {
            device.launch(ClipByValue{x[0], size, limit}, grid);
          },
          [=](Backend& backend, auto& x, const Floats&) { backend.clip_by_value(x[0], limit); }};
}

Elementwise update(float tau) {
  return {text("UpdateTarget ", tau),
          two,
          {0},
          [=](EmulatedDevice& device, const auto& x, std::int64_t size, const float*, const Grid& grid) {
            const auto n = static_cast<std::size_t>(size);
            device.launch(make_update_target({x[0], n}, tau, {x[1], n}), grid);
          },
          [=](Backend& backend, auto& x, const Floats&) { backend.update_target(x[0], tau, x[1]); }};
}

/// The reference has no such operation: a layer of one feature in and one out leaves dZ in dY.
Elementwise gradient(Activation f, const std::string& name) {
  return {"ActivationGradient " + name,
          f == Activation::relu ? rectified_and_gradient : two,
          {0},
          [=](EmulatedDevice& device, const auto& x, std::int64_t size, const float*, const Grid& grid) {
            device.launch(ActivationGradient{x[0], x[1], size, f}, grid);
          },
          [=](Backend& backend, auto& x, const Floats&) {
            const auto B = static_cast<std::int64_t>(x[0].size());
            Floats X(x[0].size()), w(1), b(1), dW(1), db(1);
            backend.linear_backward({X.data(), B, 1}, {w.data(), 1, 1}, {x[0].data(), B, 1}, f, {x[1].data(), B, 1}, {},
                                    {dW.data(), 1, 1}, db);
          }};
}

}  // namespace

TEST_CASE("Elements are filled, clipped, followed and derived as the reference does, at every size") {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const Elementwise& op :
       {fill(0), fill(-0.0F), fill(-infinity), clip(0.75F), clip(infinity), update(1), update(0.005F), update(0.5F), update(0),
        gradient(Activation::none, "none"), gradient(Activation::relu, "relu"), gradient(Activation::tanh, "tanh")}) {
    for (const std::int64_t size : element_counts()) CHECK(what_is_wrong(op, size, 11) == "");
  }
}

TEST_CASE("A target that is copied loses what was not finite in it") {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  EmulatedDevice device;
  DeviceArray<float> online(device, Floats{-0.0F, 1, 2, nan}), target(device, Floats{nan, infinity, -infinity, 4});
  device.launch(make_update_target({online.data(), 4}, 1, {target.data(), 4}), elements_grid(4));
  CHECK(wrong_bits(target.host(), {-0.0F, 1, 2, nan}) == "");
}
