#include "world.h"

#include "../core/error.h"

namespace handgrad {

World::World(std::unique_ptr<Environment> single, std::int64_t count) : single_(std::move(single)) {
  require(count > 0, "a vector environment holds 1 or more environments, got ", count);
  require(single_ != nullptr, "a vector environment needs to know what it is made of, got no environment");
  count_ = static_cast<std::size_t>(count);
}

void World::seed(std::uint64_t seed) {
  streams_.clear();
  streams_.reserve(count_);
  for (std::size_t i = 0; i < count_; ++i) streams_.emplace_back(seed + i);
}

void World::check_allowed(std::span<const std::int32_t>, std::span<const std::uint8_t>) const {}

void World::load_stream(std::size_t i, const Snapshot& snapshot) {
  single_->load(snapshot);
  require(snapshot.stream.has_value(), "a snapshot from before the first reset: a vector environment cannot go on from it");
  if (streams_.empty()) seed(0);  // every one of them is about to be loaded
  streams_[i] = Generator::from_state(*snapshot.stream);
}

}  // namespace handgrad
