#include "core/checkpoint_text.h"

#include "core/checksum.h"
#include "tests/support/catch.h"
#include "tests/support/checkpoints.h"
#include "tests/support/damage.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

CheckpointText small_text() {
  Checkpoint checkpoint = test::small_checkpoint(7);
  return {checkpoint.configuration, checkpoint.state.values, 1234, 0x995DC9BBDF1939FA};
}

/// With its checksum put right after something was replaced: what somebody writes who means it.
std::string replaced(std::string json, std::string_view what, std::string_view by) {
  const std::size_t at = json.find(what);
  REQUIRE(at != std::string::npos);
  json.replace(at, what.size(), by);
  const std::size_t tail = json.rfind(",\n  \"crc64\": \"");
  return json.replace(tail + 14, 16, hexadecimal(crc64(json.substr(0, tail))));
}

std::string refusal(const std::string& json) {
  return error_message([&] { parse_checkpoint(json); });
}

}  // namespace

TEST_CASE("the text of a checkpoint gives back every bit of every value", "[checkpoint]") {
  const CheckpointText content = small_text(), read = parse_checkpoint(format_checkpoint(content));
  CHECK(read.configuration == content.configuration);
  CHECK(State{read.values, {}} == State{content.values, {}});
  CHECK(read.arrays_bytes == content.arrays_bytes);
  CHECK(read.arrays_checksum == content.arrays_checksum);

  for (const char* configuration : {"", "\n", "one line", "a\n\nb", "ends\n"}) {
    CHECK(parse_checkpoint(format_checkpoint({configuration, {}, 0, 0})).configuration == configuration);
  }
}

TEST_CASE("the text of a checkpoint has one value a line and its checksum at the end", "[checkpoint]") {
  const std::string json =
      format_checkpoint({"a = 1\nb = 2", {{"x", 5.0}, {"n", std::int64_t{-3}}, {"w", std::string("é")}}, 9, 1});
  const std::size_t tail = json.rfind(",\n  \"crc64\"");
  CHECK(json.substr(0, tail) == std::string(R"({
  "format": "handgrad checkpoint",
  "version": 1,
  "handgrad_version": ")") + HANDGRAD_VERSION +
                                    R"(",
  "configuration": [
    "a = 1",
    "b = 2"
  ],
  "values": {
    "n": -3,
    "w": "é",
    "x": 5.0
  },
  "arrays": {
    "file": "state.safetensors",
    "bytes": 9,
    "crc64": "0000000000000001"
  })");
  CHECK(json.substr(tail) == ",\n  \"crc64\": \"" + hexadecimal(crc64(json.substr(0, tail))) + "\"\n}\n");
}

TEST_CASE("no accident lets the text of a checkpoint be read as another", "[checkpoint]") {
  const std::string whole = format_checkpoint(small_text());
  for (const std::string& json : test::damaged(whole)) REQUIRE_THROWS_AS(parse_checkpoint(json), Error);
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string json = whole;
    json[bit / 8] ^= static_cast<char>(1 << bit % 8);
    REQUIRE_THROWS_AS(parse_checkpoint(json), Error);
  }
  CHECK_THROWS_AS(parse_checkpoint(whole + "\n"), Error);
}

TEST_CASE("a checkpoint from the future is told from a damaged one, with what to do", "[checkpoint]") {
  const std::string json = format_checkpoint(small_text());
  CHECK(contains(refusal(replaced(json, "\"version\": 1", "\"version\": 2")),
                 std::string("it has version 2, but handgrad ") + HANDGRAD_VERSION +
                     " reads version 1: use the handgrad that wrote it, or a newer one"));
  std::string damaged = json;
  damaged[damaged.find("\"version\": 1") + 11] = '3';
  CHECK(contains(refusal(damaged), "it has version 3"));
  CHECK(contains(refusal(damaged), "and it is damaged"));
  damaged = json;
  damaged[damaged.find("five")] ^= 1;
  CHECK(contains(refusal(damaged), "it is damaged: its checksum is "));
  CHECK(contains(refusal(json.substr(0, json.size() - 1)), "it is damaged: it does not end with its checksum"));
  CHECK(contains(refusal(""), "it does not begin as a checkpoint"));
  CHECK(contains(refusal("{}"), "it does not begin as a checkpoint"));
}

TEST_CASE("text of a checkpoint that somebody has written by hand is checked too", "[checkpoint]") {
  const std::string json = format_checkpoint(small_text());
  CHECK(std::get<double>(parse_checkpoint(replaced(json, "5.0", "6.5")).values.at("d.five")) == 6.5);
  CHECK(contains(refusal(replaced(json, "state.safetensors", "../../etc/passwd")), "have to be in \"state.safetensors\""));
  CHECK(contains(refusal(replaced(json, "\"values\"", "\"valves\"")), "unknown key \"valves\""));
  CHECK(contains(refusal(replaced(json, "\"bytes\": 1234,", "")), "\"arrays\" lacks one of file, bytes, crc64"));
  CHECK(contains(refusal(replaced(json, "\"nan\"}", "\"man\"}")), "expected \"inf\", \"-inf\" or \"nan\", found \"man\""));
  CHECK(contains(refusal(replaced(json, "{\"double\": \"nan\"}", "{}")), "expected \"double\", found nothing"));
  CHECK(contains(refusal(replaced(json, "{\"double\": \"nan\"}", "{\"double\": \"nan:7ff8000000000000\"}")),
                 "expected \"inf\""));
  CHECK(contains(refusal(replaced(json, "{\"double\": \"nan\"}", "{\"double\": \"nan:3ff0000000000000\"}")),
                 "expected \"inf\""));
  CHECK(contains(refusal(replaced(json, "true", "null")), "expected a number, found n"));
  CHECK(contains(refusal(replaced(json, "5.0", "1e999")), "too large or too small"));
  CHECK(contains(refusal(replaced(json, "\"d.five\"", "\"d.tenth\"")), "appears twice"));
}

TEST_CASE("text that is not UTF-8 is not written to a checkpoint", "[checkpoint]") {
  CHECK(contains(error_message([] {
                   format_checkpoint({"\xFF", {}, 0, 0});
                 }),
                 "the configuration of a checkpoint is not UTF-8"));
  CHECK(contains(error_message([] { format_checkpoint({"", {{"x", std::string("\xC0")}}, 0, 0}); }), "\"x\" is not UTF-8"));
  CHECK(contains(error_message([] { format_checkpoint({"", {{"\xC0", true}}, 0, 0}); }), "is not UTF-8"));
}
