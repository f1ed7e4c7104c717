// Losses against the reference: cuda/kernels/losses.h.

#include "cuda/kernels/losses.h"

#include "core/reference_backend.h"
#include "tests/cuda/kernel_cases.h"
#include "tests/support/catch.h"
#include "tests/support/draw.h"

using namespace handgrad;
using namespace handgrad::cuda;

namespace {

constexpr LossSpec kSpecs[] = {{LossKind::mse, 1, Reduction::mean},         {LossKind::huber, 0.75, Reduction::mean},
                               {LossKind::smooth_l1, 0.3, Reduction::mean}, {LossKind::mse, 1, Reduction::sum},
                               {LossKind::huber, 1, Reduction::sum},        {LossKind::smooth_l1, 1, Reduction::sum}};

const char* name_of(LossKind kind) { return kind == LossKind::mse ? "mse" : kind == LossKind::huber ? "huber" : "smooth_l1"; }

/// What a loss reads and writes, of all agents together. `target` has a column, or as many as Q.
struct Operands {
  std::int64_t agents, B, A;
  Floats Q, target, weight, dQ, td, loss;
  Indices32 action;

  Operands(Draw& draw, std::int64_t agents_, std::int64_t B_, std::int64_t A_, bool full)
      : agents(agents_),
        B(B_),
        A(A_),
        Q(draw.values(agents * B * A)),
        target(draw.values(agents * B * (full ? A : 1))),
        weight(draw.positive(agents * B)),
        dQ(Q.size(), 7),
        td(weight.size(), 7),
        loss(draw.ordinary(agents * 2)),
        action(draw.indices(agents * B, A)) {}

  /// Agent k's.
  Operands(const Operands& all, std::int64_t k)
      : agents(1),
        B(all.B),
        A(all.A),
        Q(part(all.Q, k, all.agents)),
        target(part(all.target, k, all.agents)),
        weight(part(all.weight, k, all.agents)),
        dQ(part(all.dQ, k, all.agents)),
        td(part(all.td, k, all.agents)),
        loss(part(all.loss, k, all.agents)),
        action(part(all.action, k, all.agents)) {}
};

struct Choice {
  bool full, weighted, wants_td;
};

void on_reference(const LossSpec& spec, const Choice& choice, Operands& x) {
  ReferenceBackend reference;
  const ConstVector weight = choice.weighted ? ConstVector(x.weight) : ConstVector{};
  if (choice.full) {
    reference.loss_full(spec, {x.Q.data(), x.B, x.A}, {x.target.data(), x.B, x.A}, weight, {x.dQ.data(), x.B, x.A}, x.loss);
  } else {
    reference.loss_selected(spec, {x.Q.data(), x.B, x.A}, x.action, x.target, weight, {x.dQ.data(), x.B, x.A},
                            choice.wants_td ? Vector(x.td) : Vector{}, x.loss);
  }
}

void on_device(EmulatedDevice& device, const LossSpec& spec, const Choice& choice, Operands& x) {
  const std::int64_t rows = x.agents * x.B, elements = x.B * x.A, blocks = loss_blocks(elements);
  DeviceArray<float> Q(device, x.Q), target(device, x.target), weight(device, x.weight), dQ(device, x.dQ), td(device, x.td),
      loss(device, x.loss), partials(device, x.agents * blocks);
  DeviceArray<std::int32_t> action(device, x.action);
  const auto vector = [](auto& array) { return std::span(array.data(), static_cast<std::size_t>(array.size())); };
  const ConstVector weights = choice.weighted ? vector(weight) : Vector{};
  float* sums = blocks > 1 ? partials.data() : nullptr;
  if (choice.full) {
    device.launch(make_loss_full(spec, {Q.data(), rows, x.A}, {target.data(), rows, x.A}, weights, {dQ.data(), rows, x.A},
                                 vector(loss), sums, x.agents),
                  loss_grid(elements, x.agents));
  } else {
    device.launch(
        make_loss_selected(spec, {Q.data(), rows, x.A}, vector(action), vector(target), weights, {dQ.data(), rows, x.A},
                           choice.wants_td ? vector(td) : Vector{}, vector(loss), sums, x.agents),
        loss_grid(elements, x.agents));
  }
  if (blocks > 1) device.launch(LossTotal{partials.data(), blocks, loss.data()}, loss_total_grid(elements, x.agents));
  x.dQ = dQ.host();
  x.td = td.host();
  x.loss = loss.host();
}

/// Agents together on a device, each by itself on the reference; and each by itself on a device, to the bit.
std::string what_is_wrong(const LossSpec& spec, const Choice& choice, std::int64_t agents, std::int64_t B, std::int64_t A,
                          Numbers numbers) {
  const std::string kernel = text(choice.full ? "LossFull " : "LossSelected ", name_of(spec.kind));
  const std::string size = text(agents, " x ", B, " x ", A);
  Draw draw(static_cast<std::uint64_t>(B * A + agents), numbers);
  Operands all(draw, agents, B, A, choice.full);
  if (numbers == Numbers::special) {  // in rows whose loss counts
    const float infinity = std::numeric_limits<float>::infinity();
    const auto selected = [&](std::size_t row) -> float& {
      return all.Q[row * static_cast<std::size_t>(A) + static_cast<std::size_t>(all.action[row])];
    };
    selected(0) = std::nanf("");
    selected(1) = infinity;
    selected(2) = -infinity;
  }
  const Operands before = all;
  EmulatedDevice device(3);
  on_device(device, spec, choice, all);
  for (std::int64_t k = 0; k < agents; ++k) {
    Operands expected(before, k), alone(before, k);
    const Operands got(all, k);
    on_reference(spec, choice, expected);
    on_device(device, spec, choice, alone);
    for (const std::string& wrong :
         {wrong_numbers(got.dQ, expected.dQ, 2e-6F, 1e-12F), wrong_numbers(got.td, expected.td, 2e-6F, 0),
          wrong_numbers(got.loss, expected.loss, 1e-4F, 1e-4F * std::abs(expected.loss[kLossValue])),
          wrong_bits(got.dQ, alone.dQ), wrong_bits(got.td, alone.td), wrong_bits(got.loss, alone.loss)}) {
      if (!wrong.empty()) return text(kernel, ", ", size, ", agent ", k, ": ", wrong);
    }
  }
  count_case(kernel, size);
  return "";
}

}  // namespace

TEST_CASE("Losses on selected actions are the reference's, for every batch and number of actions") {
  std::size_t turn = 0;
  for (const std::int64_t B : {1, 31, 32, 33, 64, 128, 257, 1000}) {
    for (const std::int64_t A : {1, 2, 3, 6, 33}) {
      if (B * A > 5000) continue;
      const Choice choice{false, turn % 2 == 0, turn % 3 != 0};
      const std::int64_t agents = B * A < 500 && turn % 2 == 1 ? 3 : 1;
      CHECK(what_is_wrong(kSpecs[turn++ % std::size(kSpecs)], choice, agents, B, A, Numbers::ordinary) == "");
    }
  }
}

TEST_CASE("Losses on whole outputs are the reference's, for every batch and number of columns") {
  std::size_t turn = 0;
  for (const std::int64_t B : {1, 31, 33, 128, 257}) {
    for (const std::int64_t O : {1, 2, 5, 31}) {
      const Choice choice{true, turn % 2 == 0, false};
      const std::int64_t agents = B * O < 500 && turn % 4 == 3 ? 2 : 1;
      CHECK(what_is_wrong(kSpecs[turn++ % std::size(kSpecs)], choice, agents, B, O, Numbers::ordinary) == "");
    }
  }
}

TEST_CASE("Losses that several blocks share are the reference's, up to 65,536 rows") {
  CHECK(what_is_wrong(kSpecs[2], {false, true, true}, 2, 4097, 2, Numbers::ordinary) == "");
  CHECK(what_is_wrong(kSpecs[1], {true, true, false}, 1, 1366, 6, Numbers::ordinary) == "");
  CHECK(what_is_wrong(kSpecs[0], {false, false, true}, 1, 65536, 2, Numbers::ordinary) == "");
  CHECK(loss_blocks(8192) == 1);
  CHECK(loss_blocks(8193) == 9);
  CHECK(loss_blocks(std::int64_t{65536} * 18) == 1024);
}

TEST_CASE("The loss of 65,536 rows is closer to the sum in double than one float after the other would be") {
  Draw draw(9, Numbers::ordinary);
  Operands x(draw, 1, 65536, 1, false);
  double sum = 0;
  for (std::size_t i = 0; i < x.Q.size(); ++i) {
    const double d = static_cast<double>(x.Q[i]) - static_cast<double>(x.target[i]);
    sum += d * d;
  }
  Operands reference = x;
  EmulatedDevice device;
  on_device(device, kSpecs[0], {false, false, false}, x);
  on_reference(kSpecs[0], {false, false, false}, reference);
  CHECK(x.loss[kLossValue] == Approx(sum / 65536).epsilon(3e-7));
  CHECK(reference.loss[kLossValue] != Approx(sum / 65536).epsilon(3e-7));
}

TEST_CASE("NaN and infinity go through losses as through the reference") {
  for (const LossSpec& spec : kSpecs) {
    for (const bool full : {false, true}) CHECK(what_is_wrong(spec, {full, true, true}, 2, 33, 2, Numbers::special) == "");
  }
}

TEST_CASE("A loss at the kink of each formula, where it is quadratic for the last time or linear for the first") {
  EmulatedDevice device;
  for (const LossSpec& spec : kSpecs) {
    for (const double d : {spec.delta, -spec.delta, std::nextafter(spec.delta, 2.0), 0.0, -0.0}) {
      Draw draw(1, Numbers::ordinary);
      Operands x(draw, 1, 1, 1, true);
      x.Q = {static_cast<float>(d)};
      x.target = {0};
      Operands expected = x;
      on_device(device, spec, {true, false, false}, x);
      on_reference(spec, {true, false, false}, expected);
      CHECK(wrong_numbers(x.loss, expected.loss, 1e-6F, 0) == "");
      CHECK(wrong_bits(x.dQ, expected.dQ) == "");
    }
  }
}
