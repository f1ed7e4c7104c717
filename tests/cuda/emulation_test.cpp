// The emulated GPU itself: what a kernel sees there is what execution.h and device.h promise, and mistakes are told.

#include <algorithm>
#include <array>
#include <numeric>
#include <set>

#include "core/denormals.h"
#include "tests/cuda/emulation/device_array.h"
#include "tests/cuda/emulation/host_products.h"
#include "tests/cuda/probe_kernels.h"
#include "tests/support/arrays.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/sanitizer.h"

using namespace handgrad;
using namespace handgrad::cuda;
using namespace handgrad::cuda::probes;

namespace {

using Epilogue = ColumnMajorProduct::Epilogue;
using Options = EmulatedDevice::Options;

std::vector<float> counting(std::int64_t n) {
  std::vector<float> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), 0.0F);
  return values;
}

std::vector<std::int32_t> order_of(EmulatedDevice& device, int threads) {
  DeviceArray<std::int32_t> order(device, 1 + 2 * threads);
  device.launch(WhenDoICome{order.data()}, {.threads = threads});
  std::vector<std::int32_t> seen = order.host();
  CHECK(seen[0] == 2 * threads);
  seen.erase(seen.begin());
  return seen;
}

}  // namespace

TEST_CASE("Every thread of a launch runs once and knows who it is") {
  const Grid grid = GENERATE(Grid{}, Grid{1, 33, 0, 1}, Grid{3, 64, 0, 1}, Grid{2, 256, 16, 5}, Grid{7, 1, 0, 3});
  EmulatedDevice device;
  const std::int64_t all = grid.blocks * grid.threads * grid.agents;
  DeviceArray<std::int64_t> out(device, all * 10);
  device.launch(WhoAmI{out.data()}, grid);
  const std::vector<std::int64_t> seen = out.host();
  for (std::int64_t i = 0; i < all; ++i) {
    const std::int64_t index = i % grid.threads, block = i / grid.threads % grid.blocks;
    const std::array expected = {index,
                                 std::int64_t{grid.threads},
                                 block,
                                 grid.blocks,
                                 i / grid.threads / grid.blocks,
                                 grid.agents,
                                 block * grid.threads + index,
                                 grid.blocks * grid.threads,
                                 index % 32,
                                 index / 32};
    REQUIRE(std::ranges::equal(expected, std::span(seen).subspan(static_cast<std::size_t>(i) * 10, 10)));
  }
}

TEST_CASE("All threads of a block come to a barrier before one of them goes on") {
  for (const Order order : {Order::shuffled, Order::forward, Order::backward}) {
    EmulatedDevice device(Options{.order = order});
    for (const int threads : {1, 31, 32, 257, 1024}) {
      const std::vector<std::int32_t> seen = order_of(device, threads);
      const auto middle = seen.begin() + threads;
      CHECK(std::set(seen.begin(), middle).size() == static_cast<std::size_t>(threads));
      CHECK(std::set(middle, seen.end()).size() == static_cast<std::size_t>(threads));
      if (order == Order::forward) CHECK((seen[0] == 0 && std::is_sorted(seen.begin(), middle)));
      if (order == Order::backward) CHECK((seen[0] == threads - 1 && std::is_sorted(seen.rbegin(), seen.rend() - threads)));
    }
  }
}

TEST_CASE("The order of threads depends on the seed alone, and is another after each barrier") {
  std::set<std::vector<std::int32_t>> orders;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    EmulatedDevice device(seed), again(seed);
    for (int launch = 0; launch < 3; ++launch) {
      const std::vector<std::int32_t> seen = order_of(device, 128);
      CHECK(seen == order_of(again, 128));
      orders.emplace(seen.begin(), seen.begin() + 128);
      orders.emplace(seen.begin() + 128, seen.end());
    }
  }
  CHECK(orders.size() == 10 * 3 * 2);
}

TEST_CASE("Shuffled warps come both side by side and one after the other") {
  EmulatedDevice device;
  int side_by_side = 0;
  for (int launch = 0; launch < 50; ++launch) {
    const std::vector<std::int32_t> seen = order_of(device, 64);
    int changes = 0;  // from a thread of one warp to one of the other
    for (std::size_t i = 1; i < 64; ++i) changes += seen[i] / kWarp != seen[i - 1] / kWarp ? 1 : 0;
    CHECK(changes >= 1);
    side_by_side += changes > 1 ? 1 : 0;
  }
  CHECK((side_by_side > 10 && side_by_side < 40));
}

TEST_CASE("Blocks come in an order that depends on the seed") {
  std::set<std::vector<std::int64_t>> orders;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Block block(seed, Order::shuffled);
    orders.insert(block.in_order(20));
  }
  CHECK(orders.size() == 10);
  CHECK(Block(1, Order::forward).in_order(3) == std::vector<std::int64_t>{0, 1, 2});
  CHECK(Block(1, Order::backward).in_order(3) == std::vector<std::int64_t>{2, 1, 0});
}

TEST_CASE("Threads hand values on through shared memory") {
  EmulatedDevice device;
  for (const int threads : {1, 5, 32, 100, 1024}) {
    DeviceArray<float> x(device, counting(3 * threads));
    device.launch(Reverse{x.data(), 101},
                  {.blocks = 3, .threads = threads, .shared_bytes = sizeof(float) * x.host().size() / 3});
    std::vector<float> expected = counting(3 * threads);
    for (auto block = expected.begin(); block != expected.end(); block += threads) std::reverse(block, block + threads);
    CHECK(x.host() == expected);
  }
}

TEMPLATE_TEST_CASE("Lanes get the values of other lanes of their warp", "", float, double, std::int32_t) {
  EmulatedDevice device;
  std::vector<TestType> values(96);
  std::iota(values.begin(), values.end(), TestType{7});
  for (const Exchange exchange : {Exchange::down, Exchange::exclusive, Exchange::from}) {
    for (const int argument : {0, 1, 5, 16, 31}) {
      DeviceArray<TestType> x(device, values);
      device.launch(Shuffle<TestType>{exchange, argument, x.data()}, {.threads = 96});
      std::vector<TestType> expected;
      for (int i = 0; i < 96; ++i) {
        const int lane = i % 32;
        const int source = exchange == Exchange::down        ? (lane + argument < 32 ? lane + argument : lane)
                           : exchange == Exchange::exclusive ? lane ^ argument
                                                             : argument;
        expected.push_back(values[static_cast<std::size_t>(i - lane + source)]);
      }
      CHECK(x.host() == expected);
    }
  }
}

TEST_CASE("Exchanges that follow each other directly do not mix") {
  EmulatedDevice device;
  DeviceArray<float> x(device, counting(2048));
  device.launch(WarpSum{x.data()}, {.blocks = 2, .threads = 1024});
  const std::vector<float> sums = x.host();
  for (std::size_t i = 0; i < sums.size(); ++i) REQUIRE(sums[i] == static_cast<float>(i / 32 * 32 * 32 + 31 * 32 / 2));
}

TEST_CASE("Lanes wait for each other with sync_warp, and not without") {
  std::vector<float> expected;
  for (int i = 0; i < 256; ++i) expected.push_back(static_cast<float>(i / 32 * 32 + (i + 1) % 32));
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    EmulatedDevice device(seed);
    DeviceArray<float> x(device, counting(256)), wrong(device, counting(256));
    device.launch(HandOn{x.data(), true}, {.threads = 256, .shared_bytes = 1024});
    device.launch(HandOn{wrong.data(), false}, {.threads = 256, .shared_bytes = 1024});
    CHECK(x.host() == expected);
    CHECK(wrong.host() != expected);
  }
}

TEST_CASE("Shared memory is NaN for every block, whatever the one before left there") {
  EmulatedDevice device;
  DeviceArray<float> x(device, 5);
  device.launch(ReadShared{x.data(), 12}, {.blocks = 5, .shared_bytes = 16});
  for (const float value : x.host()) CHECK(std::isnan(value));
}

TEST_CASE("Threads compute under the floating-point mode of who launches them") {
  EmulatedDevice device;
  DeviceArray<float> x(device, std::vector<float>(32, 1e-38F));
  device.launch(Multiply{x.data(), 0.1F}, {.threads = 32});
  CHECK(x.host()[7] > 0);
  x.upload(std::vector<float>(32, 1e-38F));
  const FlushDenormals flush;
  device.launch(Multiply{x.data(), 0.1F}, {.threads = 32});
  CHECK(x.host() == std::vector<float>(32, 0));
}

TEST_CASE("A launch beyond the limits of the hardware is an error") {
  EmulatedDevice device;
  DeviceArray<float> x(device, 1024);
  const auto message = [&](const Grid& grid) { return error_message([&] { device.launch(Multiply{x.data(), 1}, grid); }); };
  const std::string kernel = "kernel handgrad::cuda::probes::Multiply: ";
  CHECK(message({.blocks = 0}) == kernel + "launched with 0 blocks, expected 1 to 2147483647");
  CHECK(message({.agents = 65536}) == kernel + "launched with 65536 agents, expected 1 to 65535");
  CHECK(message({.agents = 0}) == kernel + "launched with 0 agents, expected 1 to 65535");
  CHECK(message({.threads = 33}) == kernel + "launched with blocks of 33 threads, expected 1 to 32, its kThreads");
  CHECK(message({.threads = 0}) == kernel + "launched with blocks of 0 threads, expected 1 to 32, its kThreads");
  CHECK(message({.shared_bytes = 227 * 1024 + 1}) ==
        kernel + "launched with 232449 bytes of shared memory, expected at most 232448");
  CHECK(device.launches() == 0);
  CHECK(message({.shared_bytes = 227 * 1024}) == "(nothing was thrown)");
  CHECK(device.launches() == 1);
}

TEST_CASE("Threads that wait for others who do not come are an error, after which the device goes on") {
  EmulatedDevice device;
  DeviceArray<float> x(device, 32);
  const auto message = [&](Mistake mistake, int threads) {
    return error_message([&] { device.launch(Mistaken{mistake, x.data()}, {.threads = threads, .agents = 1}); });
  };
  const std::string where = "kernel handgrad::cuda::probes::Mistaken, block 0: ";
  CHECK(message(Mistake::sync_or_end, 100) ==
        where + "thread 0 waits at sync(), where all threads of the block have to come, but thread 99 has ended");
  CHECK(message(Mistake::sync_or_warp, 128) ==
        where + "thread 96 waits at sync_warp(), where all threads of the warp have to come, but thread 127 waits at sync()");
  CHECK(message(Mistake::two_exchanges, 64) == where +
                                                   "thread 32 waits at shuffle_xor(), where all threads of the warp have to "
                                                   "come, but thread 63 waits at shuffle_down()");
  CHECK(message(Mistake::lane_ends, 96) ==
        where + "thread 64 waits at shuffle_down(), where all threads of the warp have to come, but thread 95 has ended");
  const std::string few = message(Mistake::lane_ends, 40);
  INFO(few);
  CHECK(contains(few, "waits at shuffle_down() for 32 threads, but the block has only 40 threads, 8 of them in this warp"));
  CHECK(contains(message(Mistake::argument, 32), "waits at shuffle() with 32, expected 0 to 31"));
  x.upload(counting(32));
  device.launch(WarpSum{x.data()}, {.threads = 32});
  CHECK(x.host() == std::vector<float>(32, 31 * 32 / 2));
}

TEST_CASE("Shared memory that a launch did not ask for is an error") {
  EmulatedDevice device;
  DeviceArray<float> x(device, 64);
  const auto message = [&](std::int64_t byte) {
    return error_message([&] { device.launch(ReadShared{x.data(), byte}, {.shared_bytes = 16, .agents = 2}); });
  };
  CHECK(contains(message(20), "ReadShared, block 0 of agent "));
  CHECK(contains(message(20), ": uses shared memory from byte 20 on, but was launched with 16 bytes of it"));
  CHECK(contains(message(6), ": uses shared memory from byte 6 on as a type that is aligned to 4 bytes"));
  CHECK(message(12) == "(nothing was thrown)");
}

#if !defined(HANDGRAD_ADDRESS_SANITIZER)  // which ends the program there
TEST_CASE("Who writes beyond shared memory or beyond an allocation is told, and the fence is mended") {
  EmulatedDevice device;
  DeviceArray<float> other(device, 4), x(device, 4);
  for (int again = 0; again < 2; ++again) {
    CHECK(error_message([&] {
            device.launch(Mistaken{Mistake::writes_after, x.data()}, {.threads = 3, .shared_bytes = 12});
          }) ==
          "kernel handgrad::cuda::probes::Mistaken, block 0: wrote byte 1 after the end of its 12 bytes of shared memory");
    CHECK(error_message([&] {
            device.launch(Mistaken{Mistake::writes_before, x.data()}, {.threads = 3});
          }) == "kernel handgrad::cuda::probes::Mistaken wrote 12 bytes before the beginning of an allocation of 16 bytes");
  }
  x.upload({1, 2, 3, 4});
  device.launch(Multiply{x.data(), 2}, {.threads = 4});
  CHECK(x.host() == std::vector<float>{2, 4, 6, 8});
}
#endif

TEST_CASE("Device memory is zeroed, aligned to 256 bytes, and there is so much of it") {
  EmulatedDevice device(Options{.memory_bytes = 1000});
  for (const std::int64_t size : {0, 1, 4, 63, 64, 65}) {
    DeviceArray<float> x(device, size), y(device, size);
    CHECK((x.data() != nullptr && x.data() != y.data() && device.allocations() == 2));
    CHECK(reinterpret_cast<std::uintptr_t>(x.data()) % 256 == 0);
    CHECK(x.host() == std::vector<float>(static_cast<std::size_t>(size), 0));
    x.upload(counting(size));
    CHECK(x.host() == counting(size));
  }
  CHECK(device.allocations() == 0);
  DeviceArray<char> most(device, 990);
  CHECK(error_message([&] { device.allocate(11); }) == "out of device memory: 11 bytes wanted, 10 of 1000 left");
  device.deallocate(nullptr);
  CHECK(contains(error_message([&] { device.deallocate(most.data() + 1); }), "no memory of the device begins there"));
}

TEST_CASE("Copies from and to memory that is not the device's are an error") {
  EmulatedDevice device;
  std::vector<float> host(10);
  DeviceArray<float> x(device, 10);
  const auto in = [&](float* to, std::size_t bytes) { return error_message([&] { device.copy_in(to, host.data(), bytes); }); };
  CHECK(in(x.data(), 40) == "(nothing was thrown)");
  CHECK(in(x.data() + 10, 0) == "(nothing was thrown)");
  CHECK(in(x.data() + 3, 32) ==
        "copy_in: the destination, 32 bytes from byte 12 of an allocation on, ends 4 bytes after the allocation's 40");
  CHECK(contains(in(x.data() - 1, 4), "copy_in: the destination, 4 bytes at 0x"));
  CHECK(contains(in(x.data() + 10, 4), "is no memory of the device"));
  CHECK(contains(in(host.data(), 4), "is no memory of the device"));
  CHECK(contains(error_message([&] { device.copy_out(x.data(), host.data(), 4); }), "copy_out: the source, 4 bytes at 0x"));
}

TEST_CASE("Products are column-major, with every transposition and leading dimension") {
  // A = [1 2; 3 4; 5 6], B = [1 0 2 1; 0 1 1 -4]; A B = [1 2 4 -7; 3 4 10 -13; 5 6 16 -19]
  EmulatedDevice device;
  const float n = std::numeric_limits<float>::quiet_NaN();
  DeviceArray<float> a(device, {1, 3, 5, n, 2, 4, 6}), at(device, {1, 2, n, n, 3, 4, n, n, 5, 6});
  DeviceArray<float> b(device, {1, 0, n, 0, 1, n, 2, 1, n, 1, -4}), bt(device, {1, 0, 2, 1, n, 0, 1, 1, -4});
  DeviceArray<float> bias(device, {10, 20, -5});
  for (const bool transpose_a : {false, true}) {
    for (const bool transpose_b : {false, true}) {
      for (const Epilogue epilogue : {Epilogue::none, Epilogue::bias, Epilogue::relu_bias, Epilogue::bias_gradient}) {
        DeviceArray<float> c(device, std::vector<float>(18, 99)), sums(device, 4);
        ColumnMajorProduct product{.transpose_a = transpose_a, .transpose_b = transpose_b, .M = 3, .N = 4, .K = 2};
        product.A = transpose_a ? at.data() : a.data();
        product.lda = 4;
        product.B = transpose_b ? bt.data() : b.data();
        product.ldb = transpose_b ? 5 : 3;
        product.C = c.data();
        product.ldc = 5;
        product.epilogue = epilogue;
        product.bias = bias.data();
        product.bias_gradient = sums.data();
        device.multiply(product);
        std::vector<float> expected = {1, 3, 5, 99, 99, 2, 4, 6, 99, 99, 4, 10, 16, 99, 99, -7, -13, -19};
        const std::vector<float> added = {10, 20, -5};
        for (std::size_t i = 0; i < expected.size(); ++i) {
          if (i % 5 >= 3) continue;
          if (epilogue == Epilogue::bias || epilogue == Epilogue::relu_bias) expected[i] += added[i % 5];
          if (epilogue == Epilogue::relu_bias) expected[i] = std::max(0.0F, expected[i]);
        }
        CHECK(c.host() == expected);
        CHECK(sums.host() ==
              (epilogue == Epilogue::bias_gradient ? std::vector<float>{1, 1, 3, -3} : std::vector<float>(4, 0)));
      }
    }
  }
}

TEST_CASE("A product over memory that it does not have is an error") {
  EmulatedDevice device;
  DeviceArray<float> a(device, 6), b(device, 8), c(device, 12);
  const ColumnMajorProduct right{
      .M = 3, .N = 4, .K = 2, .A = a.data(), .lda = 3, .B = b.data(), .ldb = 2, .C = c.data(), .ldc = 3};
  const auto message = [&](auto change) {
    ColumnMajorProduct wrong = right;
    change(wrong);
    return error_message([&] { device.multiply(wrong); });
  };
  using P = ColumnMajorProduct;
  CHECK(message([](P&) {}) == "(nothing was thrown)");
  CHECK(message([](P& p) { p.lda = 2; }) ==
        "product: ld of A is 2, but A is stored as 3 x 2, column-major: expected at least 3");
  CHECK(message([](P& p) { p.transpose_b = true; }) ==
        "product: ld of B is 2, but B is stored as 4 x 2, column-major: expected at least 4");
  CHECK(message([](P& p) { p.ldc = 4; }) ==
        "product: C, 60 bytes from byte 0 of an allocation on, ends 12 bytes after the allocation's 48");
  CHECK(contains(message([](P& p) { p.A += 1; }), "product: A, 24 bytes from byte 4"));
  CHECK(contains(message([](P& p) { p.B = nullptr; }), "product: B, 32 bytes at 0, is no memory of the device"));
  CHECK(message([](P& p) { p.K = 0; }) == "product: M, N, K = 3, 4, 0, expected all positive");
  CHECK(contains(message([](P& p) { p.epilogue = Epilogue::bias; }), "product: bias, 12 bytes at 0"));
  CHECK(contains(message([](P& p) { p.epilogue = Epilogue::bias_gradient; }), "product: bias_gradient, 16 bytes at 0"));

  EmulatedDevice plain(Options{.epilogues = false});
  CHECK((plain.multiplies(Epilogue::none) && !plain.multiplies(Epilogue::bias) && device.multiplies(Epilogue::bias)));
  ColumnMajorProduct biased = right;
  biased.epilogue = Epilogue::bias;
  CHECK(error_message([&] { plain.multiply(biased); }) == "product: this device does not multiply with epilogue 1");
}

TEST_CASE("A product that reads what it writes gives NaN") {
  EmulatedDevice device;
  DeviceArray<float> a(device, {1, 2, 3, 4}), b(device, {1, 0, 0, 1});
  device.multiply({.M = 2, .N = 2, .K = 2, .A = a.data(), .lda = 2, .B = b.data(), .ldb = 2, .C = a.data(), .ldc = 2});
  CHECK(std::isnan(a.host()[0]));
}
