#include "app/run/fingerprint.h"

namespace handgrad::app {

namespace {

template <class T>
void add_bytes(Crc64& sum, std::span<const T> values) {
  sum.add({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
}

void add_number(Crc64& sum, std::int64_t number) { add_bytes(sum, std::span<const std::int64_t>(&number, 1)); }
void add_number(Crc64& sum, double number) { add_bytes(sum, std::span<const double>(&number, 1)); }

}  // namespace

void Fingerprint::add(const EpisodeRecord& r) {
  for (const std::int64_t number : {r.episode, r.env_step, r.train_step, r.length}) add_number(sum_, number);
  add_number(sum_, std::int64_t{r.terminated} + 2 * std::int64_t{r.truncated} + 4 * std::int64_t{r.loss_mean.has_value()});
  for (const double number : {r.episode_return, r.epsilon, r.loss_mean.value_or(0)}) add_number(sum_, number);
}

void Fingerprint::add(const EvaluationRecord& r) {
  for (const std::int64_t number : {r.evaluation, r.episode, r.env_step, r.train_step, r.returns.episodes}) {
    add_number(sum_, number);
  }
  for (const double number : {r.returns.mean, r.returns.std, r.returns.min, r.returns.max}) add_number(sum_, number);
}

std::string Fingerprint::with(const std::vector<NamedArray>& model) const {
  Crc64 sum = sum_;
  for (const NamedArray& array : model) {
    add_bytes(sum, std::span<const char>(array.name));
    add_bytes(sum, std::span<const std::int64_t>(array.shape));
    add_bytes(sum, std::span<const float>(array.values));
    add_bytes(sum, std::span<const double>(array.doubles));
  }
  return hexadecimal(sum.value());
}

}  // namespace handgrad::app
