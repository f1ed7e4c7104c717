#pragma once

namespace handgrad {

/// While one of these lives, this thread flushes denormal results to zero and reads denormal operands as zero; the former
/// state comes back with its end.
///
/// Why: a ReLU that is never active leaves Adam's moments decaying towards zero for ever; once they are denormal, each
/// multiplication costs a hundred cycles or more. Trap: environments must never run under it, their bits are promised.
class FlushDenormals {
 public:
  FlushDenormals() noexcept;
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  unsigned long long saved_;
};

}  // namespace handgrad
