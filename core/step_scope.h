#pragma once

#include "backend.h"
#include "denormals.h"

namespace handgrad::inline HANDGRAD_PRECISION {

/// Brackets a train step: begin_step and end_step of the backend, and denormals flushed on this thread meanwhile.
class StepScope {
 public:
  explicit StepScope(Backend& backend) : backend_(backend) { backend_.begin_step(); }
  ~StepScope() { backend_.end_step(); }
  StepScope(const StepScope&) = delete;
  StepScope& operator=(const StepScope&) = delete;

 private:
  FlushDenormals flush_;
  Backend& backend_;
};

}  // namespace handgrad::inline HANDGRAD_PRECISION
