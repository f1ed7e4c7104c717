// The reader of JSON whose shape is known: an object whose keys say by their first letter what belongs to them.

#include "core/json_reader.h"
#include "tests/fuzz/contract.h"

using namespace handgrad;

namespace {

void read_string(JsonReader& json) {
  const std::string read = json.string();
  fuzz::promise(is_utf8(read), "a string that is not UTF-8");
  std::string written;
  append_json_string(written, read);
  fuzz::promise(JsonReader(written, "in what was written").string() == read, "a string reads back as another");
}

void read_member(JsonReader& json, const std::string& key) {
  switch (key.empty() ? '\0' : key[0]) {
    case 'n': json.natural(); break;
    case 'a': json.array([&] { json.natural(); }); break;
    case 's': json.array([&] { read_string(json); }); break;
    case 'o': json.object([&](const std::string&) { read_string(json); }); break;
    default: read_string(json);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A key of a byte takes an entry in a set.
  fuzz::read_or_explain(size, {.a_byte = 128}, [&] {
    JsonReader json(fuzz::as_text(data, size), "in the input");
    json.object([&](const std::string& key) { read_member(json, key); });
    json.end();
  });
  return 0;
}
