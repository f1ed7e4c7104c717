#pragma once

#include "../taxi.h"
#include "tabular_world.h"

namespace handgrad {

/// Taxis side by side, bit for bit as Taxi: a table, and passengers who change their minds.
class TaxiWorld : public TabularWorld {
 public:
  TaxiWorld(const TaxiOptions& options, std::int64_t count);

  void reset(std::span<const std::int32_t> which, float* observations) noexcept override;
  void step(std::size_t first, std::size_t last, const WorldStep& step) noexcept override;
  Snapshot save(std::size_t i) const override;
  void load(std::size_t i, const Snapshot& snapshot) override;

 private:
  TaxiOptions options_;
  std::vector<std::uint8_t> fickle_now_;  // [E] will change the destination, and has not yet
};

}  // namespace handgrad
