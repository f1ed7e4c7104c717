#include "app/format.h"

#include <cmath>
#include <limits>

#include "app/usage_error.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;
using namespace handgrad::app;

TEST_CASE("numbers are written with as many digits as bring them back") {
  CHECK(exact(0.1) == "0.1");
  CHECK(exact(500) == "500");
  CHECK(std::stod(exact(1.0 / 3)) == 1.0 / 3);
  CHECK(exact(HUGE_VAL) == "inf");
  CHECK(exact(std::nan("")) == "nan");
}

TEST_CASE("hex floats are those of Python's float.hex") {
  CHECK(hex_float(1) == "0x1.0000000000000p+0");
  CHECK(hex_float(-0.1) == "-0x1.999999999999ap-4");
  CHECK(hex_float(0) == "0x0.0p+0");
  CHECK(hex_float(-0.0) == "-0x0.0p+0");
  CHECK(hex_float(std::numeric_limits<double>::denorm_min()) == "0x0.0000000000001p-1022");
  CHECK(hex_float(-3 * std::numeric_limits<double>::denorm_min()) == "-0x0.0000000000003p-1022");
  CHECK(hex_float(-HUGE_VAL) == "-inf");
}

TEST_CASE("figures for eyes") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(-1234567) == "-1,234,567");
  CHECK(clock_time(7) == "0:07");
  CHECK(clock_time(3723) == "1:02:03");
  CHECK(clock_time(HUGE_VAL) == "-");
  CHECK(fixed(2.345, 1) == "2.3");
}

TEST_CASE("a column is a code point") {
  CHECK(display_width("µs") == 2);
  CHECK(display_width("θ⁻ = θ") == 6);
}

TEST_CASE("a shell reads a word back as it was") {
  CHECK(shell_word("runs/cartpole-seed1") == "runs/cartpole-seed1");
  CHECK(shell_word("my runs/it's $HOME") == "'my runs/it'\\''s $HOME'");
  CHECK(shell_word("~/runs") == "'~/runs'");
  CHECK(shell_word("") == "''");
}

TEST_CASE("seeds are 0 to 2^63 - 1") {
  CHECK(parse_seed("0") == 0);
  CHECK(parse_seed("9223372036854775807") == 9223372036854775807ULL);
  for (const char* wrong : {"-1", "", "1.5", "1e3", "seven", "9223372036854775808", "99999999999999999999999", " 1"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_seed(wrong), UsageError);
  }
}
