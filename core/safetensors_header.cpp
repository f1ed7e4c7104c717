#include "safetensors_header.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "checksum.h"
#include "error.h"
#include "json_reader.h"

namespace handgrad {
namespace {

constexpr std::size_t kMostDimensions = 64;  ///< of a shape; as NumPy 2
constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
constexpr std::string_view kMetadataKey = "__metadata__";
constexpr std::string_view kChecksumKey = "crc64";

void read_type(JsonReader& json, TensorEntry& entry) {
  const std::string name = json.string();
  entry.type = find_data_type(name);
  if (entry.type == nullptr) {
    json.problem("tensor " + json_quoted(entry.name) + " has the dtype " + json_quoted(name) + ", which is not known here");
  }
}

void read_shape(JsonReader& json, TensorEntry& entry) {
  json.array([&] {
    if (entry.shape.size() == kMostDimensions) {
      json.problem(text("the shape of ", json_quoted(entry.name), " has more than ", kMostDimensions, " dimensions"));
    }
    const std::uint64_t extent = json.natural();
    const std::optional<std::uint64_t> elements = checked_product(entry.elements, extent);
    if (extent > kLargest || !elements) {
      json.problem("the shape of " + json_quoted(entry.name) + " has more elements than can be counted");
    }
    entry.elements = *elements;
    entry.shape.push_back(static_cast<std::int64_t>(extent));
  });
}

void read_range(JsonReader& json, TensorEntry& entry) {
  std::uint64_t range[2] = {0, 0};
  std::size_t count = 0;
  json.array([&] {
    const std::uint64_t offset = json.natural();
    if (count < 2) range[count] = offset;
    ++count;
  });
  if (count != 2) json.problem(text("data_offsets of ", json_quoted(entry.name), " must be two numbers, found ", count));
  entry.begin = range[0];
  entry.end = range[1];
}

TensorEntry read_entry(JsonReader& json, const std::string& name) {
  if (name.empty()) json.problem("a tensor has an empty name");
  TensorEntry entry{.name = name, .type = nullptr, .shape = {}};
  int members = 0;
  json.object([&](const std::string& key) {
    ++members;
    if (key == "dtype") {
      read_type(json, entry);
    } else if (key == "shape") {
      read_shape(json, entry);
    } else if (key == "data_offsets") {
      read_range(json, entry);
    } else {
      json.problem("unknown key " + json_quoted(key) + " in tensor " + json_quoted(name));
    }
  });
  if (members != 3) json.problem("tensor " + json_quoted(name) + " lacks one of dtype, shape, data_offsets");
  return entry;
}

/// Trap: were a flipped bit in the key enough to make a file one without a checksum, its checksum would not cover the key.
bool is_damaged_checksum_key(std::string_view key, std::string_view value) {
  if (key.size() != kChecksumKey.size() || !from_hexadecimal(value)) return false;
  int same = 0;
  for (std::size_t i = 0; i < key.size(); ++i) same += key[i] == kChecksumKey[i] ? 1 : 0;
  return same >= 3;
}

void read_metadata(JsonReader& json, SafetensorsHeader& header) {
  json.object([&](const std::string& key) {
    std::string value = json.string();
    if (key == kChecksumKey) {
      header.checksum = from_hexadecimal(value);
      if (!header.checksum) json.problem("the checksum is not 16 hexadecimal digits but " + json_quoted(value));
      header.checksum_at = json.position() - 1 - value.size();
    } else if (is_damaged_checksum_key(key, value)) {
      json.problem("the metadata " + json_quoted(key) + " must once have been \"crc64\": the file is damaged");
    } else {
      header.metadata.emplace(key, std::move(value));
    }
  });
}

SafetensorsHeader parse(std::string_view json_text) {
  JsonReader json(json_text, "in the header");
  if (json_text.substr(0, 1) != "{") json.problem("the header must begin with {");
  SafetensorsHeader header;
  json.object([&](const std::string& key) {
    if (key == kMetadataKey) {
      read_metadata(json, header);
    } else {
      header.entries.push_back(read_entry(json, key));
    }
  });
  json.end();
  return header;
}

/// Checks that the ranges tile [0, data_bytes) and are as long as type and shape say.
void check_ranges(const std::vector<TensorEntry>& entries, std::uint64_t data_bytes) {
  std::uint64_t covered = 0;
  for (const std::size_t i : by_place(entries)) {
    const TensorEntry& entry = entries[i];
    const std::string who = text("tensor ", json_quoted(entry.name), " at data bytes ", entry.begin, " to ", entry.end, " ");
    require(entry.begin <= entry.end, who, "ends before it begins");
    require(entry.end <= data_bytes, who, "reaches beyond the file, which has ", data_bytes, " bytes of data");
    require(entry.begin >= covered, who, "overlaps the tensor before it, which ends at ", covered);
    require(entry.begin == covered, who, "leaves a gap after the tensor before it, which ends at ", covered);
    require(checked_product(entry.elements, entry.type->bytes) == entry.end - entry.begin, who, "has a shape of ",
            entry.elements, " elements of ", entry.type->bytes, " bytes, which is another size");
    covered = entry.end;
  }
  require(covered == data_bytes, "the tensors end at byte ", covered, " of the data, but the file has ", data_bytes,
          " bytes of it");
}

}  // namespace

std::optional<std::uint64_t> checked_product(std::uint64_t a, std::uint64_t b) {
  if (b != 0 && a > kLargest / b) return std::nullopt;
  return a * b;
}

std::vector<std::size_t> by_place(const std::vector<TensorEntry>& entries) {
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // By end too: a tensor without elements comes before the one that begins at the same byte.
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return std::pair(entries[i].begin, entries[i].end); });
  return order;
}

SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_bytes) {
  SafetensorsHeader header = parse(json);
  check_ranges(header.entries, data_bytes);
  return header;
}

std::string format_safetensors_header(SafetensorsHeader& header) {
  std::string json = text("{\"", kMetadataKey, "\":{\"", kChecksumKey, "\":\"");
  header.checksum_at = json.size();
  json.append(kNoChecksum).append("\"");
  for (const auto& [name, value] : header.metadata) {
    json += ',';
    append_json_string(json, name);
    json += ':';
    append_json_string(json, value);
  }
  json += '}';
  for (const TensorEntry& entry : header.entries) {
    json += ',';
    append_json_string(json, entry.name);
    json += text(":{\"dtype\":\"", entry.type->name, "\",\"shape\":[");
    for (std::size_t k = 0; k < entry.shape.size(); ++k) json += (k == 0 ? "" : ",") + std::to_string(entry.shape[k]);
    json += text("],\"data_offsets\":[", entry.begin, ",", entry.end, "]}");
  }
  json += '}';
  json.resize((json.size() + 7) / 8 * 8, ' ');
  require(json.size() <= kLongestSafetensorsHeader, "its header would have ", json.size(), " bytes, more than the ",
          kLongestSafetensorsHeader, " that readers accept; use fewer or shorter names");
  return json;
}

}  // namespace handgrad
