// Files of arrays, byte by byte as they are.

#include "core/safetensors.h"

#include "core/safetensors_file.h"
#include "tests/fuzz/contract.h"
#include "tests/fuzz/memory_file.h"

using namespace handgrad;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::MemoryFile file(data, size);
  fuzz::read_or_explain(size, {}, [&] {
    const RawTensorFile content = read_raw_safetensors(file.path());
    make_safetensors(content.metadata, content.tensors);  // what was read can be written
  });
  fuzz::read_or_explain(size, {}, [&] {
    const TensorFile content = read_safetensors(file.path());
    for (const Tensor& tensor : content.tensors) {
      std::int64_t elements = 1;
      for (const std::int64_t extent : tensor.shape) elements *= extent;
      fuzz::promise(static_cast<std::int64_t>(tensor.values.size()) == elements, "values are not as many as the shape says");
    }
  });
  return 0;
}
