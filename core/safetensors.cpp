#include "safetensors.h"

#include <algorithm>
#include <bit>
#include <fstream>
#include <limits>
#include <new>
#include <optional>
#include <set>
#include <string_view>

#include "atomic_file.h"
#include "data_type.h"
#include "error.h"
#include "json_reader.h"
#include "suggest.h"

namespace handgrad {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kLongestHeader = 100'000'000;  ///< bytes; the limit of the reference implementation
constexpr std::size_t kMostDimensions = 64;            ///< of a shape; as NumPy 2
constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
constexpr std::string_view kMetadataKey = "__metadata__";

/// What the header says of one tensor. [begin, end) in bytes from the end of the header.
struct Entry {
  std::string name;
  const DataType* type = nullptr;
  std::vector<std::int64_t> shape;
  std::uint64_t elements = 1;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct Header {
  std::map<std::string, std::string> metadata;
  std::vector<Entry> entries;
};

/// a · b, or nothing if that exceeds what an int64 holds.
bool multiply(std::uint64_t a, std::uint64_t b, std::uint64_t& product) {
  if (b != 0 && a > kLargest / b) return false;
  product = a * b;
  return true;
}

void read_type(JsonReader& json, Entry& entry) {
  const std::string name = json.string();
  entry.type = find_data_type(name);
  if (entry.type == nullptr) {
    json.problem("tensor " + json_quoted(entry.name) + " has the dtype " + json_quoted(name) +
                 ", which is not supported; expected F32, F64, F16 or BF16");
  }
}

void read_shape(JsonReader& json, Entry& entry) {
  json.array([&] {
    if (entry.shape.size() == kMostDimensions) {
      json.problem(text("the shape of ", json_quoted(entry.name), " has more than ", kMostDimensions, " dimensions"));
    }
    const std::uint64_t extent = json.natural();
    if (extent > kLargest || !multiply(entry.elements, extent, entry.elements)) {
      json.problem("the shape of " + json_quoted(entry.name) + " has more elements than can be counted");
    }
    entry.shape.push_back(static_cast<std::int64_t>(extent));
  });
}

void read_range(JsonReader& json, Entry& entry) {
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

Entry read_entry(JsonReader& json, const std::string& name) {
  if (name.empty()) json.problem("a tensor has an empty name");
  Entry entry{.name = name, .type = nullptr, .shape = {}};
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

Header parse_header(std::string_view json_text) {
  JsonReader json(json_text, "in the header");
  if (json_text.substr(0, 1) != "{") json.problem("the header must begin with {");
  Header header;
  json.object([&](const std::string& key) {
    if (key == kMetadataKey) {
      json.object([&](const std::string& name) { header.metadata.emplace(name, json.string()); });
    } else {
      header.entries.push_back(read_entry(json, key));
    }
  });
  json.end();
  return header;
}

/// Sorts by place and checks that the ranges tile [0, data_bytes) and are as long as type and shape say.
void check_ranges(std::vector<Entry>& entries, std::uint64_t data_bytes) {
  // By end too: a tensor without elements comes before the one that begins at the same byte.
  std::ranges::stable_sort(
      entries, [](const Entry& a, const Entry& b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; });
  std::uint64_t covered = 0;
  for (const Entry& entry : entries) {
    const std::string who = text("tensor ", json_quoted(entry.name), " at data bytes ", entry.begin, " to ", entry.end, " ");
    require(entry.begin <= entry.end, who, "ends before it begins");
    require(entry.end <= data_bytes, who, "reaches beyond the file, which has ", data_bytes, " bytes of data");
    require(entry.begin >= covered, who, "overlaps the tensor before it, which ends at ", covered);
    require(entry.begin == covered, who, "leaves a gap after the tensor before it, which ends at ", covered);
    std::uint64_t bytes = 0;
    require(multiply(entry.elements, entry.type->bytes, bytes) && bytes == entry.end - entry.begin, who, "has a shape of ",
            entry.elements, " elements of ", entry.type->bytes, " bytes, which is another size");
    covered = entry.end;
  }
  require(covered == data_bytes, "the tensors end at byte ", covered, " of the data, but the file has ", data_bytes,
          " bytes of it");
}

void read_exactly(std::istream& in, char* to, std::uint64_t bytes) {
  in.read(to, static_cast<std::streamsize>(bytes));
  require(static_cast<std::uint64_t>(in.gcount()) == bytes,
          "reading stopped early; the file is being changed or the device fails");
}

Tensor read_tensor(std::istream& in, const Entry& entry) {
  constexpr std::uint64_t kBlockElements = 8192;
  const bool in_double = entry.type->name == "F64";
  Tensor tensor{entry.name, entry.shape, {}};
  tensor.values.reserve(entry.elements);
  if (in_double) tensor.doubles.reserve(entry.elements);
  std::vector<char> block(std::min(entry.elements, kBlockElements) * entry.type->bytes);
  for (std::uint64_t left = entry.elements; left > 0;) {
    const std::uint64_t count = std::min(left, kBlockElements);
    read_exactly(in, block.data(), count * entry.type->bytes);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::optional<float> value = entry.type->convert(&block[i * entry.type->bytes]);
      // An infinity instead would become a NaN somewhere else, much later.
      require(value.has_value(), "tensor ", json_quoted(entry.name), " has a value too large for float32");
      tensor.values.push_back(*value);
      if (in_double) {
        tensor.doubles.push_back(std::bit_cast<double>(load_little_endian<std::uint64_t>(&block[i * entry.type->bytes])));
      }
    }
    left -= count;
  }
  return tensor;
}

TensorFile read_content(std::istream& in, std::uint64_t file_bytes) {
  require(file_bytes >= kLengthBytes, "it has ", file_bytes, " bytes, too few for the 8 bytes of the header's length");
  char length_bytes[kLengthBytes];
  read_exactly(in, length_bytes, kLengthBytes);
  const auto header_bytes = load_little_endian<std::uint64_t>(length_bytes);
  require(header_bytes <= kLongestHeader, "its header should have ", header_bytes, " bytes, more than the ", kLongestHeader,
          " that are allowed");
  require(header_bytes <= file_bytes - kLengthBytes, "its header should have ", header_bytes, " bytes, but only ",
          file_bytes - kLengthBytes, " follow");
  std::string json_text(header_bytes, '\0');
  read_exactly(in, json_text.data(), header_bytes);

  Header header = parse_header(json_text);
  check_ranges(header.entries, file_bytes - kLengthBytes - header_bytes);
  TensorFile content{std::move(header.metadata), {}};
  for (const Entry& entry : header.entries) content.tensors.push_back(read_tensor(in, entry));
  return content;
}

/// Throws Error for what no reader could make sense of.
void check_writable(const TensorFile& content) {
  for (const auto& [key, value] : content.metadata) {
    require(is_utf8(key) && is_utf8(value), "the metadata ", json_quoted(key), " is not UTF-8");
  }
  std::set<std::string_view> names;
  for (const Tensor& tensor : content.tensors) {
    const std::string who = "tensor " + json_quoted(tensor.name);
    require(!tensor.name.empty() && tensor.name != kMetadataKey, who, " needs another name: this one is empty or reserved");
    require(is_utf8(tensor.name), who, " has a name that is not UTF-8");
    require(names.insert(tensor.name).second, "two tensors are called ", json_quoted(tensor.name));
    std::uint64_t elements = 1;
    for (const std::int64_t extent : tensor.shape) {
      const bool possible = extent >= 0 && multiply(elements, static_cast<std::uint64_t>(extent), elements);
      require(possible, who, " has an impossible shape");
    }
    const bool only_doubles = tensor.values.empty() && !tensor.doubles.empty();
    const std::size_t values = only_doubles ? tensor.doubles.size() : tensor.values.size();
    require(elements == values, who, " has ", values, " values, but its shape says ", elements);
    require(tensor.doubles.empty() || elements == tensor.doubles.size(), who, " has ", tensor.doubles.size(),
            " values in double, but its shape says ", elements);
  }
}

std::string format_header(const TensorFile& content) {
  std::string json = "{";
  const auto key = [&](std::string_view name) {
    if (json.back() != '{') json += ',';
    append_json_string(json, name);
    json += ':';
  };
  if (!content.metadata.empty()) {
    key(kMetadataKey);
    json += '{';
    for (const auto& [name, value] : content.metadata) {
      key(name);
      append_json_string(json, value);
    }
    json += '}';
  }
  std::uint64_t begin = 0;
  for (const Tensor& tensor : content.tensors) {
    key(tensor.name);
    const bool in_double = !tensor.doubles.empty();
    json += in_double ? "{\"dtype\":\"F64\",\"shape\":[" : "{\"dtype\":\"F32\",\"shape\":[";
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) json += (i == 0 ? "" : ",") + std::to_string(tensor.shape[i]);
    const std::uint64_t end =
        begin + (in_double ? sizeof(double) * tensor.doubles.size() : sizeof(float) * tensor.values.size());
    json += text("],\"data_offsets\":[", begin, ",", end, "]}");
    begin = end;
  }
  json += '}';
  // The data begin at a multiple of 8, so that a program may map the file and point into it.
  json.resize((json.size() + 7) / 8 * 8, ' ');
  require(json.size() <= kLongestHeader, "its header would have ", json.size(), " bytes, more than the ", kLongestHeader,
          " that readers accept; use fewer or shorter names");
  return json;
}

}  // namespace

std::vector<double> Tensor::as_doubles() const {
  return doubles.empty() ? std::vector<double>(values.begin(), values.end()) : doubles;
}

const Tensor& TensorFile::at(const std::string& name) const {
  constexpr std::size_t kNamesShown = 20;
  std::vector<std::string> names;
  for (const Tensor& tensor : tensors) {
    if (tensor.name == name) return tensor;
    names.push_back(tensor.name);
  }
  std::string list;
  for (std::size_t i = 0; i < std::min(names.size(), kNamesShown); ++i) list += (i == 0 ? "" : ", ") + json_quoted(names[i]);
  if (names.size() > kNamesShown) list += text(" and ", names.size() - kNamesShown, " more");
  fail("no tensor is called ", json_quoted(name), "; there ", names.size() == 1 ? "is " : "are ",
       names.empty() ? "none" : list, ".", did_you_mean(name, names));
}

TensorFile read_safetensors(const fs::path& path) {
  std::error_code problem;
  const fs::file_status status = fs::status(path, problem);
  require(fs::exists(status), "cannot read '", path.string(), "': ", problem ? problem.message() : "there is no such file",
          "; check the path");
  require(fs::is_regular_file(status), "cannot read '", path.string(), "': it is not a file but a folder or device; ",
          "give the path of a .safetensors file");
  const std::uintmax_t bytes = fs::file_size(path, problem);
  std::ifstream in(path, std::ios::binary);
  require(!problem && in.is_open(), "cannot read '", path.string(), "': it cannot be opened; check your rights to it");
  try {
    return read_content(in, bytes);
  } catch (const Error& error) {
    fail("cannot read '", path.string(), "' as a safetensors file: ", error.what(),
         ". Take another copy of the file, or write it anew with float32 values");
  } catch (const std::bad_alloc&) {
    fail("cannot read '", path.string(), "': its ", bytes, " bytes do not fit into memory; use a machine with more of it");
  }
}

void write_safetensors(const fs::path& path, const TensorFile& content) {
  std::string bytes;
  try {
    check_writable(content);
    const std::string header = format_header(content);
    append_little_endian(bytes, static_cast<std::uint64_t>(header.size()));
    bytes += header;
  } catch (const Error& error) {
    fail("cannot write '", path.string(), "': ", error.what());
  }
  for (const Tensor& tensor : content.tensors) {
    for (const double value : tensor.doubles) append_little_endian(bytes, std::bit_cast<std::uint64_t>(value));
    if (!tensor.doubles.empty()) continue;
    for (const float value : tensor.values) append_little_endian(bytes, std::bit_cast<std::uint32_t>(value));
  }
  write_file_atomically(path, bytes);
}

}  // namespace handgrad
