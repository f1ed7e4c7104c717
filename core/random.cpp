#include "random.h"

#include <numbers>

namespace handgrad {
namespace {

// Constants of seed_seq_fe (O'Neill 2015), as NumPy uses them.
constexpr std::uint32_t kInitA = 0x43b0d7e5, kMultA = 0x931e8875;
constexpr std::uint32_t kInitB = 0x8b51f9dd, kMultB = 0x58f38ded;
constexpr std::uint32_t kMixLeft = 0xca01f9dd, kMixRight = 0x4973f715;
constexpr int kShift = 16;

/// Scrambles words with a multiplier that moves on at every call, so that equal words at different places differ.
class HashMix {
 public:
  std::uint32_t operator()(std::uint32_t value) {
    value ^= multiplier_;
    multiplier_ *= kMultA;
    value *= multiplier_;
    return value ^ (value >> kShift);
  }

 private:
  std::uint32_t multiplier_ = kInitA;
};

std::uint32_t mix_words(std::uint32_t x, std::uint32_t y) {
  const std::uint32_t mixed = kMixLeft * x - kMixRight * y;
  return mixed ^ (mixed >> kShift);
}

}  // namespace

SeedSequence::SeedSequence(std::uint64_t entropy, std::span<const std::uint32_t> spawn_key) {
  const std::array<std::uint32_t, 2> words{static_cast<std::uint32_t>(entropy), static_cast<std::uint32_t>(entropy >> 32)};
  const std::size_t used = words[1] == 0 ? 1 : 2;
  mix(std::span(words).first(used), spawn_key);
}

SeedSequence::SeedSequence(std::span<const std::uint32_t> entropy_words, std::span<const std::uint32_t> spawn_key) {
  mix(entropy_words, spawn_key);
}

void SeedSequence::mix(std::span<const std::uint32_t> entropy_words, std::span<const std::uint32_t> spawn_key) {
  std::vector<std::uint32_t> words(entropy_words.begin(), entropy_words.end());
  // Trap: with a spawn key the entropy is padded to the size of the pool first. Otherwise seed 5 with key (1,) and the
  // 64-bit seed 5 + 2^32 would be one stream.
  if (!spawn_key.empty() && words.size() < pool_.size()) words.resize(pool_.size(), 0);
  words.insert(words.end(), spawn_key.begin(), spawn_key.end());

  HashMix hash;
  for (std::size_t i = 0; i < pool_.size(); ++i) pool_[i] = hash(i < words.size() ? words[i] : 0);
  for (std::size_t source = 0; source < pool_.size(); ++source) {
    for (std::size_t target = 0; target < pool_.size(); ++target) {
      if (source != target) pool_[target] = mix_words(pool_[target], hash(pool_[source]));
    }
  }
  for (std::size_t i = pool_.size(); i < words.size(); ++i) {
    for (std::uint32_t& target : pool_) target = mix_words(target, hash(words[i]));
  }
}

std::vector<std::uint32_t> SeedSequence::generate_state32(std::size_t words) const {
  std::vector<std::uint32_t> state(words);
  std::uint32_t multiplier = kInitB;
  for (std::size_t i = 0; i < words; ++i) {
    std::uint32_t value = pool_[i % pool_.size()] ^ multiplier;
    multiplier *= kMultB;
    value *= multiplier;
    state[i] = value ^ (value >> kShift);
  }
  return state;
}

std::vector<std::uint64_t> SeedSequence::generate_state64(std::size_t words) const {
  const std::vector<std::uint32_t> halves = generate_state32(2 * words);
  std::vector<std::uint64_t> state(words);
  for (std::size_t i = 0; i < words; ++i) {
    state[i] = std::uint64_t{halves[2 * i]} | std::uint64_t{halves[2 * i + 1]} << 32;  // low half first, on every machine
  }
  return state;
}

Generator::Generator(const SeedSequence& seeds) {
  const std::vector<std::uint64_t> words = seeds.generate_state64(4);
  const uint128 start = uint128{words[0]} << 64 | words[1];     // here the high half comes first
  const uint128 sequence = uint128{words[2]} << 64 | words[3];  // which of the 2^127 streams
  increment_ = sequence << 1 | 1;
  state_ = 0;
  next_uint64();
  state_ += start;
  next_uint64();
}

Generator Generator::stream(std::uint64_t seed, std::uint32_t purpose) {
  return Generator(SeedSequence(seed, std::span(&purpose, 1)));
}

std::uint64_t Generator::bounded64(std::uint64_t count) {
  // As bounded32 with 64-bit draws. count is at most 2^64 - 1: the bound itself is never drawn.
  uint128 product = uint128{next_uint64()} * count;
  if (static_cast<std::uint64_t>(product) < count) {
    const std::uint64_t threshold = (std::uint64_t{0} - count) % count;  // 2^64 mod count
    while (static_cast<std::uint64_t>(product) < threshold) product = uint128{next_uint64()} * count;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

std::size_t Generator::choice(std::span<const double> probabilities) {
  require(!probabilities.empty(), "choice: expected at least one probability, got none");
  double total = 0.0;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    require(probabilities[i] >= 0.0, "choice: probability ", i, " is ", probabilities[i], ", expected 0 or more");
    total += probabilities[i];
  }
  require(std::abs(total - 1.0) <= 0x1p-26, "choice: the probabilities sum to ", total, ", expected 1");

  const double drawn = random();
  double sum = 0.0;
  for (std::size_t i = 0; i + 1 < probabilities.size(); ++i) {
    sum += probabilities[i];
    if (drawn < sum / total) return i;
  }
  return probabilities.size() - 1;
}

std::size_t Generator::categorical(std::span<const double> probabilities) {
  require(!probabilities.empty(), "categorical: expected at least one probability, got none");
  const double drawn = random();
  double sum = 0.0;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    sum += probabilities[i];
    if (sum > drawn) return i;
  }
  // Trap: rounding can leave the last sum below a draw close to 1. Gymnasium takes the arg-max of an all-false array: the
  // first entry, not the last.
  return 0;
}

double Generator::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - random()));  // 1 - [0, 1) is never 0
  return radius * std::cos(2.0 * std::numbers::pi * random());
}

Generator::State Generator::state() const {
  return {static_cast<std::uint64_t>(state_ >> 64),
          static_cast<std::uint64_t>(state_),
          static_cast<std::uint64_t>(increment_ >> 64),
          static_cast<std::uint64_t>(increment_),
          has_half_,
          half_};
}

Generator Generator::from_state(const State& state) {
  require((state.increment_low & 1) == 1, "a generator's increment is odd, this state has an even one: it is damaged");
  Generator generator;
  generator.state_ = uint128{state.state_high} << 64 | state.state_low;
  generator.increment_ = uint128{state.increment_high} << 64 | state.increment_low;
  generator.has_half_ = state.has_half;
  generator.half_ = state.half;
  return generator;
}

}  // namespace handgrad
