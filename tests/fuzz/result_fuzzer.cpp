// Results of a study's runs.

#include "app/study/results.h"
#include "tests/fuzz/contract.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

bool has_one_length(const RunCurve& curve) {
  return curve.episode.size() == curve.mean.size() && curve.env_step.size() == curve.mean.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::read_or_explain(size, {.a_byte = 256}, [&] {
    StudyDefinition study;
    study.measures = {{.kind = "final_return", .as = "final", .parameters = {}}};
    const auto result = parse_result(std::string(fuzz::as_text(data, size)), study);
    if (!result) return;
    fuzz::promise(!result->error.empty() || result->measures.size() == 1, "a result without its measures");
    fuzz::promise(has_one_length(result->evaluation) && has_one_length(result->training), "a curve with points missing");
  });
  return 0;
}
