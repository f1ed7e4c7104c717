#include "envs/space.h"

#include <cmath>
#include <limits>

#include "../support/catch.h"

namespace handgrad {
namespace {

const float kInfinity = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("spaces are printed as Gymnasium prints them") {
  CHECK(to_string(Discrete{4}) == "Discrete(4)");
  CHECK(to_string(Discrete{4, 2}) == "Discrete(4, start=2)");
  CHECK(to_string(Box{{-1.2f, -0.07f}, {0.6f, 0.07f}}) == "Box([-1.2 -0.07], [0.6 0.07], (2,), float32)");
  CHECK(to_string(Box{{-1, -8}, {1, 8}}) == "Box([-1. -8.], [1. 8.], (2,), float32)");
  CHECK(to_string(Box{{-2}, {2}}) == "Box(-2.0, 2.0, (1,), float32)");
  CHECK(to_string(Box{{-kInfinity, -kInfinity}, {kInfinity, kInfinity}}) == "Box(-inf, inf, (2,), float32)");
  CHECK(to_string(Tuple{{Discrete{32}, Discrete{11}, Discrete{2, 1}}}) ==
        "Tuple(Discrete(32), Discrete(11), Discrete(2, start=1))");
}

TEST_CASE("an observation takes as many floats as its box, one for an integer and one a part of a tuple") {
  CHECK(flat_size(Tuple{{Discrete{32}, Discrete{11}, Discrete{2}}}) == 3);
  CHECK(flat_size(Discrete{500}) == 1);
  CHECK(flat_size(Box{{0, 0, 0}, {1, 1, 1}}) == 3);
}

TEST_CASE("a box contains its bounds and nothing outside, nor NaN, nor another size") {
  const Space box = Box{{-1, -kInfinity}, {1, kInfinity}};
  CHECK(contains(box, {-1, 5}));
  CHECK(contains(box, {1, -kInfinity}));
  CHECK_FALSE(contains(box, {1.0001f, 0}));
  CHECK_FALSE(contains(box, {-1.0001f, 0}));
  CHECK_FALSE(contains(box, {NAN, 0}));
  CHECK_FALSE(contains(box, {0, NAN}));
  CHECK_FALSE(contains(box, {0}));
}

TEST_CASE("a discrete space contains whole numbers of its range only") {
  const Space discrete = Discrete{3, 2};
  CHECK(contains(discrete, {2}));
  CHECK(contains(discrete, {4}));
  CHECK_FALSE(contains(discrete, {1}));
  CHECK_FALSE(contains(discrete, {5}));
  CHECK_FALSE(contains(discrete, {2.5f}));
  CHECK_FALSE(contains(discrete, {NAN}));
  CHECK_FALSE(contains(discrete, {2, 3}));
}

TEST_CASE("a tuple contains whole numbers, each of its own range") {
  const Space tuple = Tuple{{Discrete{32}, Discrete{2, 1}}};
  CHECK(contains(tuple, {31, 2}));
  CHECK_FALSE(contains(tuple, {32, 2}));
  CHECK_FALSE(contains(tuple, {31, 0}));
  CHECK_FALSE(contains(tuple, {0.5f, 1}));
  CHECK_FALSE(contains(tuple, {31}));
  CHECK_FALSE(contains(tuple, {31, 2, 0}));
}

TEST_CASE("spaces are equal if everything about them is") {
  CHECK(Space(Discrete{3}) == Space(Discrete{3}));
  CHECK_FALSE(Space(Discrete{3}) == Space(Discrete{3, 1}));
  CHECK_FALSE(Space(Box{{0}, {1}}) == Space(Box{{0}, {2}}));
}

}  // namespace handgrad
