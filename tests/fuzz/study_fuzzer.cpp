// Definitions of studies: any TOML text becomes a study or an error; a study reads back from its own file as the same, and its
// arms and pictures stay in its folder.

#include "app/study/study.h"
#include "tests/fuzz/contract.h"

using namespace handgrad;
using namespace handgrad::app;

namespace {

// Each arm is a run to be resolved: with many of them an input would take seconds, and find nothing more.
constexpr std::size_t kMostRuns = 8;

bool is_small(const StudyDefinition& study) {
  std::size_t runs = study.arms.size();
  for (const auto& sweep : study.sweeps) runs = std::max<std::size_t>(runs, 1) * std::min(sweep.values.size(), kMostRuns + 1);
  return runs <= kMostRuns && study.sweeps.size() <= kMostRuns;
}

bool stays_in_its_folder(const std::string& name) {
  const std::filesystem::path path(name);
  return !name.empty() && path.filename() == path && name != "." && name != "..";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::read_or_explain(size, {.fixed = 32 << 20, .a_byte = 4096}, [&] {
    const StudyDefinition definition = parse_study(fuzz::as_text(data, size), "input", "input.toml");
    const std::string written = to_toml(definition);
    fuzz::promise(to_toml(parse_study(written, "other", "study.toml")) == written, "study.toml is another study");
    fuzz::promise(stays_in_its_folder(definition.id), "a study is called " + definition.id);
    for (const auto& figure : definition.figures) {
      fuzz::promise(stays_in_its_folder(figure.file), "a picture is called " + figure.file);
    }
    if (!is_small(definition)) return;
    const Study study = resolve_study(definition);
    for (const auto& arm : study.arms) fuzz::promise(stays_in_its_folder(arm.folder), "an arm's folder is " + arm.folder);
  });
  return 0;
}
