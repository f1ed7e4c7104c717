#include "cuda/recorder.h"

#include "cuda/kernels/elements.h"
#include "tests/cuda/emulation/device_array.h"
#include "tests/support/catch.h"

using namespace handgrad;
using namespace handgrad::cuda;

namespace {

using Values = std::vector<float>;

/// Three operations on x, which a graph is worth: x = 2 (x + y) - 1, so to speak.
class ThreeOperations {
 public:
  ThreeOperations(Recorder<EmulatedDevice>& recorder, DeviceArray<float>& x, DeviceArray<float>& y)
      : recorder_(recorder), x_(x), y_(y) {}

  void ask(float limit = 100) {
    const Range x(x_.data(), static_cast<std::size_t>(x_.size()) * sizeof(float));
    const Range y(y_.data(), static_cast<std::size_t>(y_.size()) * sizeof(float));
    // x = x/2 + y/2, clipped, clipped
    recorder_.launch(UpdateTarget{y_.data(), x_.data(), x_.size(), 0.5F, 0.5F}, elements_grid(x_.size()), {x, y});
    recorder_.launch(ClipByValue{x_.data(), x_.size(), limit}, elements_grid(x_.size()), {x});
    recorder_.launch(ClipByValue{x_.data(), x_.size(), limit + 1}, elements_grid(x_.size()), {x});
  }

 private:
  Recorder<EmulatedDevice>& recorder_;
  DeviceArray<float>&x_, &y_;
};

Values fetched(Recorder<EmulatedDevice>& recorder, const DeviceArray<float>& x) {
  Values host(static_cast<std::size_t>(x.size()));
  recorder.copy_out(host.data(), x.data(), host.size() * sizeof(float));
  return host;
}

void put(Recorder<EmulatedDevice>& recorder, DeviceArray<float>& x, Values values) {
  recorder.copy_in(x.data(), values.data(), values.size() * sizeof(float));
  values.assign(values.size(), -1);  // the host may do what it likes with its memory
}

}  // namespace

TEST_CASE("What is asked of a device is done when it is flushed, or when something is fetched") {
  EmulatedDevice device;
  Recorder<EmulatedDevice> recorder(device);
  DeviceArray<float> x(device, Values{4, 8}), y(device, Values{0, 2});
  ThreeOperations operations(recorder, x, y);
  operations.ask();
  CHECK(device.launches() == 0);
  CHECK(x.host() == Values{4, 8});
  recorder.flush();
  CHECK(x.host() == Values{2, 5});
  operations.ask();
  CHECK(fetched(recorder, x) == Values{1, 3.5F});
}

TEST_CASE("A sequence becomes a graph when it comes a second time, and only the same sequence is replayed") {
  EmulatedDevice device;
  Recorder<EmulatedDevice> recorder(device);
  DeviceArray<float> x(device, Values{4, 8}), y(device, Values{0, 2}), z(device, Values{100, 200});
  ThreeOperations operations(recorder, x, y), others(recorder, z, y);
  const auto round = [&](ThreeOperations& o, float limit) {
    o.ask(limit);
    recorder.flush();
  };
  round(operations, 100);
  CHECK(recorder.graphs() == 0);
  for (int k = 0; k < 3; ++k) round(operations, 100);
  CHECK(recorder.graphs() == 1);
  CHECK(device.replays() == 3);
  CHECK(x.host() == Values{0.25F, 2 + 6.0F / 16});
  round(operations, 1);  // another argument
  CHECK(device.replays() == 3);
  CHECK(x.host() == Values{0.125F, 1});
  round(others, 100);  // another array
  CHECK(device.replays() == 3);
  CHECK(z.host() == Values{50, 100});
  round(others, 100);
  CHECK(recorder.graphs() == 2);
  CHECK(z.host() == Values{25, 51});
}

TEST_CASE("What the host sends reaches a recorded sequence, in the order in which it was sent") {
  EmulatedDevice device;
  const auto mode = GENERATE(Recorder<EmulatedDevice>::Mode::graphs, Recorder<EmulatedDevice>::Mode::stream);
  Recorder<EmulatedDevice> recorder(device, mode);
  DeviceArray<float> x(device, 2), y(device, 2);
  ThreeOperations operations(recorder, x, y);
  for (int k = 0; k < 5; ++k) {
    const auto value = static_cast<float>(k);
    put(recorder, x, {0, 2});
    put(recorder, y, {value, 2 * value});
    operations.ask();
    recorder.flush();
    CHECK(x.host() == Values{value / 2, 1 + value});
  }
  CHECK(recorder.graphs() == (mode == Recorder<EmulatedDevice>::Mode::graphs ? 1 : 0));

  SECTION("to an array that an operation has been asked to work with") {
    put(recorder, x, {0, 0});
    put(recorder, y, {2, 2});
    operations.ask();
    put(recorder, y, {6, 6});  // Trap: not before the operations above
    operations.ask();
    CHECK(fetched(recorder, x) == Values{3.5F, 3.5F});
  }
  SECTION("twice to the same place") {
    put(recorder, x, {1, 1});
    put(recorder, x, {2, 2});
    CHECK(fetched(recorder, x) == Values{2, 2});
    put(recorder, x, {3, 3});
    put(recorder, x, {4});
    CHECK(fetched(recorder, x) == Values{4, 3});
  }
}

TEST_CASE("Deliveries of all sizes and numbers arrive, and nothing else is touched") {
  EmulatedDevice device;
  Recorder<EmulatedDevice> recorder(device);
  constexpr std::size_t kSize = 60'000;
  DeviceArray<unsigned char> there(device, kSize);
  std::vector<unsigned char> expected(kSize, 0);
  std::uint32_t random = 1;
  const auto below = [&](std::uint32_t n) { return (random = random * 1664525U + 1013904223U) / 256 % n; };
  for (int k = 0; k < 1500; ++k) {
    const std::size_t bytes = below(10) == 0 ? below(20'000) : below(100);
    const std::size_t at = below(static_cast<std::uint32_t>(kSize - bytes));
    std::vector<unsigned char> sent(bytes);
    for (auto& byte : sent) byte = static_cast<unsigned char>(below(256));
    std::copy(sent.begin(), sent.end(), expected.begin() + static_cast<std::ptrdiff_t>(at));
    recorder.copy_in(there.data() + at, sent.data(), bytes);
  }
  std::vector<unsigned char> host(kSize);
  recorder.copy_out(host.data(), there.data(), kSize);
  CHECK(host == expected);
}

TEST_CASE("More sequences than are remembered, and longer ones than are recorded, are done all the same") {
  EmulatedDevice device;
  Recorder<EmulatedDevice> recorder(device);
  DeviceArray<float> x(device, Values{64}), y(device, Values{0});
  ThreeOperations operations(recorder, x, y);
  for (int round = 0; round < 2; ++round) {
    for (int limit = 100; limit < 150; ++limit) {
      put(recorder, x, {300});
      operations.ask(static_cast<float>(limit));
      recorder.flush();
      CHECK(x.host() == Values{static_cast<float>(limit)});
    }
  }
  CHECK(recorder.graphs() == 0);  // each was forgotten before it came again
  put(recorder, x, {64});
  for (int k = 0; k < 300; ++k) operations.ask();
  CHECK(fetched(recorder, x)[0] == Approx(0).margin(1e-6));
}
