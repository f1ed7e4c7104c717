#include "checkpoint_text.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "checksum.h"
#include "error.h"
#include "json_reader.h"

namespace handgrad {
namespace {

constexpr std::string_view kHead = "{\n  \"format\": \"handgrad checkpoint\",\n  \"version\": ";
constexpr std::string_view kTailBegin = ",\n  \"crc64\": \"";
constexpr std::string_view kTailEnd = "\"\n}\n";
constexpr std::size_t kTailBytes = kTailBegin.size() + 16 + kTailEnd.size();
constexpr std::string_view kNaN = "nan:";  ///< before the bits of one that is not the usual one

/// The shortest text that is read back as the same double, told from a whole number by its point or exponent.
std::string finite_text(double value) {
  std::array<char, 32> buffer;
  std::string digits(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr);
  if (digits.find_first_of(".e") == std::string::npos) digits += ".0";
  return digits;
}

/// "inf", "-inf", "nan", or "nan:" with the 64 bits of another NaN.
std::string special_text(double value) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto usual = std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN());
  return bits == usual ? "nan" : std::string(kNaN) + hexadecimal(bits);
}

double special_value(JsonReader& json, const std::string& word) {
  for (const double value : {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()}) {
    if (word == special_text(value)) return value;
  }
  const auto bits = word.starts_with(kNaN) ? from_hexadecimal(word.substr(kNaN.size())) : std::nullopt;
  const double value = std::bit_cast<double>(bits.value_or(0));
  if (!std::isnan(value) || special_text(value) != word) {
    json.problem("expected \"inf\", \"-inf\" or \"nan\", found " + json_quoted(word));
  }
  return value;
}

void append_value(std::string& out, const StateValue& value) {
  if (const auto* truth = std::get_if<bool>(&value)) {
    out += *truth ? "true" : "false";
  } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    out += std::to_string(*whole);
  } else if (const auto* number = std::get_if<double>(&value)) {
    // JSON has no such numbers, and a string would be taken for a string.
    out += std::isfinite(*number) ? finite_text(*number) : "{\"double\": \"" + special_text(*number) + "\"}";
  } else {
    append_json_string(out, std::get<std::string>(value));
  }
}

StateValue read_value(JsonReader& json) {
  switch (json.next()) {
    case '"': return json.string();
    case 't':
    case 'f': return json.boolean();
    case '{': {
      double value = 0;
      int members = 0;
      json.object([&](const std::string& key) {
        if (key != "double") json.problem("expected \"double\", found " + json_quoted(key));
        value = special_value(json, json.string());
        ++members;
      });
      if (members == 0) json.problem("expected \"double\", found nothing");
      return value;
    }
    default:
      if (json.whole_number_next()) return json.integer();
      return json.real();
  }
}

void append_lines(std::string& out, std::string_view text) {
  out += "[";
  for (bool first = true, more = true; more; first = false) {
    const std::size_t end = text.find('\n');
    more = end != std::string_view::npos;
    out += first ? "\n    " : ",\n    ";
    append_json_string(out, text.substr(0, end));
    text.remove_prefix(more ? end + 1 : text.size());
  }
  out += "\n  ]";
}

std::string read_lines(JsonReader& json) {
  std::string text;
  bool first = true;
  json.array([&] {
    if (!first) text += '\n';
    first = false;
    text += json.string();
  });
  return text;
}

void read_values(JsonReader& json, std::map<std::string, StateValue>& values) {
  json.object([&](const std::string& name) { values.emplace(name, read_value(json)); });
}

void read_arrays(JsonReader& json, CheckpointText& content) {
  int members = 0;
  json.object([&](const std::string& key) {
    ++members;
    if (key == "file") {
      // The only name there is: nothing in a file leads to another place.
      if (json.string() != "state.safetensors") json.problem("the arrays have to be in \"state.safetensors\"");
    } else if (key == "bytes") {
      content.arrays_bytes = json.natural();
    } else if (key == "crc64") {
      const auto checksum = from_hexadecimal(json.string());
      if (!checksum) json.problem("the checksum of the arrays is not 16 hexadecimal digits");
      content.arrays_checksum = *checksum;
    } else {
      json.problem("unknown key " + json_quoted(key) + " in \"arrays\"");
    }
  });
  if (members != 3) json.problem("\"arrays\" lacks one of file, bytes, crc64");
}

/// Throws Error unless the checksum at the end is that of what comes before, and the version is known.
void check_whole(std::string_view json) {
  require(json.starts_with(kHead), "it does not begin as a checkpoint of handgrad does");
  int version = 0;
  const char* const digits = json.data() + kHead.size();
  require(std::from_chars(digits, json.data() + json.size(), version).ec == std::errc(), "it does not tell its version");

  const std::size_t covered = json.size() < kTailBytes ? 0 : json.size() - kTailBytes;
  const std::string_view tail = json.substr(covered);
  const std::string checksum = hexadecimal(crc64(json.substr(0, covered)));
  const bool whole = tail == text(kTailBegin, checksum, kTailEnd);
  require(version == kCheckpointVersion, "it has version ", version, ", but handgrad ", HANDGRAD_VERSION, " reads version ",
          kCheckpointVersion,
          whole ? ": use the handgrad that wrote it, or a newer one" : ", and it is damaged or of quite another format");
  require(tail.size() == kTailBytes && tail.starts_with(kTailBegin) && tail.ends_with(kTailEnd),
          "it is damaged: it does not end with its checksum");
  require(whole, "it is damaged: its checksum is ", checksum, ", but it says ",
          json_quoted(tail.substr(kTailBegin.size(), checksum.size())));
}

}  // namespace

std::string format_checkpoint(const CheckpointText& content) {
  require(is_utf8(content.configuration), "the configuration of a checkpoint is not UTF-8");
  std::string out = text(kHead, kCheckpointVersion, ",\n  \"handgrad_version\": \"", HANDGRAD_VERSION, "\"");
  out += ",\n  \"configuration\": ";
  append_lines(out, content.configuration);
  out += ",\n  \"values\": {";
  bool first = true;
  for (const auto& [name, value] : content.values) {
    const auto* word = std::get_if<std::string>(&value);
    require(is_utf8(name) && (word == nullptr || is_utf8(*word)), "the value ", json_quoted(name), " is not UTF-8");
    out += first ? "\n    " : ",\n    ";
    first = false;
    append_json_string(out, name);
    out += ": ";
    append_value(out, value);
  }
  out += text(first ? "}" : "\n  }",
              ",\n  \"arrays\": {\n    \"file\": \"state.safetensors\",\n    \"bytes\": ", content.arrays_bytes,
              ",\n    \"crc64\": \"", hexadecimal(content.arrays_checksum), "\"\n  }");
  out += text(kTailBegin, hexadecimal(crc64(out)), kTailEnd);
  require(out.size() <= kLongestCheckpointText, "it would have ", out.size(), " bytes, more than the ", kLongestCheckpointText,
          " that are allowed: values are too many or too long");
  return out;
}

CheckpointText parse_checkpoint(std::string_view json_text) {
  check_whole(json_text);
  JsonReader json(json_text, "in its text");
  CheckpointText content;
  std::set<std::string> members;
  json.object([&](const std::string& key) {
    members.insert(key);
    if (key == "format" || key == "handgrad_version" || key == "crc64") {
      json.string();
    } else if (key == "version") {
      json.natural();
    } else if (key == "configuration") {
      content.configuration = read_lines(json);
    } else if (key == "values") {
      read_values(json, content.values);
    } else if (key == "arrays") {
      read_arrays(json, content);
    } else {
      json.problem("unknown key " + json_quoted(key));
    }
  });
  json.end();
  for (const char* key : {"configuration", "values", "arrays"}) require(members.contains(key), "it lacks \"", key, "\"");
  return content;
}

}  // namespace handgrad
