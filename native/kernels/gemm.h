// C = activation(alpha * A B + beta * C + bias), a block at a time.
//
// The result is cut into register tiles of MR rows and NV vectors; a tile stays in registers while the sum
// over k runs through it (Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008).
// Columns are cut into strips of two or three vectors and rows into tiles of nearly equal height, so that
// narrow results (50 columns are seven vectors of eight) waste little and there is no scalar edge.
#ifndef MNIST_NATIVE_KERNELS_GEMM_H_
#define MNIST_NATIVE_KERNELS_GEMM_H_

#include "kernels/elementwise_loops.h"
#include "kernels/kernels.h"
#include "kernels/vector.h"

namespace mnist {
namespace KERNEL_ISA {

// The highest tile that fits the registers: MR * NV sums, NV vectors of B and one broadcast element of A.
constexpr int tile_rows(int nv) {
  int rows = (kRegisters - nv - 1) / nv;
  return rows < 8 ? rows : 8;
}

// Width in vectors of the strip that begins at vector `first` of `total`: twos, and a three in front if the
// total is odd.
inline int64_t strip_vectors(int64_t total, int64_t first) {
  if (total == 1) return 1;
  return total % 2 == 1 && first == 0 ? 3 : 2;
}

template <typename T>
inline int64_t gemm_strip_columns(int64_t n, int64_t first) {
  int64_t total = (n + kLanes<T> - 1) / kLanes<T>;
  int64_t end = first + strip_vectors(total, first / kLanes<T>) * kLanes<T>;
  return (end < n ? end : n) - first;
}

// sums += A B, one row of B.
template <typename T, int MR, int NV>
inline void multiply_row(const T* a, int64_t a_row_stride, const Vector<T> (&b_row)[NV],
                         Vector<T> (&sums)[MR][NV]) {
#pragma GCC unroll 8
  for (int i = 0; i < MR; ++i) {
    Vector<T> a_element = broadcast<T>(a[i * a_row_stride]);
#pragma GCC unroll 3
    for (int j = 0; j < NV; ++j) sums[i][j] += a_element * b_row[j];
  }
}

// The rows of B of one strip: `columns` wide, `stride` apart, and the last `ends` of them have no more
// elements in memory.
template <typename T>
struct StripOfB {
  const T* b;
  int64_t stride, columns, ends;
};

// Zeros in vectors that follow each other. No loop: GCC 12 would take one for a memset of the array that the
// registers stand for, which nobody reads; small products would take up to a tenth longer.
template <typename T, int Count>
inline void clear(Vector<T>* vectors) {
  *vectors = Vector<T>{};
  if constexpr (Count > 1) clear<T, Count - 1>(vectors + 1);
}

// sums = A B over the whole k of the block.
template <typename T, int MR, int NV>
inline void multiply_tile(int64_t k, const T* a, int64_t a_row_stride, int64_t a_k_stride,
                          const StripOfB<T>& strip, Vector<T> (&sums)[MR][NV]) {
  clear<T, MR * NV>(sums[0]);
  const T* b = strip.b;
  Vector<T> b_row[NV];
#pragma GCC unroll 4
  for (int64_t p = 0; p < k - strip.ends; ++p) {
#pragma GCC unroll 3
    for (int j = 0; j < NV; ++j) b_row[j] = load(b + j * kLanes<T>);
    multiply_row<T, MR, NV>(a, a_row_stride, b_row, sums);
    a += a_k_stride;
    b += strip.stride;
  }
  for (int64_t p = 0; p < strip.ends; ++p) {
#pragma GCC unroll 3
    for (int j = 0; j < NV - 1; ++j) b_row[j] = load(b + j * kLanes<T>);
    b_row[NV - 1] = load_partial(b + (NV - 1) * kLanes<T>, strip.columns - (NV - 1) * kLanes<T>);
    multiply_row<T, MR, NV>(a, a_row_stride, b_row, sums);
    a += a_k_stride;
    b += strip.stride;
  }
}

// One vector of C from its sum: the last pass, while the tile is still in registers.
template <typename T>
inline Vector<T> epilogue(const GemmBlock<T>& block, Vector<T> sum, Vector<T> c, Vector<T> bias) {
  Vector<T> result = sum * block.alpha + bias;
  if (block.beta != 0) result += c * block.beta;  // with beta = 0, C may hold NaN
  return activate_in_registers<T>(block.activation, result);
}

// From this depth on it takes longer to multiply a tile than to fetch its part of C.
constexpr int64_t kPrefetchDepth = 64;

// Rows [i, i + MR) of the strip that begins at column j.
template <typename T, int MR, int NV>
inline void compute_tile(const GemmBlock<T>& block, int64_t i, int64_t j, const StripOfB<T>& strip) {
  if (block.k >= kPrefetchDepth) {
    for (int r = 0; r < MR; ++r) {
      __builtin_prefetch(block.c + (i + r) * block.c_stride + j);
      __builtin_prefetch(block.c + (i + r) * block.c_stride + j + strip.columns - 1);
    }
  }
  Vector<T> sums[MR][NV];
  multiply_tile<T, MR, NV>(block.k, block.a + i * block.a_row_stride, block.a_row_stride, block.a_k_stride,
                           strip, sums);
#pragma GCC unroll 3
  for (int v = 0; v < NV; ++v) {
    int64_t lanes = strip.columns - v * kLanes<T>;
    const bool whole = lanes >= kLanes<T>;
    const T* bias = block.bias ? block.bias + j + v * kLanes<T> : nullptr;
    Vector<T> bias_row = bias == nullptr ? Vector<T>{} : whole ? load(bias) : load_partial(bias, lanes);
#pragma GCC unroll 8
    for (int r = 0; r < MR; ++r) {
      T* c = block.c + (i + r) * block.c_stride + j + v * kLanes<T>;
      Vector<T> old = {};
      if (block.beta != 0) old = whole ? load(c) : load_partial(c, lanes);
      Vector<T> result = epilogue<T>(block, sums[r][v], old, bias_row);
      if (whole) {
        store(c, result);
      } else {
        store_partial(c, result, lanes);
      }
    }
  }
}

template <typename T, int MR, int NV>
inline void compute_tile_of_rows(const GemmBlock<T>& block, int64_t rows, int64_t i, int64_t j,
                                 const StripOfB<T>& strip) {
  if (rows == MR) {
    compute_tile<T, MR, NV>(block, i, j, strip);
  } else if constexpr (MR > 1) {
    compute_tile_of_rows<T, MR - 1, NV>(block, rows, i, j, strip);
  }
}

// All rows of one strip, in tiles of nearly equal height.
template <typename T, int NV>
inline void compute_strip(const GemmBlock<T>& block, int64_t j, const StripOfB<T>& strip) {
  constexpr int64_t kRows = tile_rows(NV);
  const UnaryKernel<T> activation = activation_left<T>(block.activation);
  const int64_t tiles = (block.m + kRows - 1) / kRows;
  // The higher ones first: where heights alternate, the processor foresees no branch.
  int64_t rows = (block.m + tiles - 1) / tiles;
  int64_t higher = block.m - (rows - 1) * tiles;
  for (int64_t i = 0; i < block.m; i += rows) {
    if (higher-- == 0) --rows;
    compute_tile_of_rows<T, kRows, NV>(block, rows, i, j, strip);
    if (activation)
      activate_rows(activation, rows, strip.columns, block.c + i * block.c_stride + j, block.c_stride);
  }
}

// A B of so many bytes is in the first cache, whose size is at least twice that.
constexpr int64_t kCachedBytes = 16 << 10;

// Asks for the next strip of a B that is not packed: its rows are too far apart for the hardware to foresee
// them.
template <typename T>
inline void prefetch_strip(int64_t k, const T* b, int64_t b_stride) {
  for (int64_t p = 0; p < k; ++p) {
    __builtin_prefetch(b + p * b_stride);
    __builtin_prefetch(b + p * b_stride + 64 / sizeof(T) - 1);
  }
}

template <typename T>
inline void gemm_block_kernel(const GemmBlock<T>& block) {
  for (int64_t j = 0, columns; j < block.n; j += columns) {
    columns = gemm_strip_columns<T>(block.n, j);
    int64_t vectors = (columns + kLanes<T> - 1) / kLanes<T>;
    const bool packed = block.b_stride == 0, is_last = j + columns == block.n;
    const StripOfB<T> strip = {block.b + (packed ? j * block.k : j),
                               packed ? vectors * kLanes<T> : block.b_stride, columns,
                               packed || !is_last ? 0 : block.b_ends};
    if (!packed && !is_last && block.k * block.n * int64_t{sizeof(T)} > kCachedBytes)
      prefetch_strip(block.k, strip.b + columns, strip.stride);
    if (vectors == 3) {
      compute_strip<T, 3>(block, j, strip);
    } else if (vectors == 2) {
      compute_strip<T, 2>(block, j, strip);
    } else {
      compute_strip<T, 1>(block, j, strip);
    }
  }
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_GEMM_H_
