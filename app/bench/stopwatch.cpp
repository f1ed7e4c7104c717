#include "app/bench/stopwatch.h"

#include <algorithm>
#include <chrono>

#include "core/error.h"

namespace handgrad::app {

namespace {

constexpr double kRoundSeconds = 20e-3;

}  // namespace

double Stopwatch::batch() {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  for (std::int64_t i = 0; i < calls_; ++i) call_();
  finish_();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

void Stopwatch::round() {
  const bool first = calls_ == 0;
  if (first) calls_ = 1;
  double spent = 0;
  while (spent < pace_.warm_up) spent += batch();
  if (first) {  // Trap: only now, for the first calls of all do what is done once
    while (batch() < pace_.batch) calls_ *= 2;
  }
  spent = 0;
  do {
    const double seconds = batch();
    spent += seconds;
    times_.push_back(seconds / static_cast<double>(calls_));
  } while (spent < kRoundSeconds);
}

Times Stopwatch::times() const {
  require(!times_.empty(), "nothing has been timed: run a round first");
  std::vector<double> sorted = times_;
  std::sort(sorted.begin(), sorted.end());
  return {sorted[sorted.size() / 2], sorted.front()};
}

Stopwatch::Pace pace_of(std::string_view backend) {
  return backend.starts_with("cuda") ? Stopwatch::kGpu : Stopwatch::kProcessor;
}

}  // namespace handgrad::app
