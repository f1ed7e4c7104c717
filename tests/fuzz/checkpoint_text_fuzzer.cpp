// state.json of a checkpoint: as it is, and with a checksum that is right, behind which random changes would never come.

#include "core/checkpoint_text.h"
#include "core/checksum.h"
#include "core/error.h"
#include "tests/fuzz/contract.h"

using namespace handgrad;

namespace {

void read(std::string_view json) {
  const CheckpointText content = parse_checkpoint(json);
  const CheckpointText again = parse_checkpoint(format_checkpoint(content));
  fuzz::promise(again.configuration == content.configuration && State{again.values, {}} == State{content.values, {}} &&
                    again.arrays_bytes == content.arrays_bytes && again.arrays_checksum == content.arrays_checksum,
                "a checkpoint reads back as another");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json = fuzz::as_text(data, size);
  fuzz::read_or_explain(size, {.a_byte = 128}, [&] { read(json); });
  const std::string whole = text(json, ",\n  \"crc64\": \"", hexadecimal(crc64(json)), "\"\n}\n");
  fuzz::read_or_explain(whole.size(), {.a_byte = 128}, [&] { read(whole); });
  return 0;
}
