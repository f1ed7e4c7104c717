#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace handgrad {

/// One named array of a safetensors file. Networks are stored in float32 ("F32"), tables of values in double ("F64"): a tensor
/// with `doubles` is the latter. A file's F16 and BF16 values are widened to float32.
struct Tensor {
  std::string name;                  ///< UTF-8, not empty, not "__metadata__", but for the checksum
  std::vector<std::int64_t> shape;   ///< row-major; {} is a scalar
  std::vector<float> values;         ///< as many as the product of shape; of a tensor with `doubles` those, rounded
  std::vector<double> doubles = {};  ///< F64: as many as the product of shape; else empty

  /// In double, whichever it holds.
  std::vector<double> as_doubles() const;
};

/// The numbers of a .safetensors file; see safetensors_file.h for the format.
struct TensorFile {
  std::map<std::string, std::string> metadata;  ///< "__metadata__", but for the checksum
  std::vector<Tensor> tensors;                  ///< in the order of the header

  /// Throws Error naming the tensors there are if `name` is not among them.
  const Tensor& at(const std::string& name) const;
};

/// Throws Error as read_raw_safetensors does, and for a tensor that networks are not made of, such as one of I64, or an F64 value
/// too large for float32.
TensorFile read_safetensors(const std::filesystem::path& path);

/// As write_raw_safetensors: beside `path` and renamed into place, with a checksum. A tensor with `doubles` is written as F64, its
/// `values` may be missing. Throws Error too for values that are not as many as the shape says.
void write_safetensors(const std::filesystem::path& path, const TensorFile& content);

}  // namespace handgrad
