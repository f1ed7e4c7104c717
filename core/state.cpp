#include "state.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>

#include "checksum.h"

namespace handgrad {
namespace {

// 128 bits of a stream are two words of 16 hexadecimal digits each.
constexpr std::size_t kWordDigits = 16;

// "state increment half": what PCG64 consists of. The third word is "-" where no half is waiting.
std::string to_text(const Generator& stream) {
  const Generator::State s = stream.state();
  return hexadecimal(s.state_high) + hexadecimal(s.state_low) + " " + hexadecimal(s.increment_high) +
         hexadecimal(s.increment_low) + " " + (s.has_half ? hexadecimal(s.half) : "-");
}

std::optional<Generator> to_stream(const std::string& words) {
  constexpr std::size_t kLong = 2 * kWordDigits, kStreamEnd = 2 * kLong + 2;
  if (words.size() <= kStreamEnd || words[kLong] != ' ' || words[kStreamEnd - 1] != ' ') return std::nullopt;
  const std::string_view all = words, half = all.substr(kStreamEnd);
  const auto state_high = from_hexadecimal(all.substr(0, kWordDigits));
  const auto state_low = from_hexadecimal(all.substr(kWordDigits, kWordDigits));
  const auto increment_high = from_hexadecimal(all.substr(kLong + 1, kWordDigits));
  const auto increment_low = from_hexadecimal(all.substr(kLong + 1 + kWordDigits, kWordDigits));
  const bool has_half = half != "-";
  const auto half_word = has_half ? from_hexadecimal(half) : std::uint64_t{0};
  if (!state_high || !state_low || !increment_high || !increment_low || !half_word || *half_word > UINT32_MAX ||
      *increment_low % 2 == 0) {
    return std::nullopt;
  }
  return Generator::from_state(
      {*state_high, *state_low, *increment_high, *increment_low, has_half, static_cast<std::uint32_t>(*half_word)});
}

// Files are little-endian, whatever the machine is.
void copy_elements(char* to, const char* from, std::size_t count, std::size_t element_bytes) {
  if (count == 0) return;
  std::memcpy(to, from, count * element_bytes);
  if constexpr (std::endian::native == std::endian::big) {
    for (std::size_t i = 0; i < count; ++i) std::reverse(to + i * element_bytes, to + (i + 1) * element_bytes);
  }
}

/// "[3, 4]".
std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text_so_far;
  for (const std::int64_t extent : shape) text_so_far += (text_so_far.empty() ? "" : ", ") + std::to_string(extent);
  return "[" + text_so_far + "]";
}

const char* kind_of(const StateValue& value) {
  constexpr std::array kKinds = {"true or false", "a whole number", "a number", "a string"};
  return kKinds[value.index()];
}

}  // namespace

bool State::operator==(const State& other) const {
  const auto same = [](const RawTensor& a, const RawTensor& b) {
    return a.name == b.name && a.type == b.type && a.shape == b.shape && a.bytes == b.bytes;
  };
  // Bit by bit: a NaN equals itself, and -0 is not 0.
  const auto same_value = [](const auto& a, const auto& b) {
    const auto *x = std::get_if<double>(&a.second), *y = std::get_if<double>(&b.second);
    if (x != nullptr && y != nullptr) {
      return a.first == b.first && std::bit_cast<std::uint64_t>(*x) == std::bit_cast<std::uint64_t>(*y);
    }
    return a == b;
  };
  return std::ranges::equal(values, other.values, same_value) && std::ranges::equal(arrays, other.arrays, same);
}

void StateArchive::put(std::string_view name, StateValue value) {
  const bool added = to_->values.emplace(path(name), std::move(value)).second;
  require(added, "two values of a state are called '", path(name), "'");
}

const StateValue& StateArchive::get(std::string_view name) {
  const auto found = from_->values.find(path(name));
  require(found != from_->values.end(), "there is no '", path(name), "' in the state");
  seen_values_.insert(found->first);
  return found->second;
}

bool StateArchive::has_value(std::string_view name) const { return from_->values.contains(path(name)); }

template <class T>
void StateArchive::exchange_value(std::string_view name, T& value, const char* kind) {
  if (!loading()) {
    put(name, value);
    return;
  }
  const StateValue& found = get(name);
  const auto* right = std::get_if<T>(&found);
  require(right != nullptr, "'", path(name), "' in the state has to be ", kind, ", found ", kind_of(found));
  value = *right;
}

void StateArchive::value(std::string_view name, bool& value) { exchange_value(name, value, "true or false"); }
void StateArchive::value(std::string_view name, std::int64_t& value) { exchange_value(name, value, "a whole number"); }
void StateArchive::value(std::string_view name, std::string& value) { exchange_value(name, value, "a string"); }

void StateArchive::value(std::string_view name, std::uint64_t& value) {
  auto number = static_cast<std::int64_t>(value);
  require(number >= 0, "'", path(name), "' is too large for a state: ", value);
  this->value(name, number);
  require(number >= 0, "'", path(name), "' in the state has to be at least 0, found ", number);
  value = static_cast<std::uint64_t>(number);
}

void StateArchive::value(std::string_view name, std::int32_t& value) {
  std::int64_t number = value;
  this->value(name, number);
  require(number >= INT32_MIN && number <= INT32_MAX, "'", path(name), "' in the state is too large: ", number);
  value = static_cast<std::int32_t>(number);
}

void StateArchive::value(std::string_view name, double& value) {
  if (loading()) {  // a file may write 5.0 as 5
    const auto* whole = std::get_if<std::int64_t>(&get(name));
    if (whole != nullptr) {
      value = static_cast<double>(*whole);
      return;
    }
  }
  exchange_value(name, value, "a number");
}

void StateArchive::value(std::string_view name, std::optional<std::int64_t>& value) {
  if (loading()) value = has_value(name) ? std::optional<std::int64_t>(0) : std::nullopt;
  if (value) this->value(name, *value);
}

void StateArchive::value(std::string_view name, std::optional<double>& value) {
  if (loading()) value = has_value(name) ? std::optional<double>(0) : std::nullopt;
  if (value) this->value(name, *value);
}

void StateArchive::value(std::string_view name, Generator& stream) {
  std::string words = loading() ? std::string() : to_text(stream);
  value(name, words);
  if (!loading()) return;
  const std::optional<Generator> read = to_stream(words);
  require(read.has_value(), "'", path(name), "' in the state is no random stream");
  stream = *read;
}

const RawTensor& StateArchive::find(std::string_view name, std::string_view type) const {
  const auto found = std::ranges::find(from_->arrays, path(name), &RawTensor::name);
  require(found != from_->arrays.end(), "there is no array '", path(name), "' in the state");
  require(found->type == type, "the array '", path(name), "' of the state has to be ", type, ", found ", found->type);
  return *found;
}

std::size_t StateArchive::elements_of(std::string_view name, std::string_view type, std::size_t element_bytes,
                                      std::size_t most) const {
  const RawTensor& found = find(name, type);
  const std::size_t elements = found.bytes.size() / element_bytes;  // not what the shape says: that may be anything
  require(found.shape == std::vector{static_cast<std::int64_t>(elements)} && elements <= most, "the array '", path(name),
          "' of the state has to be a list of at most ", most, " elements, found ", shape_text(found.shape));
  return elements;
}

void StateArchive::exchange(std::string_view name, std::string_view type, std::size_t element_bytes,
                            std::vector<std::int64_t> shape, void* elements, std::size_t count) {
  auto* const here = static_cast<char*>(elements);
  if (!loading()) {
    require(seen_arrays_.insert(path(name)).second, "two arrays of a state are called '", path(name), "'");
    RawTensor& tensor = to_->arrays.emplace_back(RawTensor{path(name), std::string(type), std::move(shape), {}});
    tensor.bytes.resize(count * element_bytes);
    copy_elements(tensor.bytes.data(), here, count, element_bytes);
    return;
  }
  const RawTensor& tensor = find(name, type);
  require(tensor.shape == shape && tensor.bytes.size() == count * element_bytes, "the array '", path(name),
          "' of the state has to be ", shape_text(shape), ", found ", shape_text(tensor.shape));
  seen_arrays_.insert(tensor.name);
  copy_elements(here, tensor.bytes.data(), count, element_bytes);
}

void StateArchive::finish() const {
  for (const auto& [name, value] : from_->values) {
    require(seen_values_.contains(name), "the state holds a value '", name, "' that nothing here has a use for");
  }
  std::set<std::string_view> names;
  for (const RawTensor& tensor : from_->arrays) {
    require(seen_arrays_.contains(tensor.name), "the state holds an array '", tensor.name,
            "' that nothing here has a use for");
    require(names.insert(tensor.name).second, "the state holds two arrays called '", tensor.name, "'");
  }
}

}  // namespace handgrad
