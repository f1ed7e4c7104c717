// Whether the emulated GPU and the tests on it would notice: kernels with one mistake each are caught, and how. Their twins
// without the mistake pass.

#include "tests/cuda/broken_kernels.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <numeric>

#include "cuda/products.h"
#include "tests/cuda/emulation/device_array.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/sanitizer.h"

using namespace handgrad;
using namespace handgrad::cuda;

namespace {

using Values = std::vector<float>;

constexpr std::uint64_t kSeeds = 5;

/// Whole numbers, so that every order of a sum gives the same.
Values whole_numbers(std::int64_t size) {
  Values values(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>((7 * i) % 23) - 9;
  return values;
}

std::string compare(const Values& got, const Values& expected) { return difference(got, expected, 0, 1e-30); }

std::string scale(EmulatedDevice& device, Mistake mistake, std::int64_t size) {
  DeviceArray<float> x(device, whole_numbers(size));
  device.launch(BrokenScale{mistake, x.data(), size, 3}, {.blocks = 3, .threads = 64});
  Values expected = whole_numbers(size);
  for (float& value : expected) value *= 3;
  return compare(x.host(), expected);
}
/// 1000 bytes end somewhere before the wall, 1024 right there.
std::string scale_250(EmulatedDevice& device, Mistake mistake) { return scale(device, mistake, 250); }
std::string scale_256(EmulatedDevice& device, Mistake mistake) { return scale(device, mistake, 256); }

std::string neighbours(EmulatedDevice& device, Mistake mistake, std::int64_t size) {
  DeviceArray<float> x(device, whole_numbers(size));
  device.launch(BrokenNeighbours{mistake, x.data(), size}, {.threads = 256});
  Values expected = whole_numbers(size);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += expected[std::min(i + 1, expected.size() - 1)];
  return compare(x.host(), expected);
}
std::string neighbours_200(EmulatedDevice& device, Mistake mistake) { return neighbours(device, mistake, 200); }
std::string neighbours_256(EmulatedDevice& device, Mistake mistake) { return neighbours(device, mistake, 256); }

std::string tree_sum(EmulatedDevice& device, Mistake mistake, std::int64_t size) {
  constexpr std::int64_t kAgents = 3;
  const Values values = whole_numbers(kAgents * size);
  DeviceArray<float> x(device, values), out(device, kAgents * 256 * 2);
  const std::size_t shared = mistake == Mistake::too_little_shared ? 255 : 256;
  device.launch(BrokenTreeSum{mistake, x.data(), size, out.data()},
                {.threads = 256, .shared_bytes = shared * sizeof(float), .agents = kAgents});
  Values expected;
  for (auto agent = values.begin(); agent != values.end(); agent += size) {
    const float sum = std::accumulate(agent, agent + size, 0.0F);
    const float squares = std::inner_product(agent, agent + size, agent, 0.0F);
    for (int thread = 0; thread < 256; ++thread) expected.insert(expected.end(), {sum, squares});
  }
  return compare(out.host(), expected);
}
std::string tree_sum_200(EmulatedDevice& device, Mistake mistake) { return tree_sum(device, mistake, 200); }
std::string tree_sum_700(EmulatedDevice& device, Mistake mistake) { return tree_sum(device, mistake, 700); }

std::string warp_sum(EmulatedDevice& device, Mistake mistake) {
  const Values values = whole_numbers(27);
  DeviceArray<float> x(device, values), out(device, 1);
  device.launch(BrokenWarpSum{mistake, x.data(), 27, out.data()}, {.threads = 32});
  return compare(out.host(), {std::accumulate(values.begin(), values.end(), 0.0F)});
}

std::string warp_reverse(EmulatedDevice& device, Mistake mistake) {
  Values expected = whole_numbers(256);
  DeviceArray<float> x(device, expected);
  device.launch(BrokenWarpReverse{mistake, x.data()}, {.threads = 256, .shared_bytes = 1024});
  for (auto warp = expected.begin(); warp != expected.end(); warp += kWarp) std::reverse(warp, warp + kWarp);
  return compare(x.host(), expected);
}

std::string tiles(EmulatedDevice& device, Mistake mistake) {
  constexpr std::int64_t M = 13, N = 9, K = 21;
  const Values a = whole_numbers(M * K), b = whole_numbers(K * N);
  DeviceArray<float> A(device, a), B(device, b), C(device, M * N);
  device.launch(BrokenTiles{mistake, A.data(), B.data(), C.data(), M, N, K},
                {.blocks = blocks_for(M, 8) * blocks_for(N, 8), .threads = 64, .shared_bytes = 2 * 64 * sizeof(float)});
  Values expected(M * N);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    for (std::size_t k = 0; k < K; ++k) expected[i] += a[i / N * K + k] * b[k * N + i % N];
  }
  return compare(C.host(), expected);
}

/// Real numbers whose sum depends on the order, over different numbers of blocks: every one gives the same bits, that of the
/// loop over partial sums.
std::string partial_sums(EmulatedDevice& device, Mistake mistake) {
  constexpr std::int64_t kSize = 1234;
  using Sums = BrokenPartialSums;
  Generator random(8);
  Values values = random_reals(kSize, random);
  for (float& value : values) value = std::ldexp(value, static_cast<int>(random.integers(0, 20)));
  float expected = 0;
  for (std::int64_t begin = 0; begin < kSize; begin += Sums::kEach) {
    expected += std::accumulate(values.begin() + begin, values.begin() + std::min(begin + Sums::kEach, kSize), 0.0F);
  }
  Values got;
  for (const std::int64_t blocks : {1, 4, 124}) {
    DeviceArray<float> x(device, values), partials(device, blocks_for(kSize, Sums::kEach)), out(device, 1);
    device.launch(Sums{mistake, x.data(), kSize, partials.data(), out.data()}, {.blocks = blocks});
    device.launch(AddPartialSums{partials.data(), partials.size(), out.data()}, {});
    got.push_back(out.host()[0]);
  }
  return compare(got, Values(3, expected));
}

enum class Caught {
  by_numbers,  ///< the result is wrong
  by_error,    ///< the device throws
  by_fence,    ///< the device throws because something was written around the memory; the address sanitizer ends the program
  by_nan,      ///< the result is NaN because something was read around the memory; the address sanitizer ends the program
  by_wall,     ///< the program ends where memory does
};

struct Broken {
  const char* kernel;
  std::string (*run)(EmulatedDevice& device, Mistake mistake);  ///< "", or what is wrong with the numbers
  Mistake mistake;
  Caught caught;
  const char* message;  ///< part of what the device says, or of the difference
};

constexpr Broken kBroken[] = {
    {"scale", scale_250, Mistake::too_far, Caught::by_fence, "BrokenScale wrote byte "},
    {"scale", scale_256, Mistake::too_far, Caught::by_wall, ""},
    {"scale", scale_250, Mistake::no_stride, Caught::by_numbers, "element "},
    {"scale", scale_250, Mistake::once, Caught::by_numbers, "element "},
    {"neighbours", neighbours_200, Mistake::too_far, Caught::by_nan, "nan, expected "},
    {"neighbours", neighbours_256, Mistake::too_far, Caught::by_wall, ""},
    {"neighbours", neighbours_200, Mistake::in_place, Caught::by_numbers, "element "},
    {"neighbours", neighbours_200, Mistake::barrier_in_branch, Caught::by_error,
     "waits at sync(), where all threads of the block"},
    {"tree sum", tree_sum_700, Mistake::no_barrier, Caught::by_numbers, "element "},
    {"tree sum", tree_sum_700, Mistake::no_barrier_after, Caught::by_numbers, "element "},
    {"tree sum", tree_sum_700, Mistake::barrier_in_branch, Caught::by_error,
     "waits at sync(), where all threads of the block"},
    {"tree sum", tree_sum_700, Mistake::wrong_stride_of_agents, Caught::by_numbers, "element "},
    {"tree sum", tree_sum_700, Mistake::too_little_shared, Caught::by_fence,
     "after the end of its 1020 bytes of shared memory"},
    {"tree sum", tree_sum_200, Mistake::not_all_written, Caught::by_numbers, "nan, expected "},
    {"warp sum", warp_sum, Mistake::lanes_left_out, Caught::by_error,
     "waits at shuffle_down(), where all threads of the warp"},
    {"warp reverse", warp_reverse, Mistake::no_warp_barrier, Caught::by_numbers, "element "},
    {"tiles", tiles, Mistake::no_barrier, Caught::by_numbers, "element "},
    {"tiles", tiles, Mistake::no_barrier_after, Caught::by_numbers, "element "},
    {"tiles", tiles, Mistake::not_all_written, Caught::by_numbers, "element "},
    {"tiles", tiles, Mistake::too_far, Caught::by_wall, ""},
    {"partial sums", partial_sums, Mistake::order_of_blocks, Caught::by_numbers, "element "},
    {"partial sums", partial_sums, Mistake::share_by_blocks, Caught::by_numbers, "element "},
};

/// Runs a kernel in a process of its own, which may end. "numbers: ", "error: " and what is wrong, "right", or "died".
std::string outcome(const Broken& broken, std::uint64_t seed) {
  int pipe_ends[2];
  REQUIRE(pipe(pipe_ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGSEGV, SIG_DFL);  // not the test program's handler, which would report a failed test
    std::signal(SIGBUS, SIG_DFL);
    close(STDERR_FILENO);  // nor the address sanitizer's report
    std::string wrong;
    try {
      EmulatedDevice device(seed);
      const std::string numbers = broken.run(device, broken.mistake);
      wrong = numbers.empty() ? "right" : "numbers: " + numbers;
    } catch (const Error& error) {
      wrong = text("error: ", error.what());
    }
    _exit(write(pipe_ends[1], wrong.data(), wrong.size()) == static_cast<ssize_t>(wrong.size()) ? 0 : 1);
  }
  close(pipe_ends[1]);
  std::string said;
  char buffer[1000];
  for (ssize_t bytes; (bytes = read(pipe_ends[0], buffer, sizeof buffer)) > 0;)
    said.append(buffer, static_cast<std::size_t>(bytes));
  close(pipe_ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? said : "died";
}

/// How the outcome begins.
std::string expected_outcome(Caught caught) {
#if defined(HANDGRAD_ADDRESS_SANITIZER)
  if (caught == Caught::by_fence || caught == Caught::by_nan) return "died";
#endif
  if (caught == Caught::by_wall) return "died";
  return caught == Caught::by_error || caught == Caught::by_fence ? "error: " : "numbers: ";
}

}  // namespace

TEST_CASE("Kernels without a mistake pass under every order of threads and blocks") {
  for (const Broken& broken : kBroken) {
    INFO(broken.kernel);
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      EmulatedDevice device(seed);
      CHECK(broken.run(device, Mistake::none) == "");
    }
    for (const Order order : {Order::forward, Order::backward}) {
      EmulatedDevice device(EmulatedDevice::Options{.order = order});
      CHECK(broken.run(device, Mistake::none) == "");
    }
  }
}

TEST_CASE("A kernel with one mistake is caught under every seed") {
  for (const Broken& broken : kBroken) {
    const std::string expected = expected_outcome(broken.caught);
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      const std::string got = outcome(broken, seed);
      INFO(broken.kernel << ", mistake " << static_cast<int>(broken.mistake) << ", seed " << seed << ": " << got);
      CHECK(got.starts_with(expected));
      if (got != "died") CHECK(contains(got, broken.message));
    }
  }
}

TEST_CASE("What a fixed order of threads lets pass, a shuffled one does not") {
  // A tree whose lower half comes last reads sums that are complete, and so does one in lockstep.
  const Mistake mistake = Mistake::no_barrier;
  EmulatedDevice backward(EmulatedDevice::Options{.order = Order::backward}), shuffled;
  CHECK(tree_sum_700(backward, mistake) == "");
  CHECK(tree_sum_700(shuffled, mistake) != "");
}
