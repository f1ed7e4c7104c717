#pragma once

// Loops over flat arrays, a register at a time, what is left over at the end included.

namespace handgrad::simd {
namespace {

struct ReadWhole {
  V operator()(const float* p) const { return load(p); }
};
struct WriteWhole {
  void operator()(float* p, V x) const { store(p, x); }
};
struct ReadPart {
  long count;
  V operator()(const float* p) const { return load_part(p, count); }
};
struct WritePart {
  long count;
  void operator()(float* p, V x) const { store_part(p, x, count); }
};

/// Calls work(i, read, write) for i = 0, kLanes, 2 kLanes …: read(p + i) and write(p + i, x) handle a register of an array p,
/// or what is left of it at its end.
template <class Work>
inline void for_each_vector(long n, const Work& work) {
  long i = 0;
  for (; i + kLanes <= n; i += kLanes) work(i, ReadWhole{}, WriteWhole{});
  if (i < n) work(i, ReadPart{n - i}, WritePart{n - i});
}

template <bool kValue>
struct Constant {
  static constexpr bool value = kValue;
};

/// Calls work with a constant that says whether `condition` holds, so that it is asked once and not in the loop.
template <class Work>
inline void with(bool condition, const Work& work) {
  if (condition) {
    work(Constant<true>{});
  } else {
    work(Constant<false>{});
  }
}

}  // namespace
}  // namespace handgrad::simd
