#pragma once

#include "products.h"

// Matrix products whose left factor is full of zeros, as everything behind a ReLU is: about half of its outputs, and the same
// half of the gradients that come back. No processor is told so by a dense product; here zeros are left out.
//
// Of each row of A the elements that are not zero are listed, with their places k. A row of C is then a sum of those rows of B,
// each times an element of A. A multiply-add with a zero changes no sum, so that the result equals that of the dense product - if B
// is finite, which is looked at once it is packed. Nothing is shared between rows of C: each multiply-add loads its own register of
// B. So the gain is less than the zeros promise: with half of A zero, a sixth to a quarter of the time (128 x 128 x 128, AVX2).

namespace handgrad::simd {
namespace {

/// Products with fewer elements on a side are not worth the lists.
constexpr long kWorthLists = 32;
/// Up to this share of nonzero elements lists pay.
constexpr float kSparse = 0.7F;

/// Of every set of eight elements, given as bits, their numbers in order, a byte each, and how many there are.
struct Numbers {
  unsigned long long bytes[256];
  unsigned char count[256];
  constexpr Numbers() : bytes(), count() {
    for (unsigned set = 0; set < 256; ++set) {
      for (unsigned i = 0; i < 8; ++i) {
        if ((set >> i & 1U) != 0) bytes[set] |= static_cast<unsigned long long>(i) << (8 * count[set]++);
      }
    }
  }
};
constexpr Numbers kNumbers;

/// A list under way: the places of what is not zero.
struct List {
  unsigned char* places = nullptr;
  long count = 0;

  /// Appends k + the numbers of the bits that are set. Writes eight bytes all the same.
  void append(unsigned bits, long k) {
    constexpr unsigned long long kEach = 0x0101010101010101ULL;
    const unsigned long long bytes = kNumbers.bytes[bits] + kEach * static_cast<unsigned long long>(k);
    __builtin_memcpy(places + count, &bytes, sizeof bytes);
    count += kNumbers.count[bits];
  }
};

/// Bit i is set where p[i] is not zero, of n < 8.
inline unsigned nonzero_of(long n, const float* p) {
  unsigned bits = 0;
  for (long i = 0; i < n; ++i) bits |= (p[i] != 0.0F ? 1U : 0U) << i;
  return bits;
}

/// Of each row of A, the places k < depth <= kSlice of what is not zero: kMostListed bytes a row. A.inner is 1.
void list_rows(long rows, long depth, Left A, const Scratch& scratch) {
  for (long m = 0; m < rows; ++m) {
    const float* a = A.data + m * A.row;
    List list{scratch.places + m * kMostListed};
    long k = 0;
    for (; k + 8 <= depth; k += 8) list.append(nonzero_of_8(a + k), k);
    if (k < depth) list.append(nonzero_of(depth - k, a + k), k);
    scratch.counts[m] = static_cast<int>(list.count);
  }
}

/// A slice of a left factor whose rows lie across memory, A.row being 1, made to lie along it: [rows, kSlice].
void lay_down(long rows, long depth, Left A, float* out) {
  for (long m = 0; m < rows; m += kLanes) {
    const long present = rows - m < kLanes ? rows - m : kLanes;
    for (long k = 0; k < depth; k += kLanes) {
      const long count = depth - k < kLanes ? depth - k : kLanes;
      V block[kLanes];
      for (long i = 0; i < kLanes; ++i) {
        const float* a = A.data + (k + i) * A.inner + m;
        block[i] = i >= count ? zero() : present == kLanes ? load(a) : load_part(a, present);
      }
      transpose(block);
      for (long i = 0; i < present; ++i) store(out + (m + i) * kSlice + k, block[i]);
    }
  }
}

/// One row of C, NV vectors of columns: of the row a of A, those elements that are listed.
template <int NV>
inline void sparse_row(long count, const unsigned char* places, const float* a, const float* panel, float* C, long last,
                       const Ends& ends) {
  V sums[NV];
  const auto whole = [last](int v) { return v + 1 < NV || last == kLanes; };
  for (int v = 0; v < NV; ++v) {
    const float* start = ends.go_on ? C : ends.bias;
    sums[v] = start == nullptr ? zero() : whole(v) ? load(start + v * kLanes) : load_part(start + v * kLanes, last);
  }
  const auto add = [&](long k) {
    const V x = all(a[k]);
    const float* b = panel + k * (NV * kLanes);
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) sums[v] = multiply_add(x, load(b + v * kLanes), sums[v]);
  };
  for (long j = 0; j < count; ++j) add(places[j]);
  for (int v = 0; v < NV; ++v) {
    const V y = ends.relu ? larger(zero(), sums[v]) : sums[v];
    if (whole(v)) {
      store(C + v * kLanes, y);
    } else {
      store_part(C + v * kLanes, y, last);
    }
  }
}

template <int NV>
void sparse_rows(long rows, Left A, const Scratch& scratch, float* C, long C_row, long last, const Ends& ends) {
  for (long m = 0; m < rows; ++m) {
    sparse_row<NV>(scratch.counts[m], scratch.places + m * kMostListed, A.data + m * A.row, scratch.panel, C + m * C_row, last,
                   ends);
  }
}

void sparse_rows(long NV, long rows, Left A, const Scratch& scratch, float* C, long C_row, long last, const Ends& ends) {
  switch (NV) {
    case 1: return sparse_rows<1>(rows, A, scratch, C, C_row, last, ends);
    case 2: return sparse_rows<2>(rows, A, scratch, C, C_row, last, ends);
    case 3: return sparse_rows<3>(rows, A, scratch, C, C_row, last, ends);
    case 4: return sparse_rows<4>(rows, A, scratch, C, C_row, last, ends);
    case 5: return sparse_rows<5>(rows, A, scratch, C, C_row, last, ends);
    case 6: return sparse_rows<6>(rows, A, scratch, C, C_row, last, ends);
    case 7: return sparse_rows<7>(rows, A, scratch, C, C_row, last, ends);
    default: return sparse_rows<8>(rows, A, scratch, C, C_row, last, ends);
  }
}

/// Whether all of a packed panel is finite: x - x is 0 where x is, else NaN.
bool finite(const float* panel, long vectors) {
  V sum = zero();
  for (long v = 0; v < vectors; ++v) {
    const V x = load(panel + v * kLanes);
    sum = sum + (x - x);  // NOLINT(misc-redundant-expression): not of infinity and NaN
  }
  return simd::sum(sum) == 0.0F;
}

/// Whether a few rows of A say that it is full of zeros.
bool looks_sparse(long rows, long inner, Left A) {
  constexpr long kSample = 8;
  const long step = rows / kSample > 0 ? rows / kSample : 1;
  long seen = 0, nonzero = 0, first = 0;
  for (long m = 0; m < rows; m += step) {
    for (long k = first; k < inner; k += 4) {
      nonzero += A.data[m * A.row + k * A.inner] != 0.0F ? 1 : 0;
      ++seen;
    }
    first = (first + 1) % 4;  // other columns of the next row
  }
  return static_cast<float>(nonzero) < kSparse * static_cast<float>(seen);
}

/// C = A · B as product() makes it, zeros of A left out.
template <bool kTransposed>
void sparse_product(long rows, long inner, long columns, Left A, const float* B, long B_step, float* C, const Ends& ends,
                    const Scratch& scratch) {
  constexpr long kWidest = kSparseVectors;
  const long vectors = (columns + kLanes - 1) / kLanes, panels = (vectors + kWidest - 1) / kWidest;
  for (long k = 0; k < inner; k += kSlice) {
    const long depth = inner - k < kSlice ? inner - k : kSlice;
    const Left lying{A.data + k * A.inner, A.row, A.inner};
    if (A.inner != 1) lay_down(rows, depth, lying, scratch.rows);
    const Left slice = A.inner == 1 ? lying : Left{scratch.rows, kSlice, 1};
    list_rows(rows, depth, slice, scratch);
    long first = 0;
    for (long p = 0; p < panels; ++p) {
      const long NV = (vectors - first) / (panels - p), n = first * kLanes;
      const long width = columns - n < NV * kLanes ? columns - n : NV * kLanes, last = width - (NV - 1) * kLanes;
      const Ends part{ends.bias == nullptr || k > 0 ? nullptr : ends.bias + n, ends.go_on || k > 0,
                      ends.relu && k + depth == inner};
      if constexpr (kTransposed) {
        pack_transposed(B + n * B_step + k, B_step, depth, width, NV, scratch.panel);
      } else {
        pack(B + k * B_step + n, B_step, depth, width, NV, scratch.panel);
      }
      if (finite(scratch.panel, depth * NV)) {
        sparse_rows(NV, rows, slice, scratch, C + n, columns, last, part);
      } else {
        for (long v = 0; v < NV; ++v) {  // 0 times NaN is NaN
          const Ends one{part.bias == nullptr ? nullptr : part.bias + v * kLanes, part.go_on, part.relu};
          tiles<1, true>(rows, depth, slice, {scratch.panel + v * kLanes, NV * kLanes}, C + n + v * kLanes, columns,
                         v + 1 < NV ? kLanes : last, one);
        }
      }
      first += NV;
    }
  }
}

}  // namespace
}  // namespace handgrad::simd
