#pragma once

#include "../tabular.h"
#include "../world.h"

namespace handgrad {

/// Environments that are nothing but a table, side by side: one table for all of them, and a state each. Bit for bit as
/// TabularEnvironment.
class TabularWorld : public World {
 public:
  /// Throws Error for an environment without a table.
  TabularWorld(std::unique_ptr<TabularEnvironment> single, std::int64_t count);

  void reset(std::span<const std::int32_t> which, float* observations) noexcept override;
  void step(std::size_t first, std::size_t last, const WorldStep& step) noexcept override;
  void check_allowed(std::span<const std::int32_t> actions, std::span<const std::uint8_t> waiting) const override;
  Snapshot save(std::size_t i) const override;
  void load(std::size_t i, const Snapshot& snapshot) override;

 protected:
  std::int64_t state(std::size_t i) const { return states_[i]; }
  /// Overrules where the last step has led.
  void set_state(std::size_t i, std::int64_t state, float* observations) {
    states_[i] = static_cast<std::int32_t>(state);
    observations[i] = static_cast<float>(state);
  }

 private:
  const TabularEnvironment& table_;                  // the World's single environment
  std::vector<std::int32_t> states_, last_actions_;  // [E]; -1: no action yet
  std::vector<double> probabilities_;                // [E] of what was drawn last
};

}  // namespace handgrad
