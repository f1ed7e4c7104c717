#include "core/error.h"

#include "core/utf8.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

TEST_CASE("A message is a line, whatever a file held that it quotes") {
  CHECK(one_line("plain, and é 😀") == "plain, and é 😀");
  CHECK(one_line("two\nlines,\ta tab\r") == "two lines, a tab ");
  CHECK(error_message([] { fail("a file says '\x1b[2J\x07'"); }) == "a file says '\\x1b[2J\\x07'");
  CHECK(one_line("\x7f") == "\\x7f");
  CHECK(one_line("\xc2\x9b\x32J") == "\\xc2\\x9b2J");  // U+009B begins what a terminal obeys, as ESC [ does
  CHECK(one_line("\xc2\xa0") == "\xc2\xa0");
  CHECK(one_line("\xff\xe9x") == "\\xff\\xe9x");
  CHECK(one_line(std::string(1, '\0')) == "\\x00");
}

TEST_CASE("What is too long for a message loses its middle, and no half of a character is left") {
  std::string words;
  for (int i = 0; i < 3000; ++i) words += "é";
  for (const std::string begin : {"a", "ab"}) {
    const std::string line = one_line(begin + words + "end");
    CHECK(line.size() <= 1505);
    CHECK(is_utf8(line));
    CHECK(line.starts_with(begin + "é"));
    CHECK(line.ends_with("éend"));
    CHECK(contains(line, "é ... é"));
    CHECK(one_line(line) == line);
  }
  CHECK(one_line(std::string(5000, '\x01')).size() <= 1505);
  const std::string just_right(1505, 'x');
  CHECK(one_line(just_right) == just_right);
  CHECK(one_line(just_right + "x").size() == 1505);
}
