// Norms and clipping by them against the reference: cuda/kernels/norms.h.

#include "cuda/kernels/norms.h"

#include "core/reference_backend.h"
#include "tests/cuda/kernel_cases.h"
#include "tests/support/catch.h"
#include "tests/support/draw.h"

using namespace handgrad;
using namespace handgrad::cuda;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();

struct Clipped {
  Floats g, norm;
};

/// Of agents with P elements each, by the kernels that are meant for P.
Clipped clipped(EmulatedDevice& device, const Floats& g, std::int64_t agents, float max_norm) {
  const std::int64_t P = static_cast<std::int64_t>(g.size()) / agents, blocks = norm_blocks(P);
  DeviceArray<float> x(device, g), norm(device, Floats(static_cast<std::size_t>(agents), 7));
  DeviceArray<double> partials(device, agents * blocks);
  if (blocks == 1) {
    device.launch(ClipByNorm{x.data(), P, max_norm, norm.data()}, norm_grid(P, agents));
  } else {
    device.launch(SquareSums{x.data(), P, partials.data()}, square_sums_grid(P, agents));
    device.launch(ClipByNormOfSums{x.data(), P, max_norm, partials.data(), blocks, norm.data()},
                  clip_by_norm_of_sums_grid(P, agents));
  }
  return {x.host(), norm.host()};
}

Floats norms(EmulatedDevice& device, const Floats& host, std::int64_t agents) {
  const std::int64_t P = static_cast<std::int64_t>(host.size()) / agents, blocks = norm_blocks(P);
  DeviceArray<float> x(device, host), norm(device, Floats(static_cast<std::size_t>(agents), 7));
  DeviceArray<double> partials(device, agents * blocks);
  if (blocks == 1) {
    device.launch(L2Norm{x.data(), P, norm.data()}, norm_grid(P, agents));
  } else {
    device.launch(SquareSums{x.data(), P, partials.data()}, square_sums_grid(P, agents));
    device.launch(L2NormOfSums{partials.data(), blocks, norm.data()}, norm_of_sums_grid(agents));
  }
  return norm.host();
}

/// Agents together, each against the reference and against itself alone.
std::string what_is_wrong(const Floats& x, std::int64_t agents, float max_norm) {
  EmulatedDevice device(static_cast<std::uint64_t>(x.size()));
  const Clipped all = clipped(device, x, agents, max_norm);
  const Floats measured = norms(device, x, agents);
  ReferenceBackend reference;
  for (std::int64_t k = 0; k < agents; ++k) {
    const Floats mine = part(x, k, agents);
    Floats g = mine, norm(1), measured_norm(1);
    reference.clip_by_norm(g, max_norm, norm);
    reference.l2_norm(mine, measured_norm);
    const Clipped alone = clipped(device, mine, 1, max_norm);
    for (const std::string& wrong :
         {wrong_numbers(part(all.norm, k, agents), norm, 2e-7F, 0), wrong_numbers(part(all.g, k, agents), g, 4e-7F, 0),
          wrong_numbers(part(measured, k, agents), measured_norm, 2e-7F, 0), wrong_bits(part(all.norm, k, agents), alone.norm),
          wrong_bits(part(all.g, k, agents), alone.g), wrong_bits(part(measured, k, agents), norms(device, mine, 1))}) {
      if (!wrong.empty()) return text("agent ", k, " of ", agents, ", P ", mine.size(), ": ", wrong);
    }
  }
  return "";
}

}  // namespace

TEST_CASE("Norms and clipping by them are the reference's, at every size, in one block and in several") {
  bool turn = false;
  for (const std::int64_t P : {1, 2, 31, 32, 33, 255, 256, 257, 1000, 2047, 4673, 8193, 17410, 20480, 20481, 22529, 40001}) {
    Draw draw(static_cast<std::uint64_t>(P), Numbers::ordinary);
    for (const std::int64_t agents : {1, 3}) {
      if (agents == 3 && P > 5000 && P != 20481) continue;
      CHECK(what_is_wrong(draw.ordinary(P * agents), agents, turn ? 0.1F : 1e6F) == "");
      for (const char* kernel : {"ClipByNorm", "L2Norm"}) count_case(kernel, text(agents, " x ", P));
      turn = agents == 1 ? !turn : turn;
    }
  }
}

TEST_CASE("A norm that several blocks measure has no more of them than one block can add up") {
  CHECK(norm_blocks(kNormInOneBlock) == 1);
  CHECK(norm_blocks(kNormInOneBlock + 1) == 5);
  CHECK(norm_blocks(std::int64_t{1} << 32) == 256);
  EmulatedDevice device;
  CHECK(norms(device, Floats(725 * 725, 2), 1) == Floats{2 * 725});
}

TEST_CASE("Norms of what float cannot square, of zeros, of infinity and of NaN are the reference's") {
  for (const std::int64_t P : {5, 33}) {
    for (const float value : {1e30F, 1e-30F, 0.0F, -0.0F, kInfinity, kNan}) {
      Floats x(static_cast<std::size_t>(P), value);
      CHECK(what_is_wrong(x, 1, 0.5F) == "");
      x.assign(x.size(), 0.5F);
      x[x.size() / 2] = value;
      CHECK(what_is_wrong(x, 1, 0.5F) == "");
    }
  }
  Floats x(20483, 0.5F);
  x[20482] = kNan;
  CHECK(what_is_wrong(x, 1, 0.5F) == "");
  x[20482] = 1e30F;
  CHECK(what_is_wrong(x, 1, 0.5F) == "");
}
