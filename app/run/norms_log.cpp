#include "app/run/norms_log.h"

#include "core/error.h"

namespace handgrad::app {

namespace {

std::string header(const Learner& learner) {
  const std::vector<NamedNorm> norms = learner.norms();
  require(!norms.empty(), "this learner tells no norms of what it learns: run it without --watch-norms");
  std::string columns = "episode,env_step,train_step";
  for (const NamedNorm& norm : norms) columns += "," + norm.name;
  return columns;
}

}  // namespace

NormsLog::NormsLog(const std::filesystem::path& file, const Learner& learner)
    : rows_(file, header(learner), CsvWriter::Rows::gathered) {}

NormsLog::NormsLog(const std::filesystem::path& file, const Learner& learner, const CsvPosition& position)
    : rows_(file, header(learner), position, CsvWriter::Rows::gathered) {}

void NormsLog::add(const EpisodeRecord& record, const Learner& learner) {
  rows_.add(record.episode).add(record.env_step).add(record.train_step);
  for (const NamedNorm& norm : learner.norms()) rows_.add(norm.value);
  rows_.end_row();
}

}  // namespace handgrad::app
