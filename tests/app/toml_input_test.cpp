#include "app/config/toml_input.h"

#include "app/config/toml_depth.h"
#include "app/usage_error.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

std::string complaint(const std::string& toml) {
  return error_message([&] { parse_toml(toml, "a.toml"); });
}

std::string repeated(const std::string& piece, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += piece;
  return result;
}

}  // namespace

// Once a file of 80 kB ended the program: the TOML library takes tables in tables apart by recursion.
TEST_CASE("A key of many names is refused before it becomes a tower of tables") {
  const std::string many = repeated("a.", 40'000);
  CHECK(complaint(many + "a = 1") == "a.toml:1: a key of more than 16 names with dots between them");
  CHECK(contains(complaint("x = 1\n[" + many + "a]\n"), "a.toml:2: a key of more than 16 names"));
  CHECK(contains(complaint("x = {" + many + "a = 1}"), "a key of more than"));
  CHECK(contains(complaint(repeated("\"/\" . ", 40'000) + "a = 1"), "a key of more than"));
  CHECK(contains(complaint("'''\n''' = 1\n" + many + "a = 1"), "a.toml:3"));
  CHECK(contains(error_message([&] { parse_set("x={" + many + "a = 1}"); }), "a key of more than"));
  CHECK(contains(complaint("x = " + repeated("[", 40'000)), "not valid TOML"));
  CHECK(contains(complaint("x = " + repeated("{x=", 40'000)), "not valid TOML"));
}

// The TOML library asserts that there is a name or a value here, and ended the program.
TEST_CASE("Malformed TOML is refused where the library expects better") {
  for (const char* toml :
       {"[=]", "[a]\n[.b]", "[[=]]", "x = [=]", "x = [}", "x = [1, =]", "x = [#", "[a\n", "{", "x = {=1}", "= 1"}) {
    CAPTURE(toml);
    CHECK(contains(complaint(toml), "not valid TOML"));
  }
  CHECK(contains(error_message([] { parse_set("x=[}"); }), "--set x=[}: the value is not valid TOML"));
}

// The TOML library took letters of some blocks of Unicode for unreachable, unless they were in a string.
TEST_CASE("Letters beyond ASCII are refused outside of strings, and kept in them") {
  for (const char* letter : {"\u00e9", "\u02d1", "\u0499", "\u2028", "\u3042", "\ufefe"}) {
    CAPTURE(letter);
    const std::string it = letter;
    CHECK(contains(complaint("x = " + it), "not valid TOML"));
    CHECK(contains(complaint(it + " = 1"), "not valid TOML"));
    CHECK(contains(complaint("x = [1" + it + "]"), "not valid TOML"));
    CHECK(parse_toml("x = \"a\\t" + it + "\" # " + it, "a.toml").at(0).value == SettingValue("a\t" + it));
    CHECK(parse_toml("x = \"\"\"a \\\n  " + it + "\"\"\"", "a.toml").at(0).value == SettingValue("a " + it));
  }
}

TEST_CASE("Dots that are no part of a key are no depth") {
  CHECK(too_deep_line(repeated("a.", 15) + "a = 1") == 0);
  CHECK(too_deep_line(repeated("a.", 16) + "a = 1") == 1);
  const std::string dots(100, '.');
  CHECK(too_deep_line("# " + dots + "\nx = 1 # " + dots) == 0);
  CHECK(too_deep_line("x = \"\\\"" + dots + "\"") == 0);
  CHECK(too_deep_line("x = '\\'\ny = '" + dots + "'") == 0);
  CHECK(too_deep_line("x = \"\"\"\n\"\" " + dots + " \\\"\"\"\" '\"\"\"\"\"\ny = 1") == 0);
  CHECK(too_deep_line("x = '''" + dots + "'''''\ny = 1") == 0);
  CHECK(too_deep_line("x = [" + repeated("0.5, ", 100) + "]") == 0);
  CHECK(too_deep_line(repeated("a.b = 0.5\n", 100)) == 0);
}

// Once "arm[1000000000]" in quotation marks asked for gigabytes, and "arm[x]" ended in an exception of the standard library.
TEST_CASE("A name in quotation marks brings no dots and brackets of its own") {
  CHECK(contains(complaint("\"arm[1000000000]\" = {label = 1}"), "a.toml:1: 'arm[1000000000]' is no name of a setting"));
  CHECK(contains(complaint("[env]\n\"a.b\" = 1"), "a.toml:2: 'a.b' is no name"));
  CHECK(contains(complaint("\"\" = 1"), "'' is no name"));
  CHECK(contains(complaint("\"" + std::string(200, 'a') + "\" = 1"), "is no name"));
  CHECK(parse_toml("\"map_name\" = 1", "a.toml").at(0).key == "map_name");
}

TEST_CASE("A file of a hundred thousand assignments is read as fast as it is long") {
  std::string toml = "[variants.a]\n";
  for (int i = 0; i < 100'000; ++i) toml += "k" + std::to_string(i) + " = 1\n";
  CHECK(parse_toml(toml, "a.toml").size() == 100'000);
}
