#include "core/random.h"

#include <cmath>

#include "../support/catch.h"

// Expected values: NumPy 1.24.2 and 2.4.6 (which agree), unless a comment says otherwise.

namespace handgrad {
namespace {

using Words = std::vector<std::uint32_t>;

std::vector<std::int64_t> draws(Generator& generator, std::int64_t low, std::int64_t high, int count) {
  std::vector<std::int64_t> drawn;
  for (int i = 0; i < count; ++i) drawn.push_back(generator.integers(low, high));
  return drawn;
}

/// Folds many draws into one number that any wrong draw changes.
std::uint64_t folded(Generator& generator, std::int64_t high) {
  std::uint64_t total = 0;
  for (int i = 0; i < 10000; ++i) total = total * 31 + static_cast<std::uint64_t>(generator.integers(0, high));
  return total;
}

}  // namespace

TEST_CASE("a seed sequence gives NumPy's words") {
  CHECK(SeedSequence(0).generate_state32(4) == Words{2968811710u, 3677149159u, 745650761u, 2884920346u});
  CHECK(SeedSequence(0).generate_state64(4) ==
        std::vector<std::uint64_t>{0xdb2cd7e7b0f478beu, 0xabf4641a2c71ba49u, 0x20c6ed6d9d7b8d41u, 0x2c4099de223c39d4u});
}

TEST_CASE("entropy of any length is taken in whole") {
  const Words words{3, 0, 0, 0, 4};  // 2^130 + 3
  CHECK(SeedSequence(words).generate_state32(4) == Words{2942680743u, 246442485u, 2640525509u, 4228189328u});
  const Words longer{3, 0, 0, 0, 5};
  CHECK(SeedSequence(longer).generate_state32(4) != SeedSequence(words).generate_state32(4));
}

TEST_CASE("a spawn key follows the entropy padded to four words") {
  const Words key3{3}, key12{1, 2};
  CHECK(SeedSequence(7, key3).generate_state64(4) ==
        std::vector<std::uint64_t>{0x5eb38dc8e5035277u, 0xd7ca5baba9dd58eeu, 0x2e591da2b43312b7u, 0x92546e1591fafee9u});
  CHECK(SeedSequence((std::uint64_t{1} << 32) + 5, key12).generate_state32(4) ==
        Words{1423384788u, 593511887u, 212600615u, 4177867872u});
}

TEST_CASE("a generator starts in NumPy's state and gives its raw words") {
  Generator generator(0);
  const Generator::State state = generator.state();
  CHECK(state.state_high == 0x1aa1b5345996452du);
  CHECK(state.state_low == 0x09585eb7a69561e3u);
  CHECK(state.increment_high == 0x418ddadb3af71a82u);
  CHECK(state.increment_low == 0x588133bc447873a9u);
  CHECK_FALSE(state.has_half);
  CHECK(generator.next_uint64() == 0xa30febcfd9c2825fu);
  CHECK(generator.next_uint64() == 0x4510bdf882d9d721u);
  CHECK(generator.next_uint64() == 0x0a7d3da94ecde8b8u);
}

TEST_CASE("a 64-bit seed is split into two words") {
  Generator generator((std::uint64_t{1} << 63) + 11);
  CHECK(generator.next_uint64() == 0x2b7fa4008afe6810u);
  CHECK(generator.next_uint64() == 0xcec3c92e6ecf2f3bu);
}

TEST_CASE("doubles have 53 bits and NumPy's values") {
  Generator generator(0);
  CHECK(generator.random() == 0x1.461fd79fb3850p-1);
  CHECK(generator.random() == 0x1.1442f7e20b674p-2);
  CHECK(generator.random() == 0x1.4fa7b529d9bd0p-5);
}

TEST_CASE("uniform rounds the product before the sum") {
  Generator generator(123);
  CHECK(generator.uniform(-0.05, 0.05) == 0x1.2ac3ea39b2e5cp-6);
  CHECK(generator.uniform(-0.05, 0.05) == -0x1.6d8283a7b3db8p-5);
  CHECK(generator.uniform(-0.05, 0.05) == -0x1.ca299206fb5a4p-6);
  CHECK(generator.uniform(-0.05, 0.05) == -0x1.02900762623b2p-5);
}

TEST_CASE("32-bit words are the low half first, then the high half") {
  Generator generator(42);
  for (const std::uint32_t expected : {0x16d92688u, 0xc621fbcdu, 0xa791ffc1u, 0x705a5661u, 0x6eda1624u, 0xdbcd12c2u}) {
    CHECK(generator.next_uint32() == expected);
  }
}

TEST_CASE("the buffered half survives draws of 64 bits") {
  Generator generator(9);
  CHECK(generator.integers(0, 13) == 5);
  CHECK(generator.random() == 0x1.25b36913d81c0p-2);
  CHECK(generator.integers(0, 13) == 11);
  CHECK(generator.integers(0, std::int64_t{1} << 40) == 663168404253);
  CHECK(generator.integers(0, 7) == 4);
  const Generator::State state = generator.state();
  CHECK(state.state_high == 0x62fddb2ef510c12au);
  CHECK(state.state_low == 0x235739b40dd7cd53u);
  CHECK(state.has_half);
  CHECK(state.half == 0xc70c7941u);
}

TEST_CASE("integers of small ranges are NumPy's") {
  Generator sixteen(42);
  CHECK(draws(sixteen, 0, 16, 5) == std::vector<std::int64_t>{1, 12, 10, 7, 6});
  Generator four(42);  // Discrete(4, seed=42).sample()
  CHECK(draws(four, 0, 4, 10) == std::vector<std::int64_t>{0, 3, 2, 1, 1, 3, 0, 2, 0, 0});
  Generator shifted(2024);
  CHECK(draws(shifted, 10, 13, 6) == std::vector<std::int64_t>{10, 12, 10, 10, 10, 10});
}

TEST_CASE("a sample among masked actions is a draw of their number") {
  Generator generator(42);  // Discrete(6, seed=42).sample(mask 011001)
  const std::vector<std::int64_t> valid{1, 2, 5};
  for (const std::int64_t expected : {1, 5, 2, 2, 2, 5, 1, 5, 1, 1}) {
    CHECK(valid[static_cast<std::size_t>(generator.integers(0, 3))] == expected);
  }
}

TEST_CASE("a batched discrete sample and a bounded box sample are made of doubles") {
  Generator multi(42);  // MultiDiscrete([4, 4, 4], seed=42)
  for (const int expected : {3, 1, 3, 2, 0, 3, 3, 3, 0}) CHECK(static_cast<int>(multi.random() * 4) == expected);
  Generator box(42);  // Box(-2, 2, (1,), float32, seed=42)
  for (const double expected : {1.0958242416381836, -0.2444862425327301, 1.434391736984253, 0.7894721031188965}) {
    CHECK(static_cast<double>(static_cast<float>(box.uniform(-2, 2))) == expected);
  }
}

TEST_CASE("integers change from 32 to 64 bits just above 2^32") {
  constexpr std::int64_t k2To32 = std::int64_t{1} << 32;
  Generator below(2024), exact(2024), above(2024);
  CHECK(draws(below, 0, k2To32 - 1, 4) == std::vector<std::int64_t>{1037355751, 2902673493, 396611800, 920511139});
  CHECK(draws(exact, 0, k2To32, 4) == std::vector<std::int64_t>{1037355752, 2902673494, 396611801, 920511140});
  CHECK(draws(above, 0, k2To32 + 1, 4) == std::vector<std::int64_t>{2902673494, 920511140, 1329086352, 3433680740});
}

TEST_CASE("integers reach over the whole signed range") {
  Generator positive(2024), all(2024), middle(2024);
  CHECK(draws(positive, 0, INT64_MAX, 3) ==
        std::vector<std::int64_t>{6233443864366703987, 1976782621150144620, 2854191208382115952});
  CHECK(draws(all, INT64_MIN, INT64_MAX, 3) ==
        std::vector<std::int64_t>{3243515691878632167, -5269806794554486568, -3514989620090543904});
  constexpr std::int64_t k2To62 = std::int64_t{1} << 62;
  CHECK(draws(middle, -k2To62, k2To62 + 12345, 3) ==
        std::vector<std::int64_t>{-1757494810045268132, -3299829070622262049, -1294528934478085447});
}

TEST_CASE("ranges that reject often draw as often as NumPy") {
  Generator narrow(5);
  CHECK(folded(narrow, 3'000'000'000) == 7625300257676551461u);
  CHECK(narrow.state().state_low == 0x9518047d99de61e0u);
  CHECK(narrow.state().half == 0x48120a18u);
  Generator wide(5);
  CHECK(folded(wide, 6'000'000'000'000'000'000) == 17700985995469424392u);
  CHECK(wide.state().state_low == 0x8400546d17b71202u);
}

TEST_CASE("a range of one number consumes nothing") {
  Generator generator(1);
  const Generator::State before = generator.state();
  CHECK(generator.integers(7, 8) == 7);
  CHECK(generator.state() == before);
}

TEST_CASE("choice normalises its sums as NumPy does") {
  const std::vector<double> four{.1, .2, .3, .4}, thirds(3, 1.0 / 3.0);
  Generator a(3), b(3);
  for (const std::size_t expected : {0, 1, 3, 2, 0, 2, 2, 1, 3, 1, 2, 2, 2, 2, 3, 3, 1, 3, 3, 1}) {
    CHECK(a.choice(four) == expected);
  }
  for (const std::size_t expected : {0, 0, 2, 1, 0, 1, 1, 0, 2, 0, 1, 1, 1, 1, 2, 2, 0, 1, 2, 0}) {
    CHECK(b.choice(thirds) == expected);
  }
}

TEST_CASE("choice compares with sums divided by the last one") {
  const double drawn = Generator(0).random();  // 0.637
  Generator a(0), b(0), c(0);
  CHECK(a.choice(std::vector<double>{drawn + 4e-9, 1.0 - drawn + 6e-9}) == 1);  // together 1 + 1e-8
  CHECK(b.choice(std::vector<double>{drawn + 4e-9, 1.0 - drawn - 4e-9}) == 0);
  CHECK(c.choice(std::vector<double>{drawn, 1.0 - drawn}) == 1);  // not above the draw
}

TEST_CASE("categorical wants a sum strictly above the draw") {
  const double drawn = Generator(0).random();
  Generator a(0), b(0);
  CHECK(a.categorical(std::vector<double>{drawn, 1.0 - drawn}) == 1);
  CHECK(b.categorical(std::vector<double>{std::nextafter(drawn, 1.0), 0.5}) == 0);
}

TEST_CASE("categorical takes the first sum above the draw and the first index where none is") {
  Generator generator(0);  // 0.637, 0.270, 0.041, then 0.017
  const std::vector<double> halves{0.5, 0.5}, sparse{0.0, 0.3, 0.0, 0.7}, short_sum{0.01, 0.005};
  CHECK(generator.categorical(halves) == 1);
  CHECK(generator.categorical(sparse) == 1);
  CHECK(generator.categorical(sparse) == 1);
  CHECK(generator.categorical(short_sum) == 0);
}

TEST_CASE("categorical draws even where there is nothing to choose") {
  Generator generator(0), other(0);
  CHECK(generator.categorical(std::vector<double>{1.0}) == 0);
  other.random();
  CHECK(generator.state() == other.state());
}

TEST_CASE("normal numbers have mean 0, deviation 1 and use two doubles each") {
  Generator generator(11), counted(11);
  double sum = 0.0, squares = 0.0, beyond_two = 0.0;
  constexpr int n = 100000;
  for (int i = 0; i < n; ++i) {
    const double x = generator.normal();
    REQUIRE(std::isfinite(x));
    sum += x;
    squares += x * x;
    beyond_two += std::abs(x) > 2.0 ? 1.0 : 0.0;
  }
  for (int i = 0; i < 2 * n; ++i) counted.random();
  CHECK(generator.state() == counted.state());
  CHECK(std::abs(sum / n) < 0.016);  // 5 deviations of the mean
  CHECK(std::abs(squares / n - 1.0) < 0.023);
  CHECK(std::abs(beyond_two / n - 0.0455) < 0.0034);  // P(|x| > 2)
}

TEST_CASE("a stream of a run is its seed with the purpose as spawn key") {
  Generator replay = Generator::stream(7, 2);
  CHECK(replay.random() == 0x1.439b4d52cb13fp-1);
  CHECK(replay.random() == 0x1.f27600eb2444ap-2);
  CHECK(Generator::stream(7, 3).state() != Generator::stream(7, 2).state());
}

TEST_CASE("a generator taken up from its state goes on as the original, buffered half included") {
  Generator original(77);
  original.next_uint32();
  Generator resumed = Generator::from_state(original.state());
  REQUIRE(resumed.state().has_half);
  for (int i = 0; i < 5; ++i) {
    CHECK(resumed.next_uint32() == original.next_uint32());
    CHECK(resumed.random() == original.random());
  }
  CHECK(resumed.state() == original.state());
}

TEST_CASE("copying a generator copies its stream") {
  Generator original(5);
  Generator copy = original;
  const std::uint64_t expected = original.next_uint64();
  original.next_uint64();
  CHECK(copy.next_uint64() == expected);
}

TEST_CASE("wrong arguments of draws are errors that consume nothing") {
  Generator generator(0);
  const Generator::State before = generator.state();
  CHECK_THROWS_AS(generator.integers(3, 3), Error);
  CHECK_THROWS_AS(generator.integers(3, -3), Error);
  CHECK_THROWS_AS(generator.uniform(1.0, 0.0), Error);
  CHECK_THROWS_AS(generator.uniform(0.0, INFINITY), Error);
  CHECK_THROWS_AS(generator.uniform(NAN, 1.0), Error);
  CHECK_THROWS_AS(generator.choice(std::vector<double>{}), Error);
  CHECK_THROWS_AS(generator.choice(std::vector<double>{0.5, 0.4}), Error);
  CHECK_THROWS_AS(generator.choice(std::vector<double>{1.5, -0.5}), Error);
  CHECK_THROWS_AS(generator.choice(std::vector<double>{NAN, 1.0}), Error);
  CHECK_THROWS_AS(generator.categorical(std::vector<double>{}), Error);
  CHECK(generator.state() == before);
}

TEST_CASE("a damaged state is refused") {
  Generator::State state = Generator(0).state();
  state.increment_low &= ~std::uint64_t{1};
  CHECK_THROWS_AS(Generator::from_state(state), Error);
}

}  // namespace handgrad
