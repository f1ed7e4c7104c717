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
  const Json& sets = report["simd"];
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

TEST_CASE("the doctor says which of driver, library and device the cuda backend lacks, and so does whoever asks for it") {
  const Json report = Json::parse(run_program({"doctor", "--json"}).last_line());
  std::string missing;
  for (const char* step : {"device", "library", "driver"}) {
    CAPTURE(step, report["cuda"][step].dump());
    CHECK_FALSE(report["cuda"][step]["about"].get<std::string>().empty());
    if (!report["cuda"][step]["available"]) missing = report["cuda"][step]["about"].get<std::string>();
  }
  CHECK(report["backends"]["cuda"]["available"] == missing.empty());
  if (missing.empty()) return;  // there is a GPU here
  const auto train = run_program({"train", "cartpole", "--backend", "cuda"});
  CHECK(train.exit_code == 2);
  CHECK(contains(train.err, missing));
  CHECK(contains(train.err, "Choose simd, eigen or reference"));
}

TEST_CASE("whoever asks for no GPU does not wait for its library") {
  setenv("LD_DEBUG", "files", 1);  // the loader says on stderr what it loads
  const Outcome trained = run_program({"explain", "cartpole"}), doctor = run_program({"doctor"});
  unsetenv("LD_DEBUG");
  CHECK(trained.exit_code == 0);
  CHECK_FALSE(contains(trained.err, "libhandgrad_cuda"));
  CHECK_FALSE(contains(trained.err, "libcuda"));
  if (contains(doctor.err, "calling init")) CHECK(contains(doctor.err, "libcuda"));
}

TEST_CASE("a library of the cuda backend that is not there, or is something else, is named") {
  if (Json::parse(run_program({"doctor", "--json"}).last_line())["precision"] == "double") return;
  const auto about = [](const std::string& file) {
    setenv("HANDGRAD_CUDA_PLUGIN", file.c_str(), 1);
    const Json report = Json::parse(run_program({"doctor", "--json"}).last_line());
    unsetenv("HANDGRAD_CUDA_PLUGIN");
    CHECK_FALSE(report["cuda"]["library"]["available"].get<bool>());
    return report["cuda"]["library"]["about"].get<std::string>();
  };
  CHECK(contains(about("/no/such/file.so"), "/no/such/file.so"));
  CHECK(contains(about("libm.so.6"), "something else"));
}
