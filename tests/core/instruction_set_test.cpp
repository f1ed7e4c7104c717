#include "core/instruction_set.h"

#include <algorithm>

#include "core/backends.h"
#if !defined(HANDGRAD_DOUBLE)
#include "core/simd_backend.h"
#endif
#include "tests/support/catch.h"
#include "tests/support/error_message.h"

using namespace handgrad;

namespace {

constexpr InstructionSet kAll[] = {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512,
                                   InstructionSet::neon};

bool available(InstructionSet set) { return std::ranges::count(available_instruction_sets(), set) == 1; }

}  // namespace

TEST_CASE("Every machine has the baseline, none has all, and the one that is used is among those it has") {
  const std::vector<InstructionSet> sets = available_instruction_sets();
  CHECK(sets.front() == InstructionSet::baseline);
  CHECK(std::ranges::is_sorted(sets));
  CHECK(sets.size() < std::size(kAll));
  CHECK(available(best_instruction_set()));
#if defined(__x86_64__)
  CHECK_FALSE(available(InstructionSet::neon));
#elif defined(__aarch64__)
  CHECK(sets == std::vector{InstructionSet::baseline, InstructionSet::neon});
  CHECK(best_instruction_set() == InstructionSet::neon);
#endif
}

TEST_CASE("An instruction set is known by its name") {
  CHECK(to_string(InstructionSet::baseline) == "baseline");
  CHECK(to_string(InstructionSet::avx2) == "avx2");
  CHECK(to_string(InstructionSet::avx512) == "avx512");
  CHECK(to_string(InstructionSet::neon) == "neon");
  for (const InstructionSet set : available_instruction_sets()) {
    CHECK(parse_instruction_set(std::string(to_string(set))) == set);
  }
}

TEST_CASE("An instruction set that is none, or is not here, is refused with those that are") {
  CHECK(error_message([] {
          parse_instruction_set("avx3");
        }).starts_with("no instruction set 'avx3': this processor has baseline"));
  CHECK(error_message([] { parse_instruction_set("avx3"); }).ends_with("Did you mean 'avx2'?"));
  CHECK(error_message([] { parse_instruction_set(""); }).starts_with("no instruction set '': this processor has baseline"));
  CHECK(contains(error_message([] { parse_instruction_set("AVX2"); }), "Did you mean 'avx2'?"));
  for (const InstructionSet set : kAll) {
    if (available(set)) continue;
    const std::string name(to_string(set));
    CHECK(error_message([&] {
            parse_instruction_set(name);
          }).starts_with("this processor does not have the instruction set '" + name + "': it has baseline"));
  }
}

#if !defined(HANDGRAD_DOUBLE)  // the simd backend computes in float

TEST_CASE("Every instruction set can be forced, alone and under the check, and says its name") {
  for (const InstructionSet set : available_instruction_sets()) {
    const std::string name = "simd:" + std::string(to_string(set));
    CHECK(make_backend(name)->name() == name);
    CHECK(make_backend("checked:" + name)->name() == "checked:" + name);
    CHECK(std::ranges::count(computing_backends(), name) == 1);
  }
  CHECK(make_backend("simd")->name() == "simd:" + std::string(to_string(best_instruction_set())));
}

TEST_CASE("A backend for an instruction set that is not here cannot be made") {
  for (const InstructionSet set : kAll) {
    if (available(set)) continue;
    const std::string name(to_string(set));
    CHECK(contains(error_message([&] { make_backend("simd:" + name); }), "does not have the instruction set '" + name + "'"));
    CHECK(contains(error_message([&] { SimdBackend backend(set); }), "does not have the instruction set " + name));
  }
  CHECK(contains(error_message([] { make_backend("simd:neom"); }), "Did you mean 'neon'?"));
}

#endif
