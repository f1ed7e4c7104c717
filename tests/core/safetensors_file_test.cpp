#include "core/safetensors_file.h"

#include "core/checksum.h"
#include "core/data_type.h"
#include "core/safetensors.h"
#include "core/state.h"
#include "tests/support/allocations.h"
#include "tests/support/catch.h"
#include "tests/support/damage.h"
#include "tests/support/error_message.h"
#include "tests/support/temporary_folder.h"

using namespace handgrad;

namespace {

RawTensor tensor_of(const std::string& name, const std::string& type, std::vector<std::int64_t> shape, std::size_t bytes) {
  RawTensor tensor{name, type, std::move(shape), std::vector<char>(bytes)};
  for (std::size_t i = 0; i < bytes; ++i) tensor.bytes[i] = static_cast<char>(name.size() + 37 * i);
  return tensor;
}

std::vector<RawTensor> one_of_each() {
  return {tensor_of("flags", "BOOL", {3}, 3),     tensor_of("d", "F64", {2, 1}, 16),  tensor_of("h", "F16", {1}, 2),
          tensor_of("i64", "I64", {}, 8),         tensor_of("f", "F32", {1, 1}, 4),   tensor_of("u8", "U8", {5}, 5),
          tensor_of("nothing", "U64", {0, 7}, 0), tensor_of("i32", "I32", {2}, 8),    tensor_of("u32", "U32", {1}, 4),
          tensor_of("u16", "U16", {3}, 6),        tensor_of("b", "BF16", {1}, 2),     tensor_of("i16", "I16", {1}, 2),
          tensor_of("i8", "I8", {1}, 1),          tensor_of("e4", "F8_E4M3", {2}, 2), tensor_of("e5", "F8_E5M2", {1}, 1)};
}

const std::map<std::string, std::string> kMetadata = {{"a", "x \"y\""}, {"b", "\xC3\xA9"}};

std::string bytes_of(const std::map<std::string, std::string>& metadata, const std::vector<RawTensor>& tensors) {
  const SafetensorsImage image = make_safetensors(metadata, tensors);
  std::string bytes = image.header;
  for (const std::string_view piece : image.data) bytes += piece;
  CHECK(bytes.size() == image.bytes);
  return bytes;
}

RawTensorFile load(const std::string& bytes) {
  const TemporaryFolder folder;
  put_bytes(folder / "file", bytes);
  return read_raw_safetensors(folder / "file");
}

/// Names, types, shapes and bytes.
bool same(const std::vector<RawTensor>& a, const std::vector<RawTensor>& b) { return State{{}, a} == State{{}, b}; }

}  // namespace

TEST_CASE("arrays of every type are read back byte by byte, in their order", "[safetensors_file]") {
  const TemporaryFolder folder;
  write_raw_safetensors(folder / "file", kMetadata, one_of_each());
  CHECK(get_bytes(folder / "file") == bytes_of(kMetadata, one_of_each()));
  const RawTensorFile read = read_raw_safetensors(folder / "file");
  CHECK(read.metadata == kMetadata);
  CHECK(same(read.tensors, one_of_each()));
  CHECK(read.checksum == make_safetensors(kMetadata, one_of_each()).checksum);
  CHECK(load(bytes_of({}, {})).tensors.empty());
}

TEST_CASE("every array lies at a multiple of its elements' size", "[safetensors_file]") {
  const std::string bytes = bytes_of(kMetadata, one_of_each());
  const std::vector<RawTensor> tensors = one_of_each();
  const SafetensorsImage image = make_safetensors(kMetadata, tensors);
  CHECK(image.header.size() % 8 == 0);
  std::size_t at = 0;
  for (const std::string_view piece : image.data) {
    for (const RawTensor& tensor : tensors) {
      if (tensor.bytes.data() == piece.data() && !piece.empty()) CHECK(at % find_data_type(tensor.type)->bytes == 0);
    }
    at += piece.size();
  }
}

TEST_CASE("a file says which checksum it has with zeros in its place", "[safetensors_file]") {
  std::string bytes = bytes_of({}, {tensor_of("x", "U8", {2}, 2)});
  const std::size_t key = bytes.find(R"({"__metadata__":{"crc64":")");
  REQUIRE(key == 8);
  const std::string digits = bytes.substr(34, 16);
  bytes.replace(34, 16, "0000000000000000");
  CHECK(hexadecimal(crc64(bytes)) == digits);
}

TEST_CASE("no accident lets a file with a checksum be read as another", "[safetensors_file]") {
  const TemporaryFolder folder;
  const std::string whole = bytes_of(kMetadata, one_of_each());
  for (const std::string& bytes : test::damaged(whole)) {
    put_bytes(folder / "file", bytes);
    const std::string message = error_message([&] { read_raw_safetensors(folder / "file"); });
    REQUIRE(contains(message, "file' as a safetensors file: "));
    REQUIRE_FALSE(contains(message, "\n"));
  }
  std::string flipped = whole;  // every bit of the header
  for (std::size_t bit = 0; bit < 8 * 60; ++bit) {
    const auto flip = static_cast<char>(1 << bit % 8);
    flipped[bit / 8] ^= flip;
    put_bytes(folder / "file", flipped);
    INFO("bit " << bit);
    REQUIRE_THROWS_AS(read_raw_safetensors(folder / "file"), Error);
    flipped[bit / 8] ^= flip;
  }
}

TEST_CASE("a damaged value is told from its checksum, with what to do", "[safetensors_file]") {
  std::string bytes = bytes_of({}, {tensor_of("x", "U8", {2}, 2)});
  bytes.back() ^= 1;
  const std::string message = error_message([&] { load(bytes); });
  CHECK(contains(message, "it is damaged: its checksum is "));
  CHECK(contains(message, "Take another copy of the file"));
  const auto with_key = [](const std::string& key, const std::string& value) {
    const std::string header = R"({"__metadata__":{")" + key + R"(":")" + value + R"("}})";
    std::string file;
    append_little_endian(file, static_cast<std::uint64_t>(header.size()));
    return load(file + header).metadata;
  };
  CHECK(contains(error_message([&] { with_key("crc64", "12"); }), "the checksum is not 16 hexadecimal digits but \"12\""));
  CHECK(contains(error_message([&] { with_key("krc64", "0123456789abcdef"); }), "must once have been \"crc64\""));
  CHECK(with_key("runid", "0123456789abcdef").size() == 1);  // another program's own
}

TEST_CASE("files of other programs have no checksum and are read without", "[safetensors_file]") {
  const std::string header = R"({"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
  std::string file;
  append_little_endian(file, static_cast<std::uint64_t>(header.size()));
  const RawTensorFile read = load(file + header + "7");
  CHECK_FALSE(read.checksum);
  CHECK(read.tensors.at(0).bytes == std::vector<char>{'7'});
}

TEST_CASE("arrays that contradict themselves are not written", "[safetensors_file]") {
  const auto refusal = [](const std::vector<RawTensor>& tensors) {
    return error_message([&] { make_safetensors({}, tensors); });
  };
  CHECK(contains(refusal({tensor_of("x", "I64", {2}, 8)}), R"("x" has 8 bytes, but its shape says 2 elements of 8)"));
  CHECK(contains(refusal({tensor_of("x", "I63", {1}, 8)}), R"("x" has the unknown dtype "I63")"));
  CHECK(contains(error_message([] { make_safetensors({{"crc64", "x"}}, {}); }), "must not hold \"crc64\""));
}

TEST_CASE("a pipe or a folder in the place of a file is an error at once", "[safetensors_file]") {
  const TemporaryFolder folder;
  CHECK(contains(error_message([&] { read_raw_safetensors(folder.path()); }), "it is not a file but a folder or device"));
  CHECK(contains(error_message([&] { read_raw_safetensors("/dev/zero"); }), "it is not a file but a folder or device"));
}

#if HANDGRAD_COUNTS_ALLOCATIONS
TEST_CASE("reading takes no more memory than a few times the file, whatever is in it", "[safetensors_file]") {
  const TemporaryFolder folder;
  std::vector<std::string> files = test::damaged(bytes_of(kMetadata, one_of_each()));
  std::string many = "{";
  for (int i = 0; i < 2000; ++i) many += R"("t)" + std::to_string(i) + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)";
  many.back() = '}';
  const std::string large = R"({"x":{"dtype":"U8","shape":[1000000000],"data_offsets":[0,1000000000]}})";
  for (const std::string& header : {large, many}) {
    std::string file;
    append_little_endian(file, static_cast<std::uint64_t>(header.size()));
    files.push_back(file + header);
  }
  std::string longer;
  append_little_endian(longer, std::uint64_t{99'999'999});
  files.push_back(longer + "{}");
  for (const std::string& file : files) {
    put_bytes(folder / "file", file);
    const std::size_t before = test::bytes_so_far();
    error_message([&] { read_safetensors(folder / "file"); });
    const std::size_t taken = test::bytes_so_far() - before;
    REQUIRE(taken < 30'000 + 40 * file.size());
  }
}
#endif
