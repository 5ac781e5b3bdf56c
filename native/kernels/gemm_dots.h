// C = activation(alpha * A B + beta * C + bias) for columns of B that are contiguous in memory, without
// copying them: each element of C is the product of two contiguous vectors, summed lane by lane and then
// across lanes.
//
// That last sum costs as much as some vectors of the product, so this pays for long columns and results that
// are small, or narrow: few rows, or the few columns that whole vectors leave over.
#ifndef MNIST_NATIVE_KERNELS_GEMM_DOTS_H_
#define MNIST_NATIVE_KERNELS_GEMM_DOTS_H_

#include "kernels/gemm.h"

namespace mnist {
namespace KERNEL_ISA {

// The most columns that are computed together. Their sums are the lanes of a vector.
template <typename T>
constexpr int kMostDotColumns = kLanes<T> < 4 ? 2 : 4;

// The sums across the lanes of four vectors, in lanes 0 to 3, or two in lanes 0 and 1 where there are no more
// lanes. Each is summed in the same order.
template <typename T, int Block>
inline Vector<T> fold(Vector<T> sums) {
  if constexpr (Block < kLanes<T>) {
    return fold<T, 2 * Block>(exchanged<T, Block, false>(sums, sums) + exchanged<T, Block, true>(sums, sums));
  } else {
    return sums;
  }
}

template <typename T, int Block>
inline Vector<T> add_exchanged(Vector<T> a, Vector<T> b) {
  return exchanged<T, Block, false>(a, b) + exchanged<T, Block, true>(a, b);
}

template <typename T>
inline Vector<T> sum_lanes(const Vector<T> (&sums)[kMostDotColumns<T>]) {
  const Vector<T> first = add_exchanged<T, 1>(sums[0], sums[1]);
  if constexpr (kMostDotColumns<T> == 4) {
    return fold<T, 4>(add_exchanged<T, 2>(first, add_exchanged<T, 1>(sums[2], sums[3])));
  } else {
    return first;
  }
}

// Four rows of two columns are summed together where they fit into a vector.
constexpr int kPairRows = 4;
template <typename T>
constexpr bool kFoldsPairs = kLanes<T> >= 2 * kPairRows;

// The same of four rows of two columns each, in lanes 2 * row + column: the same additions, but half of them
// or fewer.
template <typename T>
inline Vector<T> sum_pairs(const Vector<T> (&sums)[kPairRows][kMostDotColumns<T>]) {
  Vector<T> rows[kPairRows];
#pragma GCC unroll 4
  for (int r = 0; r < kPairRows; ++r) rows[r] = add_exchanged<T, 1>(sums[r][0], sums[r][1]);
  return fold<T, 2 * kPairRows>(
      add_exchanged<T, 4>(add_exchanged<T, 2>(rows[0], rows[1]), add_exchanged<T, 2>(rows[2], rows[3])));
}

// Pairs of elements that are `stride` apart, as sum_pairs leaves them, with zeros behind.
template <typename T>
inline Vector<T> load_pairs(const T* p, int64_t stride) {
  T lanes[kLanes<T>] = {};
  for (int r = 0; r < kPairRows; ++r) memcpy(lanes + 2 * r, p + r * stride, 2 * sizeof(T));
  return load(lanes);
}

template <typename T>
inline void store_pairs(T* p, Vector<T> pairs, int64_t stride) {
  T lanes[kLanes<T>];
  store(lanes, pairs);
  for (int r = 0; r < kPairRows; ++r) memcpy(p + r * stride, lanes + 2 * r, 2 * sizeof(T));
}

template <typename T, int Count>
inline Vector<T> load_first(const T* p) {
  if constexpr (Count == kLanes<T>) {
    return load(p);
  } else {
    return load_partial(p, Count);
  }
}

template <typename T, int MR, int NR>
inline void compute_dots(const GemmBlock<T>& block, int64_t i, int64_t j) {
  Vector<T> sums[MR][kMostDotColumns<T>] = {};
  const T* a = block.a + i * block.a_row_stride;
  const T* b = block.b + j * block.b_stride;
  const auto add = [&](auto load_vector) {
    Vector<T> b_vectors[NR];
#pragma GCC unroll 4
    for (int c = 0; c < NR; ++c) b_vectors[c] = load_vector(b + c * block.b_stride);
#pragma GCC unroll 4
    for (int r = 0; r < MR; ++r) {
      const Vector<T> a_vector = load_vector(a + r * block.a_row_stride);
#pragma GCC unroll 4
      for (int c = 0; c < NR; ++c) sums[r][c] += a_vector * b_vectors[c];
    }
  };
  for_each_vector<T>(
      block.k,
      [&](int64_t) {
        add([](const T* p) { return load(p); });
        a += kLanes<T>;
        b += kLanes<T>;
      },
      [&](int64_t, int64_t count) { add([count](const T* p) { return load_partial(p, count); }); });
  if constexpr (kFoldsPairs<T> && MR == kPairRows && NR == 2) {
    T* c = block.c + i * block.c_stride + j;
    const Vector<T> bias = block.bias ? load_pairs(block.bias + j, 0) : Vector<T>{};
    const Vector<T> old = block.beta != 0 ? load_pairs(c, block.c_stride) : Vector<T>{};
    store_pairs(c, epilogue<T>(block, sum_pairs<T>(sums), old, bias), block.c_stride);
    return;
  }
  const Vector<T> bias = block.bias ? load_first<T, NR>(block.bias + j) : Vector<T>{};
#pragma GCC unroll 4
  for (int r = 0; r < MR; ++r) {
    T* c = block.c + (i + r) * block.c_stride + j;
    const Vector<T> old = block.beta != 0 ? load_first<T, NR>(c) : Vector<T>{};
    const Vector<T> result = epilogue<T>(block, sum_lanes<T>(sums[r]), old, bias);
    if constexpr (NR == kLanes<T>) {
      store(c, result);
    } else {
      store_partial(c, result, NR);
    }
  }
}

template <typename T, int MR, int NR>
inline void compute_dots_of_size(const GemmBlock<T>& block, int64_t rows, int64_t columns, int64_t i,
                                 int64_t j) {
  if (columns < NR) {
    if constexpr (NR > 1) compute_dots_of_size<T, MR, NR - 1>(block, rows, columns, i, j);
  } else if (rows < MR) {
    if constexpr (MR > 1) compute_dots_of_size<T, MR - 1, NR>(block, rows, columns, i, j);
  } else {
    compute_dots<T, MR, NR>(block, i, j);
  }
}

// In tiles of MR rows and NR columns, and smaller ones at the edges.
template <typename T, int MR, int NR>
inline void compute_all_dots(const GemmBlock<T>& block) {
  for (int64_t j = 0; j < block.n; j += NR) {
    const int64_t columns = block.n - j < NR ? block.n - j : NR;
    for (int64_t i = 0; i < block.m; i += MR) {
      const int64_t rows = block.m - i < MR ? block.m - i : MR;
      compute_dots_of_size<T, MR, NR>(block, rows, columns, i, j);
    }
  }
}

// 16 registers have room for 8 sums and what they are made of.
template <typename T>
inline void gemm_dots_kernel(const GemmBlock<T>& block) {
  if (block.n <= 2) {
    compute_all_dots<T, 4, 2>(block);
  } else {
    compute_all_dots<T, kRegisters >= 32 ? 4 : 2, kMostDotColumns<T>>(block);
  }
  const UnaryKernel<T> activation = activation_left<T>(block.activation);
  if (activation) activate_rows(activation, block.m, block.n, block.c, block.c_stride);
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_GEMM_DOTS_H_
