#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

// What every fuzzer holds a parser to.

namespace handgrad::fuzz {

/// The parser broke its promise; says how.
class BrokenPromise : public std::exception {
 public:
  explicit BrokenPromise(std::string how) : how_(std::move(how)) {}
  const char* what() const noexcept override { return how_.c_str(); }

 private:
  std::string how_;
};

/// Throws BrokenPromise with `how` unless `kept`.
void promise(bool kept, const std::string& how);

/// The memory that a parser may hold at any one time: fixed + a_byte times the bytes it reads.
struct Allowance {
  std::size_t fixed = std::size_t{1} << 20;
  std::size_t a_byte = 64;
};

/// Runs `read`, which reads `bytes` bytes. It may return, or throw an Error whose message is not empty and one line of UTF-8 of
/// less than 2,000 bytes; meanwhile it may hold as much memory as it is allowed. Throws BrokenPromise for more memory or another
/// message, and lets every other exception through: each of them is a bug. Returns whether it was read.
bool read_or_explain(std::size_t bytes, const Allowance& allowance, const std::function<void()>& read);

/// The input as text.
std::string_view as_text(const std::uint8_t* data, std::size_t size);

}  // namespace handgrad::fuzz
