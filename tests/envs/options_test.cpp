#include "envs/options.h"

#include "../support/catch.h"
#include "../support/error_message.h"

namespace handgrad {

using Rows = std::vector<std::string>;
using Numbers = std::vector<double>;

TEST_CASE("an option that is not given leaves the default alone") {
  bool flag = true;
  double number = 0.25;
  std::string name = "4x4";
  read_option({}, "is_slippery", flag);
  read_option({}, "success_rate", number);
  read_option({}, "map_name", name);
  CHECK(flag);
  CHECK(number == 0.25);
  CHECK(name == "4x4");
}

TEST_CASE("options of the right type are read") {
  const EnvironmentOptions options{{"flag", false},
                                   {"rate", 0.5},
                                   {"whole", std::int64_t{1}},
                                   {"name", std::string("8x8")},
                                   {"rows", Rows{"SG"}},
                                   {"schedule", Numbers{7, -3, -1}}};
  bool flag = true;
  double rate = 0, whole = 0;
  std::string name;
  std::optional<Rows> rows;
  std::array<double, 3> schedule{};
  read_option(options, "flag", flag);
  read_option(options, "rate", rate);
  read_option(options, "whole", whole);  // an integer is a number too
  read_option(options, "name", name);
  read_option(options, "rows", rows);
  read_option(options, "schedule", schedule);
  CHECK_FALSE(flag);
  CHECK(rate == 0.5);
  CHECK(whole == 1.0);
  CHECK(name == "8x8");
  CHECK(rows == Rows{"SG"});
  CHECK(schedule == std::array<double, 3>{7, -3, -1});
}

TEST_CASE("an empty list may have been a list of strings") {
  std::optional<Rows> rows;
  read_option({{"rows", Numbers{}}}, "rows", rows);
  REQUIRE(rows);
  CHECK(rows->empty());
}

TEST_CASE("a wrong type is named with what was expected") {
  bool flag = true;
  double number = 0;
  std::string name;
  std::optional<Rows> rows;
  std::array<double, 3> schedule{};
  CHECK(error_message([&] {
          read_option({{"f", std::int64_t{1}}}, "f", flag);
        }) == "option 'f' is 1, an integer; expected true or false");
  CHECK(error_message([&] {
          read_option({{"n", std::string("x")}}, "n", number);
        }) == "option 'n' is \"x\", a string; expected a number");
  CHECK(error_message([&] {
          read_option({{"n", true}}, "n", number);
        }) == "option 'n' is true, a truth value; expected a number");
  CHECK(error_message([&] { read_option({{"s", 0.5}}, "s", name); }) == "option 's' is 0.5, a number; expected a string");
  CHECK(error_message([&] {
          read_option({{"d", std::string("SG")}}, "d", rows);
        }) == "option 'd' is \"SG\", a string; expected a list of strings");
  CHECK(error_message([&] {
          read_option({{"r", Numbers{1, 2}}}, "r", schedule);
        }) == "option 'r' is [1, 2], a list of numbers; expected a list of 3 numbers");
  CHECK(error_message([&] {
          read_option({{"r", Rows{"a", "b"}}}, "r", schedule);
        }) == "option 'r' is [\"a\", \"b\"], a list of strings; expected a list of 3 numbers");
}

}  // namespace handgrad
