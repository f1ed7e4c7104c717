#include "safetensors_file.h"

#include <algorithm>
#include <functional>
#include <new>
#include <numeric>
#include <set>

#include "atomic_file.h"
#include "checksum.h"
#include "descriptor.h"
#include "error.h"
#include "json_reader.h"
#include "safetensors_header.h"

namespace handgrad {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kLengthBytes = 8;

RawTensorFile read_content(const ReadableFile& in) {
  require(in.bytes >= kLengthBytes, "it has ", in.bytes, " bytes, too few for the 8 bytes of the header's length");
  char length_bytes[kLengthBytes];
  read_exactly(in.file, length_bytes);
  const auto header_bytes = load_little_endian<std::uint64_t>(length_bytes);
  require(header_bytes <= kLongestSafetensorsHeader, "its header should have ", header_bytes, " bytes, more than the ",
          kLongestSafetensorsHeader, " that are allowed");
  require(header_bytes <= in.bytes - kLengthBytes, "its header should have ", header_bytes, " bytes, but only ",
          in.bytes - kLengthBytes, " follow");
  std::string json_text(header_bytes, '\0');
  read_exactly(in.file, json_text);
  SafetensorsHeader header = parse_safetensors_header(json_text, in.bytes - kLengthBytes - header_bytes);

  Crc64 sum;
  sum.add(length_bytes);
  if (header.checksum) json_text.replace(header.checksum_at, kNoChecksum.size(), kNoChecksum);
  sum.add(json_text);
  RawTensorFile content{std::move(header.metadata), std::vector<RawTensor>(header.entries.size()), header.checksum};
  for (const std::size_t i : by_place(header.entries)) {
    TensorEntry& entry = header.entries[i];
    RawTensor& tensor = content.tensors[i];
    tensor = {std::move(entry.name), std::string(entry.type->name), std::move(entry.shape), {}};
    tensor.bytes.resize(entry.end - entry.begin);
    read_exactly(in.file, tensor.bytes);
    sum.add(tensor.bytes);
  }
  require(!header.checksum || sum.value() == *header.checksum, "it is damaged: its checksum is ", hexadecimal(sum.value()),
          ", but its metadata \"crc64\" says ", hexadecimal(header.checksum.value_or(0)),
          " (a program that changes such a file on purpose must leave that out)");
  return content;
}

/// Throws Error for what no reader could make sense of.
TensorEntry entry_of(const RawTensor& tensor) {
  const std::string who = "tensor " + json_quoted(tensor.name);
  require(!tensor.name.empty() && tensor.name != "__metadata__", who, " needs another name: this one is empty or reserved");
  require(is_utf8(tensor.name), who, " has a name that is not UTF-8");
  TensorEntry entry{tensor.name, find_data_type(tensor.type), tensor.shape};
  require(entry.type != nullptr, who, " has the unknown dtype ", json_quoted(tensor.type));
  for (const std::int64_t extent : tensor.shape) {
    const auto elements = extent < 0 ? std::nullopt : checked_product(entry.elements, static_cast<std::uint64_t>(extent));
    require(elements.has_value(), who, " has an impossible shape");
    entry.elements = *elements;
  }
  require(checked_product(entry.elements, entry.type->bytes) == tensor.bytes.size(), who, " has ", tensor.bytes.size(),
          " bytes, but its shape says ", entry.elements, " elements of ", entry.type->bytes);
  return entry;
}

SafetensorsHeader header_of(const std::map<std::string, std::string>& metadata, std::span<const RawTensor> tensors) {
  for (const auto& [key, value] : metadata) {
    require(is_utf8(key) && is_utf8(value), "the metadata ", json_quoted(key), " is not UTF-8");
    require(key != "crc64", "the metadata must not hold \"crc64\", where the checksum of the file goes");
  }
  SafetensorsHeader header{metadata, {}};
  std::set<std::string_view> names;
  for (const RawTensor& tensor : tensors) {
    header.entries.push_back(entry_of(tensor));
    require(names.insert(tensor.name).second, "two tensors are called ", json_quoted(tensor.name));
  }
  return header;
}

/// The entries in the order in which their bytes will lie: larger elements first, else as they are.
std::vector<std::size_t> by_element_size(const std::vector<TensorEntry>& entries) {
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater(), [&](std::size_t i) { return entries[i].type->bytes; });
  return order;
}

}  // namespace

RawTensorFile read_raw_safetensors(const fs::path& path) {
  const ReadableFile in = open_to_read(path);
  try {
    return read_content(in);
  } catch (const Error& error) {
    fail("cannot read '", path.string(), "' as a safetensors file: ", error.what(), ". Take another copy of the file");
  } catch (const std::bad_alloc&) {
    fail("cannot read '", path.string(), "': its ", in.bytes, " bytes do not fit into memory; use a machine with more of it");
  }
}

SafetensorsImage make_safetensors(const std::map<std::string, std::string>& metadata, std::span<const RawTensor> tensors) {
  SafetensorsHeader header = header_of(metadata, tensors);
  SafetensorsImage image;
  std::uint64_t data_bytes = 0;
  for (const std::size_t i : by_element_size(header.entries)) {
    header.entries[i].begin = data_bytes;
    data_bytes += tensors[i].bytes.size();
    header.entries[i].end = data_bytes;
    image.data.emplace_back(tensors[i].bytes.data(), tensors[i].bytes.size());
  }
  const std::string json = format_safetensors_header(header);
  append_little_endian(image.header, static_cast<std::uint64_t>(json.size()));
  image.header += json;
  image.bytes = image.header.size() + data_bytes;

  Crc64 sum;
  sum.add(image.header);
  for (const std::string_view piece : image.data) sum.add(piece);
  image.checksum = sum.value();
  image.header.replace(kLengthBytes + header.checksum_at, kNoChecksum.size(), hexadecimal(image.checksum));
  return image;
}

void write_raw_safetensors(const fs::path& path, const std::map<std::string, std::string>& metadata,
                           std::span<const RawTensor> tensors) {
  SafetensorsImage image;
  try {
    image = make_safetensors(metadata, tensors);
  } catch (const Error& error) {
    fail("cannot write '", path.string(), "': ", error.what());
  }
  image.data.insert(image.data.begin(), image.header);
  write_file_atomically(path, image.data);
}

}  // namespace handgrad
