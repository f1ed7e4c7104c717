#include <nlohmann/json.hpp>

#include "core/instruction_set.h"
#include "tests/support/catch.h"
#include "tests/support/error_message.h"
#include "tests/support/program.h"

using namespace handgrad;
using Json = nlohmann::json;

TEST_CASE(
    "the doctor lists every instruction set there are kernels for, and says which is used and why others are not there") {
  const Json report = Json::parse(run_program({"doctor", "--json"}).last_line());
  const Json sets = report["simd"];
  std::size_t available = 0, chosen = 0;
  for (const char* name : {"baseline", "avx2", "avx512", "neon"}) {
    CAPTURE(name, sets[name].dump());
    if (sets[name]["available"]) ++available;
    if (sets[name]["chosen"]) {
      ++chosen;
      CHECK(sets[name]["available"]);
      CHECK(name == to_string(best_instruction_set()));
    }
    CHECK_FALSE(sets[name]["about"].get<std::string>().empty());
  }
  CHECK(available == available_instruction_sets().size());
  CHECK(chosen == 1);
#if defined(__x86_64__)
  CHECK(sets["neon"]["about"] == "for 64-bit ARM processors");
  CHECK(contains(run_program({"doctor"}).out, "simd:neon         missing: for 64-bit ARM processors\n"));
#endif
}
