#include "core/json_reader.h"

#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

std::string read_string(std::string_view json) {
  JsonReader reader(json, "test");
  const std::string value = reader.string();
  reader.end();
  return value;
}

std::uint64_t read_natural(std::string_view json) {
  JsonReader reader(json, "test");
  const std::uint64_t value = reader.natural();
  reader.end();
  return value;
}

std::vector<std::uint64_t> read_array(std::string_view json) {
  JsonReader reader(json, "test");
  std::vector<std::uint64_t> values;
  reader.array([&] { values.push_back(reader.natural()); });
  reader.end();
  return values;
}

std::map<std::string, std::uint64_t> read_object(std::string_view json) {
  JsonReader reader(json, "test");
  std::map<std::string, std::uint64_t> members;
  reader.object([&](const std::string& key) { members[key] = reader.natural(); });
  reader.end();
  return members;
}

std::string quoted(std::string_view value) {
  std::string out;
  append_json_string(out, value);
  return out;
}

}  // namespace

TEST_CASE("JSON strings are read with every escape", "[json_reader]") {
  CHECK(read_string(R"("plain")") == "plain");
  CHECK(read_string(R"("")").empty());
  CHECK(read_string(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(read_string(R"("\u0041\u00e9\u20AC")") == "A\xC3\xA9\xE2\x82\xAC");
  CHECK(read_string("\"\\u0000\"") == std::string(1, '\0'));
  CHECK(read_string("\"\xC3\xA9\xF0\x9F\x98\x80\"") == "\xC3\xA9\xF0\x9F\x98\x80");
}

TEST_CASE("two surrogate escapes are one character beyond U+FFFF", "[json_reader]") {
  CHECK(read_string(R"("\ud83d\ude00")") == "\xF0\x9F\x98\x80");
  CHECK(read_string(R"("\uDBFF\uDFFF")") == "\xF4\x8F\xBF\xBF");
  for (const char* lone :
       {R"("\ud83d")", R"("\ud83dx")", R"("\ud83d\n")", R"("\ud83d\u0041")", R"("\ude00")", R"("\ud83d\ud83d")"}) {
    CAPTURE(lone);
    CHECK(contains(error_message([&] { read_string(lone); }), "surrogate"));
  }
}

TEST_CASE("malformed JSON strings are errors that say what is wrong", "[json_reader]") {
  CHECK(contains(error_message([] { read_string("\"open"); }), "test, byte 5: a string has no closing quotation mark"));
  CHECK(contains(error_message([] { read_string("\"\\"); }), "unknown escape"));
  CHECK(contains(error_message([] { read_string(R"("\x41")"); }), "unknown escape"));
  CHECK(contains(error_message([] { read_string(R"("\u00g0")"); }), "four hexadecimal digits"));
  CHECK(contains(error_message([] { read_string("\"\\u12"); }), "four hexadecimal digits"));
  CHECK(contains(error_message([] { read_string("\"a\nb\""); }), "control character"));
  CHECK(contains(error_message([] { read_string("unquoted"); }), "byte 0: expected \", found u"));
  CHECK(contains(error_message([] { read_string(""); }), "found the end"));
  CHECK(contains(error_message([] { read_string("\"a\" b"); }), "expected nothing more, found b"));
}

TEST_CASE("bytes that are not UTF-8 are rejected", "[json_reader]") {
  for (const char* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82",
                          "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_utf8(bad));
    CHECK(contains(error_message([&] { read_string("\"" + std::string(bad) + "\""); }), "not valid UTF-8"));
  }
  CHECK(is_utf8("\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"));
}

TEST_CASE("JSON numbers are whole, not negative and fit 64 bits", "[json_reader]") {
  CHECK(read_natural("0") == 0);
  CHECK(read_natural(" \t\r\n7 ") == 7);
  CHECK(read_natural("18446744073709551615") == 18446744073709551615u);
  CHECK(contains(error_message([] { read_natural("18446744073709551616"); }), "does not fit 64 bits"));
  CHECK(contains(error_message([] { read_natural("99999999999999999999999"); }), "does not fit 64 bits"));
  CHECK(contains(error_message([] { read_natural("-1"); }), "expected a whole number >= 0, found -"));
  CHECK(contains(error_message([] { read_natural("01"); }), "must not begin with 0"));
  CHECK(contains(error_message([] { read_natural("00"); }), "must not begin with 0"));
  CHECK(contains(error_message([] { read_natural("1.0"); }), "without fraction"));
  CHECK(contains(error_message([] { read_natural("1e3"); }), "without fraction and exponent"));
  CHECK(contains(error_message([] { read_natural("0x10"); }), "expected nothing more, found x"));
  CHECK(contains(error_message([] { read_natural("\"1\""); }), "found \""));
  CHECK(contains(error_message([] { read_natural("\x01"); }), "found a byte of value 1"));
}

TEST_CASE("whole JSON numbers may be negative and fit an int64", "[json_reader]") {
  const auto integer = [](std::string_view json) {
    JsonReader reader(json, "test");
    const std::int64_t value = reader.integer();
    reader.end();
    return value;
  };
  CHECK(integer(" -7 ") == -7);
  CHECK(integer("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  CHECK(integer("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
  CHECK(contains(error_message([&] { integer("9223372036854775808"); }), "does not fit 64 bits"));
  CHECK(contains(error_message([&] { integer("-9223372036854775809"); }), "does not fit 64 bits"));
  CHECK(contains(error_message([&] { integer("5.0"); }), "expected a whole number without fraction and exponent"));
  CHECK(contains(error_message([&] { integer("-01"); }), "must not begin with 0"));
  CHECK(contains(error_message([&] { integer("+1"); }), "expected a number, found +"));
  CHECK(contains(error_message([&] { integer("-"); }), "expected a number"));
}

TEST_CASE("JSON numbers are read as the nearest double, and strictly", "[json_reader]") {
  const auto real = [](std::string_view json) {
    JsonReader reader(json, "test");
    const double value = reader.real();
    reader.end();
    return value;
  };
  CHECK(real("0.1") == 0.1);
  CHECK(real("-2.5E+3") == -2500.0);
  CHECK(real("5e-324") == 5e-324);
  CHECK(real("1.7976931348623157e308") == std::numeric_limits<double>::max());
  CHECK(std::signbit(real("-0.0")));
  CHECK(real("7") == 7.0);
  for (const char* bad :
       {"1.", ".5", "-.5", "1e", "1e+", "01.5", "nan", "inf", "Infinity", "0x1p3", "--1", "1.5.2", "1 2", ""}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(real(bad), Error);
  }
  CHECK(contains(error_message([&] { real("1e999"); }), "too large or too small for a double"));
}

TEST_CASE("what comes next in JSON can be told beforehand", "[json_reader]") {
  const auto whole = [](std::string_view json) { return JsonReader(json, "test").whole_number_next(); };
  CHECK(whole("-12"));
  CHECK_FALSE(whole("12.0"));
  CHECK_FALSE(whole("12e0"));
  CHECK(JsonReader(" \n {}", "test").next() == '{');
  CHECK(JsonReader("  ", "test").next() == '\0');
}

TEST_CASE("JSON's words for truth are true and false", "[json_reader]") {
  const auto boolean = [](std::string_view json) {
    JsonReader reader(json, "test");
    const bool value = reader.boolean();
    reader.end();
    return value;
  };
  CHECK(boolean(" true"));
  CHECK_FALSE(boolean("false "));
  CHECK(contains(error_message([&] { boolean("True"); }), "expected true or false, found T"));
  CHECK(contains(error_message([&] { boolean("truely"); }), "expected nothing more, found l"));
  CHECK(contains(error_message([&] { boolean("1"); }), "expected true or false, found 1"));
}

TEST_CASE("JSON arrays and objects are read without trailing commas and duplicate keys", "[json_reader]") {
  CHECK(read_array("[ ]").empty());
  CHECK(read_array("[1 , 2,3]") == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(contains(error_message([] { read_array("[1,]"); }), "found ]"));
  CHECK(contains(error_message([] { read_array("[1 2]"); }), "expected ], found 2"));
  CHECK(contains(error_message([] { read_array("[1"); }), "expected ], found the end"));

  CHECK(read_object("{}").empty());
  CHECK(read_object(R"({"a" : 1, "b":2})") == std::map<std::string, std::uint64_t>{{"a", 1}, {"b", 2}});
  CHECK(contains(error_message([] { read_object(R"({"a":1,})"); }), "found }"));
  CHECK(contains(error_message([] { read_object(R"({"a":1,"\u0061":2})"); }), "the key \"a\" appears twice"));
  CHECK(contains(error_message([] { read_object(R"({"a" 1})"); }), "expected :, found 1"));
  CHECK(contains(error_message([] { read_object(R"({a:1})"); }), "expected \", found a"));
}

TEST_CASE("any string survives being written as JSON and read back", "[json_reader]") {
  std::string all = "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  CHECK(read_string(quoted(all)) == all);
  CHECK(quoted("a\"b\\c\n") == R"("a\"b\\c\u000a")");
}

TEST_CASE("a name in a message is one short line", "[json_reader]") {
  CHECK(json_quoted("0.weight\n") == R"("0.weight\u000a")");
  CHECK(json_quoted(std::string(1000, 'x')) == "\"" + std::string(80, 'x') + "\"...");
  const std::string cut_in_a_character = std::string(79, 'x') + "\xE2\x82\xAC tail";
  CHECK(json_quoted(cut_in_a_character) == "\"" + std::string(79, 'x') + "\"...");
}
