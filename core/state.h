#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "error.h"
#include "random.h"
#include "raw_tensor.h"

namespace handgrad {

/// No count of a run gets beyond this, and sums of such counts are far from where integers end. A double can still hold it.
constexpr std::int64_t kLargestCount = std::int64_t{1} << 53;

/// A number or a word of a state.
using StateValue = std::variant<bool, std::int64_t, double, std::string>;

/// What something consists of, written down: values that people can read, and arrays. Names are paths, such as
/// "trainer.learner.replay.time".
struct State {
  std::map<std::string, StateValue> values;
  std::vector<RawTensor> arrays;  ///< in the order in which they were written down

  bool operator==(const State& other) const;
};

/// Writes objects down in a State, or reads them back from one. A class has one function for both, in which it names what it
/// consists of, so that writing and reading cannot drift apart:
///
///   void Replay::serialize(StateArchive& state) {
///     state.value("time", time_);
///     state.array("rewards", std::span(rewards_));
///     { const auto section = state.section("ring"); ring_.serialize(state); }   // "ring.…"
///     if (state.loading()) require(time_ >= 0, "replay: ...");
///   }
///
/// Reading takes nothing on trust: a name that is missing, of another type, or an array of another size is an Error. What only
/// the class can know, such as the range of an index, the class checks. After an Error the object that was being read into is
/// good for nothing but another attempt.
class StateArchive {
 public:
  static StateArchive saving(State& to) { return StateArchive(&to, nullptr); }
  static StateArchive loading(const State& from) { return StateArchive(nullptr, &from); }

  bool loading() const { return from_ != nullptr; }

  void value(std::string_view name, bool& value);
  void value(std::string_view name, std::int64_t& value);
  void value(std::string_view name, std::uint64_t& value);  ///< below 2^63
  void value(std::string_view name, std::int32_t& value);
  void value(std::string_view name, double& value);  ///< every bit of it; infinities and NaN too
  void value(std::string_view name, std::string& value);
  void value(std::string_view name, std::optional<std::int64_t>& value);  ///< an absent name is none
  void value(std::string_view name, std::optional<double>& value);
  /// A random stream, in hexadecimal digits.
  void value(std::string_view name, Generator& stream);

  /// As many elements as there are now, no others. T: double, float, int64, int32, uint32, uint8.
  template <class T>
  void array(std::string_view name, std::span<T> elements) {
    array(name, elements, {static_cast<std::int64_t>(elements.size())});
  }
  template <class T>
  // NOLINTNEXTLINE(performance-unnecessary-value-param): it is moved on
  void array(std::string_view name, std::span<T> elements, std::vector<std::int64_t> shape) {
    exchange(name, type_name<T>(), sizeof(T), std::move(shape), elements.data(), elements.size());
  }
  /// Any number of elements up to `most`. Reading takes no more memory than the state itself has.
  template <class T>
  void list(std::string_view name, std::vector<T>& elements, std::size_t most) {
    if (loading()) elements.resize(elements_of(name, type_name<T>(), sizeof(T), most));
    array(name, std::span(elements));
  }

  /// Whether there is a value of that name; reading only.
  bool has_value(std::string_view name) const;

  /// Until the end of its life every name begins with `name` and a dot.
  class Section {
   public:
    ~Section() { archive_.prefix_.resize(length_); }
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;

   private:
    friend class StateArchive;
    Section(StateArchive& archive, std::string_view name) : archive_(archive), length_(archive.prefix_.size()) {
      archive.prefix_.append(name).append(".");
    }
    StateArchive& archive_;
    std::size_t length_;
  };
  [[nodiscard]] Section section(std::string_view name) { return Section(*this, name); }

  /// After everything has been read: throws Error if the state holds something that nobody has asked for, or an array twice.
  void finish() const;

 private:
  StateArchive(State* to, const State* from) : to_(to), from_(from) {}

  std::string path(std::string_view name) const { return prefix_ + std::string(name); }
  void put(std::string_view name, StateValue value);
  const StateValue& get(std::string_view name);
  template <class T>
  void exchange_value(std::string_view name, T& value, const char* kind);
  void exchange(std::string_view name, std::string_view type, std::size_t element_bytes, std::vector<std::int64_t> shape,
                void* elements, std::size_t count);
  const RawTensor& find(std::string_view name, std::string_view type) const;
  std::size_t elements_of(std::string_view name, std::string_view type, std::size_t element_bytes, std::size_t most) const;

  State* to_;
  const State* from_;
  std::string prefix_;
  std::set<std::string> seen_values_, seen_arrays_;  // full names of what was read, and of arrays that were written
};

}  // namespace handgrad
