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
  std::string name;                  ///< UTF-8, not empty, not "__metadata__"
  std::vector<std::int64_t> shape;   ///< row-major; {} is a scalar
  std::vector<float> values;         ///< as many as the product of shape; of a tensor with `doubles` those, rounded
  std::vector<double> doubles = {};  ///< F64: as many as the product of shape; else empty

  /// In double, whichever it holds.
  std::vector<double> as_doubles() const;
};

/// The content of a .safetensors file (https://github.com/huggingface/safetensors, format section): an 8-byte little-endian
/// header length, a JSON header with type, shape and byte range of each tensor, then the bytes.
struct TensorFile {
  std::map<std::string, std::string> metadata;  ///< "__metadata__"
  std::vector<Tensor> tensors;                  ///< in the order of their bytes

  /// Throws Error naming the tensors there are if `name` is not among them.
  const Tensor& at(const std::string& name) const;
};

/// Throws Error, naming the file and what is wrong with it, unless every byte of it makes sense: header within the file,
/// ranges that tile the data without gap or overlap, sizes that agree with shapes, known types. Checked before any
/// allocation that depends on what the file says. F64 values too large for float32 are an error too.
TensorFile read_safetensors(const std::filesystem::path& path);

/// Writes beside `path` and renames into place, synced to disk: afterwards there is either the old file or the complete new
/// one. The same content gives the same bytes. A tensor with `doubles` is written as F64, its `values` may be missing. Throws
/// Error naming the file and the system's reason, or the tensor that cannot be written: a name that is empty, repeated or not
/// UTF-8, values that are not as many as the shape says.
void write_safetensors(const std::filesystem::path& path, const TensorFile& content);

}  // namespace handgrad
