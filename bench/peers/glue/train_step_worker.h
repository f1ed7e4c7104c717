#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/bench/train_step.h"

namespace handgrad::peers {

/// Where every contestant starts: the online network's parameters [P], in PyTorch's order (the target network is a copy), and
/// the batches that take turns.
struct StartingPoint {
  app::TrainStepConfiguration configuration;
  std::vector<float> parameters;
  std::vector<app::HostBatch> batches;
};

/// Ten batches. The fourth is a hundred times as large as the others, so that clipping has something to clip.
StartingPoint make_starting_point(const app::TrainStepConfiguration& configuration);

/// FOLDER/NAME.safetensors: "parameters" [P]; "observations", "next_observations" [10, B, 4]; "actions" (as floats), "rewards",
/// "discounts" [10, B].
void write_starting_point(const std::filesystem::path& folder, const StartingPoint& start);
StartingPoint read_starting_point(const std::filesystem::path& folder, const std::string& name);

/// A train step in somebody's library, ready at its starting point.
class Contestant {
 public:
  virtual ~Contestant() = default;
  /// Makes so many train steps.
  virtual void run(std::int64_t steps) = 0;
  /// The online network's parameters, in the starting point's order.
  virtual std::vector<float> parameters() const = 0;
};

/// Answers the runner's requests, a line each, until the input ends:
///
///   check NAME FILE    ten steps from the starting point; their parameters go to FILE          answer: done
///   time NAME STEPS    a fresh contestant, 100 steps to warm up, then STEPS steps on the clock  answer: WALL CPU, in seconds
void serve(const std::filesystem::path& folder,
           const std::function<std::unique_ptr<Contestant>(const StartingPoint&)>& make_contestant);

}  // namespace handgrad::peers
