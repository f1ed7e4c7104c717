#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "raw_tensor.h"

namespace handgrad {

/// The content of a .safetensors file as it is: arrays of any type, their bytes untouched. safetensors.h, which stands on this,
/// has them as numbers.
///
/// The format (https://github.com/huggingface/safetensors, format section): an 8-byte little-endian header length, a JSON
/// header with type, shape and byte range of each tensor, then the bytes. Every file that handgrad writes says in its metadata
/// "crc64" what it consisted of: the CRC-64/XZ of the whole file, as 16 hexadecimal digits, computed with these digits as 0.
struct RawTensorFile {
  std::map<std::string, std::string> metadata;  ///< "__metadata__", but for "crc64"
  std::vector<RawTensor> tensors;               ///< in the order of the header
  std::optional<std::uint64_t> checksum = {};   ///< that of the file; none in files of other programs
};

/// Throws Error, naming the file and what is wrong with it, unless every byte of it makes sense: header within the file,
/// ranges that tile the data without gap or overlap, sizes that agree with shapes, known types; and unless the checksum, if
/// there is one, is that of the file. Checked before any allocation that depends on what the file says.
RawTensorFile read_raw_safetensors(const std::filesystem::path& path);

/// The bytes of a file, ready to be written.
struct SafetensorsImage {
  std::string header;                  ///< with its length
  std::vector<std::string_view> data;  ///< what follows: the bytes of the tensors, not a copy of them
  std::uint64_t checksum = 0;
  std::uint64_t bytes = 0;  ///< of the whole file
};

/// The same content gives the same bytes. Larger elements lie before smaller ones, so that all are aligned to their size, which
/// PyTorch needs. Throws Error naming the tensor that cannot be written: a name that is empty, repeated or not UTF-8, an
/// unknown type, bytes that are not as many as type and shape say. `tensors` must outlive what is returned.
SafetensorsImage make_safetensors(const std::map<std::string, std::string>& metadata, std::span<const RawTensor> tensors);

/// Writes that beside `path` and renames it into place, synced to disk: afterwards there is either the old file or the complete
/// new one. Throws Error naming the file, and the system's reason or what make_safetensors complains of.
void write_raw_safetensors(const std::filesystem::path& path, const std::map<std::string, std::string>& metadata,
                           std::span<const RawTensor> tensors);

}  // namespace handgrad
