#include "rl/schedule.h"

#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

struct Point {
  std::int64_t n;
  double value;
};

void check_points(const Schedule& schedule, const std::vector<Point>& points) {
  for (const Point& point : points) {
    CAPTURE(point.n, schedule.at(point.n), point.value);
    CHECK(std::abs(schedule.at(point.n) - point.value) <= 1e-12 + 1e-9 * point.value);
  }
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

// The golden cases schedule.linear.a and .b.
TEST_CASE("a linear schedule falls evenly and stays at its end", "[schedule]") {
  check_points(
      {Schedule::Kind::linear, 1.0, 0.05, 1000},
      {{0, 1.0}, {1, 0.99905}, {2, 0.9981}, {333, 0.68365}, {999, 0.05095}, {1000, 0.05}, {1001, 0.05}, {10'000, 0.05}});
  check_points({Schedule::Kind::linear, 0.734375, 0.015625, 1617}, {{0, 0.734375},
                                                                    {1, 0.7339305040197898},
                                                                    {539, 0.49479166666666674},
                                                                    {1616, 0.016069495980210274},
                                                                    {1617, 0.015625},
                                                                    {16'170, 0.015625}});
  check_points({Schedule::Kind::linear, 0.25, 0.75, 4}, {{0, 0.25}, {1, 0.375}, {4, 0.75}, {9, 0.75}});
}

// The golden cases schedule.exponential.a and .b.
TEST_CASE("an exponential schedule approaches its end and never reaches it", "[schedule]") {
  check_points({Schedule::Kind::exponential, 0.9, 0.01, 2500}, {{0, 0.9},
                                                                {1, 0.8996440711905077},
                                                                {833, 0.6477979004616713},
                                                                {2500, 0.3374127026425837},
                                                                {25'000, 0.010040405937488612}});
  check_points({Schedule::Kind::exponential, 0.734375, 0.015625, 3959},
               {{0, 0.734375}, {10, 0.7325618072191232}, {3959, 0.28003834834197416}, {39'590, 0.015657631199516787}});
}

TEST_CASE("a constant schedule ignores its end and span", "[schedule]") {
  const Schedule schedule{Schedule::Kind::constant, 0.3, 0.7, 0.0};
  CHECK(schedule.at(0) == 0.3);
  CHECK(schedule.at(1'000'000'000'000) == 0.3);
  CHECK_NOTHROW(validate({Schedule::Kind::constant, 0.3, kNan, -1.0}, "epsilon", 0.0, 1.0));
}

TEST_CASE("a schedule does not go below its floor", "[schedule]") {
  Schedule schedule{Schedule::Kind::exponential, 0.5, 0.0, 1000, Schedule::Unit::episode};
  schedule.floor = 0.05;
  check_points(schedule, {{0, 0.5}, {1000, 0.5 * std::exp(-1.0)}, {2302, 0.5 * std::exp(-2.302)}, {2303, 0.05}, {9999, 0.05}});
  schedule = {Schedule::Kind::linear, 0.2, 0.0, 10'000};
  schedule.floor = 0.02;
  check_points(schedule, {{0, 0.2}, {5000, 0.1}, {9000, 0.02}, {9999, 0.02}});
  schedule = {Schedule::Kind::constant, 0.1};
  schedule.floor = 0.3;
  check_points(schedule, {{0, 0.3}, {5, 0.3}});
  schedule.floor = 1.5;
  CHECK(contains(error_message([&] { validate(schedule, "alpha", 0.0, 1.0); }), "alpha: floor must be in [0, 1], found 1.5"));
}

TEST_CASE("a running schedule has the schedule's values, in any order", "[schedule]") {
  for (const auto kind : {Schedule::Kind::constant, Schedule::Kind::linear, Schedule::Kind::exponential}) {
    for (const auto unit : {Schedule::Unit::step, Schedule::Unit::episode}) {
      const Schedule schedule{kind, 0.9, 0.1, 20, unit};
      RunningSchedule running(schedule);
      for (const std::int64_t n : {0, 1, 1, 7, 30, 3}) CHECK(running.at(n, n / 2) == schedule.at(n, n / 2));
    }
  }
}

TEST_CASE("a schedule counts steps or episodes, whichever its unit is", "[schedule]") {
  Schedule schedule{Schedule::Kind::linear, 1.0, 0.0, 10, Schedule::Unit::step};
  CHECK(schedule.at(2, 5) == schedule.at(2));
  schedule.unit = Schedule::Unit::episode;
  CHECK(schedule.at(2, 5) == schedule.at(5));
  CHECK(schedule.at(2) != schedule.at(5));
}

TEST_CASE("there is no value before a schedule begins", "[schedule]") {
  CHECK(contains(error_message([] { (void)Schedule{}.at(-1); }), "no value at -1"));
}

TEST_CASE("a schedule that cannot be computed or leaves its range is named with what is wrong", "[schedule]") {
  const auto complaint = [](const Schedule& schedule) {
    return error_message([&] { validate(schedule, "epsilon", 0.0, 1.0); });
  };
  CHECK(contains(complaint({Schedule::Kind::linear, 1.0, 0.0, 0.0}),
                 "epsilon: span must be a finite number of steps above 0, found 0"));
  CHECK(contains(complaint({Schedule::Kind::exponential, 1.0, 0.0, -3.0, Schedule::Unit::episode}),
                 "of episodes above 0, found -3"));
  CHECK(contains(complaint({Schedule::Kind::linear, 1.0, 0.0, kNan}), "span must be"));
  CHECK(contains(complaint({Schedule::Kind::linear, 1.0, 0.0, kInfinity}), "span must be"));
  CHECK(contains(complaint({Schedule::Kind::linear, kNan, 0.0, 1.0}), "epsilon: start must be a finite number, found nan"));
  CHECK(contains(complaint({Schedule::Kind::constant, kInfinity, 0.0, 1.0}), "start must be a finite number"));
  CHECK(contains(complaint({Schedule::Kind::linear, 1.0, kNan, 1.0}), "end must be a finite number"));
  CHECK(contains(complaint({Schedule::Kind::constant, 1.5, 0.0, 1.0}), "epsilon: start must be in [0, 1], found 1.5"));
  CHECK(contains(complaint({Schedule::Kind::linear, 1.0, -0.5, 1.0}), "epsilon: end must be in [0, 1], found -0.5"));
  CHECK_NOTHROW(validate({Schedule::Kind::linear, 1.0, 0.0, 0.5}, "epsilon", 0.0, 1.0));
  CHECK_NOTHROW(validate({Schedule::Kind::linear, 100.0, -100.0, 1.0}, "temperature"));
}

TEST_CASE("a schedule called late is one behind, and one that is never called stays at its start", "[schedule]") {
  Schedule schedule{Schedule::Kind::exponential, 0.9, 0.05, 100.0, Schedule::Unit::episode};
  const auto at = [&](Schedule::Call call, std::int64_t episodes) {
    schedule.call = call;
    return schedule.at(77, episodes);
  };
  CHECK(at(Schedule::Call::current, 5) == schedule.at(5));
  CHECK(at(Schedule::Call::never, 5) == 0.9);
  // What a loop records that keeps the value in a variable and computes it after the episode, before it counts that.
  for (const auto& [episode, value] : {std::pair{0, 0.9}, {1, 0.9}, {2, 0.891542}, {100, 0.365840}, {999, 0.050039}}) {
    CHECK(at(Schedule::Call::lagged, episode) == Approx(value).margin(1e-6));
  }
  schedule.unit = Schedule::Unit::step;
  CHECK(at(Schedule::Call::lagged, 5) == schedule.at(76));
}
