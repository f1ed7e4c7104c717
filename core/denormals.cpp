#include "denormals.h"

#if defined(__SSE__)
#include <immintrin.h>
#endif

namespace handgrad {

#if defined(__SSE__)

namespace {
constexpr unsigned kFlushToZero = 0x8000;     // MXCSR bit 15: results
constexpr unsigned kDenormalsAreZero = 0x40;  // MXCSR bit 6: operands
}  // namespace

FlushDenormals::FlushDenormals() noexcept : saved_(_mm_getcsr()) {
  _mm_setcsr(static_cast<unsigned>(saved_) | kFlushToZero | kDenormalsAreZero);
}
FlushDenormals::~FlushDenormals() { _mm_setcsr(static_cast<unsigned>(saved_)); }

#elif defined(__aarch64__)

namespace {
constexpr unsigned long long kFlushToZero = 1ULL << 24;  // FPCR.FZ: operands and results
}  // namespace

FlushDenormals::FlushDenormals() noexcept : saved_(0) {
  asm volatile("mrs %0, fpcr" : "=r"(saved_));
  asm volatile("msr fpcr, %0" : : "r"(saved_ | kFlushToZero));
}
FlushDenormals::~FlushDenormals() { asm volatile("msr fpcr, %0" : : "r"(saved_)); }

#else  // a machine whose control register we do not know: correct, possibly slow

FlushDenormals::FlushDenormals() noexcept : saved_(0) {}
FlushDenormals::~FlushDenormals() = default;

#endif

}  // namespace handgrad
