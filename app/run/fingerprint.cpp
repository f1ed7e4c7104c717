#include "app/run/fingerprint.h"

#include <bit>

#include "core/data_type.h"

namespace handgrad::app {

std::string fingerprint(const RunState& record, const std::vector<Tensor>& model) {
  std::string content;
  append_little_endian(content, record.metrics.crc64);
  append_little_endian(content, record.evaluations.crc64);
  for (const Tensor& tensor : model) {
    content += tensor.name;
    for (const std::int64_t extent : tensor.shape) append_little_endian(content, static_cast<std::uint64_t>(extent));
    for (const double value : tensor.doubles) append_little_endian(content, std::bit_cast<std::uint64_t>(value));
    if (!tensor.doubles.empty()) continue;
    for (const float value : tensor.values) append_little_endian(content, std::bit_cast<std::uint32_t>(value));
  }
  Crc64 checksum;
  checksum.add(content);
  return hexadecimal(checksum.value());
}

}  // namespace handgrad::app
