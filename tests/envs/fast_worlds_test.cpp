#include <cmath>
#include <numbers>

#include "../support/catch.h"
#include "core/instruction_set.h"
#include "envs/episode_statistics.h"
#include "envs/registry.h"
#include "envs/worlds/acrobot_world.h"
#include "envs/worlds/cartpole_world.h"
#include "envs/worlds/fast_trigonometry.h"
#include "envs/worlds/mountain_car_world.h"

// The fast worlds go their own way after some steps, as chaotic systems do with any rounding. So they are compared step by
// step from the same states, and by what they show on average.

namespace handgrad {
namespace {

constexpr std::int64_t kCount = 1000;
constexpr int kSteps = 1000;  // a million states
constexpr double kTolerance = 1e-5;

/// A World and the arrays that its steps write to.
struct Played {
  std::unique_ptr<World> world;
  std::size_t E = world->count(), D = static_cast<std::size_t>(world->single().observation_size());
  std::vector<float> observations = std::vector<float>(E * D);
  std::vector<double> rewards = std::vector<double>(E);
  std::vector<std::uint8_t> terminated = std::vector<std::uint8_t>(E), waiting = std::vector<std::uint8_t>(E);

  void start() {
    std::vector<std::int32_t> all(E);
    for (std::size_t i = 0; i < E; ++i) all[i] = static_cast<std::int32_t>(i);
    world->seed(1);
    world->reset(all, observations.data());
  }
  void step(const std::vector<std::int32_t>& actions) {
    world->step(0, E, {actions.data(), waiting.data(), observations.data(), rewards.data(), terminated.data()});
  }
  void reset_ended() {
    std::vector<std::int32_t> ended;
    for (std::size_t i = 0; i < E; ++i) {
      if (terminated[i] != 0) ended.push_back(static_cast<std::int32_t>(i));
    }
    world->reset(ended, observations.data());
  }
};

using Policy = std::function<std::int32_t(const float* observation)>;
/// Where what ends an episode, or another jump, is so near that rounding decides.
using NearJump = std::function<bool(const std::vector<double>& exact_state, const float* exact_observation)>;

struct Kind {
  std::string id;
  std::function<std::unique_ptr<World>(std::int64_t, InstructionSet)> fast;
  std::function<std::unique_ptr<World>(std::int64_t)> exact;
  std::int64_t actions;
  Policy good;
  NearJump near_jump;
  std::vector<double> low, high;  // states anywhere
};

bool near(double a, double b) { return std::abs(a - b) <= kTolerance * (1 + std::abs(b)); }

Kind cartpole() {
  return {"CartPole-v1",
          [](std::int64_t count, InstructionSet set) {
            return std::make_unique<CartPoleWorld<float>>(CartPoleOptions{}, count, set);
          },
          [](std::int64_t count) { return std::make_unique<CartPoleWorld<double>>(CartPoleOptions{}, count); },
          2,
          [](const float* o) { return o[2] + 0.015f * o[3] > 0.0f ? 1 : 0; },  // falls after some 200 steps
          [](const std::vector<double>& s, const float*) {
            return near(std::abs(s[0]), 2.4) || near(std::abs(s[2]), 12 * 2 * std::numbers::pi / 360);
          },
          {-2.4, -4, -0.2094, -4},
          {2.4, 4, 0.2094, 4}};
}

Kind mountain_car() {
  return {"MountainCar-v0",
          [](std::int64_t count, InstructionSet set) {
            return std::make_unique<MountainCarWorld<float>>(MountainCarOptions{}, count, set);
          },
          [](std::int64_t count) { return std::make_unique<MountainCarWorld<double>>(MountainCarOptions{}, count); },
          3,
          [](const float* o) { return o[1] >= 0.0f ? 2 : 0; },  // pushes on where it is going
          // At the goal an episode ends, at the wall the velocity jumps to 0.
          [](const std::vector<double>& s, const float*) { return near(s[0], 0.5) || near(s[0], -1.2); },
          {-1.2, -0.07},
          {0.6, 0.07}};
}

Kind acrobot() {
  constexpr double kPi = std::numbers::pi;
  return {
      "Acrobot-v1",
      [](std::int64_t count, InstructionSet set) { return std::make_unique<FastAcrobotWorld>(AcrobotOptions{}, count, set); },
      [](std::int64_t count) { return std::make_unique<AcrobotWorld>(AcrobotOptions{}, count); },
      3,
      [](const float* o) { return o[5] > 0.0f ? 2 : 0; },  // swings the second link on
      [](const std::vector<double>& s, const float*) { return near(-std::cos(s[0]) - std::cos(s[0] + s[1]), 1.0); },
      {-kPi, -kPi, -4 * kPi, -9 * kPi},
      {kPi, kPi, 4 * kPi, 9 * kPi}};
}

std::vector<Kind> kinds() { return {cartpole(), mountain_car(), acrobot()}; }

std::vector<std::int32_t> choose(const Kind& kind, const Played& played, Generator& generator) {
  std::vector<std::int32_t> actions(played.E);
  for (std::size_t i = 0; i < played.E; ++i) {
    const auto drawn = static_cast<std::int32_t>(generator.integers(0, kind.actions));
    actions[i] = i % 2 == 0 ? drawn : kind.good(played.observations.data() + i * played.D);
  }
  return actions;
}

struct Differences {
  double worst = 0;  // |fast - exact| / (1 + |exact|) over all observations
  std::int64_t flags = 0, jumps = 0;
};

/// Compares what a step has made of the same states and actions.
void add(Differences& d, const Kind& kind, const Played& fast, const Played& exact) {
  for (std::size_t i = 0; i < fast.E; ++i) {
    const float* const b = exact.observations.data() + i * exact.D;
    if (kind.near_jump(exact.world->save(i).values, b)) {
      ++d.jumps;
      continue;
    }
    d.flags += fast.terminated[i] != exact.terminated[i] || fast.rewards[i] != exact.rewards[i];
    const float* const a = fast.observations.data() + i * fast.D;
    for (std::size_t k = 0; k < fast.D; ++k) {
      const double difference = std::abs(double{a[k]} - double{b[k]}) / (1 + std::abs(double{b[k]}));
      d.worst = difference <= d.worst ? d.worst : difference;  // NaN counts too
    }
  }
}

void check(const Differences& d) {
  CHECK(d.worst <= kTolerance);
  CHECK(d.worst > 0.0);  // there was something to compare
  CHECK(d.flags == 0);
  CHECK(d.jumps < kCount * kSteps / 100);
}

/// Mean length and its standard error.
std::pair<double, double> mean_length(const Kind& kind, bool fast, bool random, std::uint64_t seed) {
  const auto environments =
      Registry::gymnasium().make_vector(kind.id, {}, kCount, {.mode = AutoresetMode::same_step, .fast = fast});
  std::span<const float> observations = environments->reset(seed);
  EpisodeStatistics statistics(kCount);
  Generator generator(seed);
  std::vector<std::int32_t> actions(kCount);
  std::vector<std::uint8_t> done(kCount);  // the first episode of each: so that no length is more likely to be counted
  double sum = 0, squares = 0;
  for (int t = 0; t < 500; ++t) {
    const std::size_t D = observations.size() / kCount;
    for (std::size_t i = 0; i < kCount; ++i) {
      actions[i] = random ? static_cast<std::int32_t>(generator.integers(0, kind.actions)) : kind.good(&observations[i * D]);
    }
    const VectorStep step = environments->step(actions);
    observations = step.observations;
    for (const std::int32_t index : statistics.add(step)) {
      const auto i = static_cast<std::size_t>(index);
      if (done[i] != 0) continue;
      done[i] = 1;
      const auto length = static_cast<double>(statistics.lengths()[i]);
      sum += length;
      squares += length * length;
    }
  }
  REQUIRE(std::count(done.begin(), done.end(), 1) == kCount);
  const double mean = sum / kCount;
  return {mean, std::sqrt(std::max(0.0, squares / kCount - mean * mean) / (kCount - 1))};
}

}  // namespace

TEST_CASE("a fast step differs from the exact one by no more than 1e-5 over a million states that are played through") {
  for (const Kind& kind : kinds()) {
    INFO(kind.id);
    Played fast{kind.fast(kCount, best_instruction_set())}, exact{kind.exact(kCount)};
    Generator generator(2);
    Differences differences;
    fast.start();
    exact.start();
    for (int t = 0; t < kSteps; ++t) {
      for (std::size_t i = 0; i < fast.E; ++i) exact.world->load(i, fast.world->save(i));
      const auto actions = choose(kind, fast, generator);
      fast.step(actions);
      exact.step(actions);
      add(differences, kind, fast, exact);
      fast.reset_ended();
    }
    check(differences);
  }
}

TEST_CASE("a fast step differs from the exact one by no more than 1e-5 over a million states anywhere") {
  for (const Kind& kind : kinds()) {
    INFO(kind.id);
    Played fast{kind.fast(kCount, best_instruction_set())}, exact{kind.exact(kCount)};
    Generator generator(3);
    Differences differences;
    fast.start();
    exact.start();
    for (int t = 0; t < kSteps; ++t) {
      for (std::size_t i = 0; i < fast.E; ++i) {
        Snapshot anywhere = fast.world->save(i);
        for (std::size_t k = 0; k < kind.low.size(); ++k) {
          anywhere.values[k] = static_cast<float>(generator.uniform(kind.low[k], kind.high[k]));
        }
        fast.world->load(i, anywhere);
        exact.world->load(i, anywhere);
      }
      const auto actions = choose(kind, fast, generator);
      fast.step(actions);
      exact.step(actions);
      add(differences, kind, fast, exact);
    }
    check(differences);
  }
}

TEST_CASE("fast episodes are as long as exact ones, at random and under a policy that is good at it") {
  for (const Kind& kind : kinds()) {
    for (const bool random : {true, false}) {
      const auto [fast, fast_error] = mean_length(kind, true, random, 10'000);
      const auto [exact, exact_error] = mean_length(kind, false, random, 20'000);
      INFO(kind.id << (random ? " at random: " : " by a policy: ") << fast << " +- " << fast_error << ", exact " << exact
                   << " +- " << exact_error);
      CHECK(std::abs(fast - exact) <= 3 * std::hypot(fast_error, exact_error));
      if (!random) CHECK(exact_error > 0.1);  // lengths vary, so that there is something to compare
    }
  }
}

TEST_CASE("every instruction set gives the same bits, exact and fast") {
  for (const Kind& kind : kinds()) {
    Played expected{kind.fast(77, InstructionSet::baseline)};
    expected.start();
    std::vector<Played> others;
    for (const InstructionSet set : available_instruction_sets()) others.push_back({kind.fast(77, set)});
    for (Played& other : others) other.start();
    Generator generator(4);
    for (int t = 0; t < 500; ++t) {
      const auto actions = choose(kind, expected, generator);
      expected.step(actions);
      expected.reset_ended();
      for (Played& other : others) {
        other.step(actions);
        other.reset_ended();
        REQUIRE(other.observations == expected.observations);
        REQUIRE(other.terminated == expected.terminated);
      }
    }
  }
  for (const InstructionSet set : available_instruction_sets()) {
    Played pole{std::make_unique<CartPoleWorld<double>>(CartPoleOptions{}, 77, InstructionSet::baseline)};
    Played other_pole{std::make_unique<CartPoleWorld<double>>(CartPoleOptions{}, 77, set)};
    Played car{std::make_unique<MountainCarWorld<double>>(MountainCarOptions{}, 77, InstructionSet::baseline)};
    Played other_car{std::make_unique<MountainCarWorld<double>>(MountainCarOptions{}, 77, set)};
    for (Played* played : {&pole, &other_pole, &car, &other_car}) played->start();
    Generator generator(5);
    for (int t = 0; t < 500; ++t) {
      const auto pushes = choose(cartpole(), pole, generator), drives = choose(mountain_car(), car, generator);
      for (Played* played : {&pole, &other_pole}) {
        played->step(pushes);
        played->reset_ended();
      }
      for (Played* played : {&car, &other_car}) {
        played->step(drives);
        played->reset_ended();
      }
      REQUIRE(other_pole.observations == pole.observations);
      REQUIRE(other_car.observations == car.observations);
    }
  }
}

TEST_CASE("fast episodes start where exact ones do, rounded, and a fast environment is copied into an exact one") {
  for (const Kind& kind : kinds()) {
    const Registry registry = Registry::gymnasium();
    const auto fast = registry.make_vector(kind.id, {}, 9, {.fast = true}), exact = registry.make_vector(kind.id, {}, 9);
    const auto a = fast->reset(5), b = exact->reset(5);
    CHECK(std::equal(a.begin(), a.end(), b.begin(), b.end()));
    fast->step(std::vector<std::int32_t>(9, 1));
    const auto copy = registry.make(kind.id);
    copy->load(fast->save_environment(8));
    exact->load(fast->save());
    const auto again = registry.make_vector(kind.id, {}, 9, {.fast = true});
    CHECK(std::equal(a.begin(), a.end(), again->load(exact->save()).begin()));  // the fast one's array shows its last step
    CHECK(again->save() == fast->save());
  }
}

TEST_CASE("the fast sine and cosine are right to two units in the last place of one") {
  double worst_small = 0, worst = 0;
  for (int k = -400'000; k <= 400'000; ++k) {
    const float x = static_cast<float>(k) * 1e-4f;  // up to 40
    const FastAngle angle = fast_angle(x);
    worst = std::max({worst, std::abs(angle.cosine - std::cos(double{x})), std::abs(angle.sine - std::sin(double{x}))});
    if (std::abs(x) > 0.785f) continue;
    const FastAngle small = fast_small_angle(x);
    worst_small =
        std::max({worst_small, std::abs(small.cosine - std::cos(double{x})), std::abs(small.sine - std::sin(double{x}))});
  }
  CHECK(worst_small < 1.2e-7);
  CHECK(worst < 1.2e-7);
}

}  // namespace handgrad
