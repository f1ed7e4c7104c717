#include "safetensors.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "data_type.h"
#include "error.h"
#include "json_reader.h"
#include "safetensors_file.h"
#include "suggest.h"

namespace handgrad {
namespace fs = std::filesystem;
namespace {

Tensor to_numbers(RawTensor raw) {
  const DataType& type = *find_data_type(raw.type);
  require(type.convert != nullptr, "tensor ", json_quoted(raw.name), " has the dtype ", json_quoted(raw.type),
          ", which networks are not made of; expected F32, F64, F16 or BF16");
  const bool in_double = type.name == "F64";
  Tensor tensor{std::move(raw.name), std::move(raw.shape), {}};
  tensor.values.reserve(raw.bytes.size() / type.bytes);
  if (in_double) tensor.doubles.reserve(raw.bytes.size() / type.bytes);
  for (std::size_t at = 0; at < raw.bytes.size(); at += type.bytes) {
    const std::optional<float> value = type.convert(&raw.bytes[at]);
    // An infinity instead would become a NaN somewhere else, much later.
    require(value.has_value(), "tensor ", json_quoted(tensor.name), " has a value too large for float32");
    tensor.values.push_back(*value);
    if (in_double) tensor.doubles.push_back(std::bit_cast<double>(load_little_endian<std::uint64_t>(&raw.bytes[at])));
  }
  return tensor;
}

template <class Unsigned, class Number>
std::vector<char> little_endian(const std::vector<Number>& numbers) {
  std::vector<char> bytes;
  bytes.reserve(sizeof(Number) * numbers.size());
  for (const Number number : numbers) append_little_endian(bytes, std::bit_cast<Unsigned>(number));
  return bytes;
}

RawTensor to_bytes(const Tensor& tensor) {
  require(tensor.doubles.empty() || tensor.values.empty() || tensor.values.size() == tensor.doubles.size(), "tensor ",
          json_quoted(tensor.name), " has ", tensor.values.size(), " values, but ", tensor.doubles.size(), " in double");
  if (tensor.doubles.empty()) return {tensor.name, "F32", tensor.shape, little_endian<std::uint32_t>(tensor.values)};
  return {tensor.name, "F64", tensor.shape, little_endian<std::uint64_t>(tensor.doubles)};
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
  RawTensorFile raw = read_raw_safetensors(path);
  TensorFile content{std::move(raw.metadata), {}};
  try {
    for (RawTensor& tensor : raw.tensors) content.tensors.push_back(to_numbers(std::move(tensor)));
  } catch (const Error& error) {
    fail("cannot read '", path.string(), "' as a safetensors file: ", error.what(), ". Write it anew with float32 values");
  } catch (const std::bad_alloc&) {
    fail("cannot read '", path.string(), "': its numbers do not fit into memory; use a machine with more of it");
  }
  return content;
}

void write_safetensors(const fs::path& path, const TensorFile& content) {
  std::vector<RawTensor> tensors;
  try {
    for (const Tensor& tensor : content.tensors) tensors.push_back(to_bytes(tensor));
  } catch (const Error& error) {
    fail("cannot write '", path.string(), "': ", error.what());
  }
  write_raw_safetensors(path, content.metadata, tensors);
}

}  // namespace handgrad
