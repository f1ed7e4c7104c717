#pragma once

#include "../blackjack.h"
#include "../world.h"

namespace handgrad {

/// Games of Blackjack side by side, bit for bit as Blackjack. Each step draws cards and looks at all of a game, so that a game
/// is one element and not one of each array.
class BlackjackWorld : public World {
 public:
  BlackjackWorld(const BlackjackOptions& options, std::int64_t count);

  void reset(std::span<const std::int32_t> which, float* observations) noexcept override;
  void step(std::size_t first, std::size_t last, const WorldStep& step) noexcept override;
  Snapshot save(std::size_t i) const override;
  void load(std::size_t i, const Snapshot& snapshot) override;

 private:
  BlackjackOptions options_;
  std::vector<BlackjackGame> games_;  // [E]
};

}  // namespace handgrad
