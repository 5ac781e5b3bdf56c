// C = activation(alpha * A B + beta * C + bias), a block at a time.
//
// The result is cut into register tiles of MR rows and NV vectors; a tile stays in registers while the sum
// over k runs through it (Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008).
// Columns are cut into strips of two or three vectors and rows into tiles of nearly equal height, so that
// narrow results (50 columns are seven vectors of eight) waste little and there is no scalar edge.
#ifndef MNIST_NATIVE_KERNELS_GEMM_H_
#define MNIST_NATIVE_KERNELS_GEMM_H_

#include "kernels/activations.h"
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

// sums = A B over the whole k of the block.
template <typename T, int MR, int NV>
inline void multiply_tile(int64_t k, const T* a, int64_t a_row_stride, int64_t a_k_stride, const T* b,
                          int64_t b_stride, Vector<T> (&sums)[MR][NV]) {
  for (int i = 0; i < MR; ++i) {
    for (int j = 0; j < NV; ++j) sums[i][j] = Vector<T>{};
  }
#pragma GCC unroll 4
  for (int64_t p = 0; p < k; ++p) {
    Vector<T> b_row[NV];
#pragma GCC unroll 3
    for (int j = 0; j < NV; ++j) b_row[j] = load(b + j * kLanes<T>);
#pragma GCC unroll 8
    for (int i = 0; i < MR; ++i) {
      Vector<T> a_element = broadcast<T>(a[i * a_row_stride]);
#pragma GCC unroll 3
      for (int j = 0; j < NV; ++j) sums[i][j] += a_element * b_row[j];
    }
    a += a_k_stride;
    b += b_stride;
  }
}

// One vector of C from its sum: the last pass, while the tile is still in registers.
template <typename T>
inline Vector<T> epilogue(const GemmBlock<T>& block, Vector<T> sum, Vector<T> c, Vector<T> bias) {
  Vector<T> result = sum * block.alpha + bias;
  if (block.beta != 0) result += c * block.beta;  // with beta = 0, C may hold NaN
  return block.activation == Activation::kSigmoid ? sigmoid<T>(result) : result;
}

// Rows [i, i + MR) of the strip of `columns` columns that begins at column j.
template <typename T, int MR, int NV>
inline void compute_tile(const GemmBlock<T>& block, int64_t i, int64_t j, int64_t columns, const T* b,
                         int64_t b_stride) {
  Vector<T> sums[MR][NV];
  multiply_tile<T, MR, NV>(block.k, block.a + i * block.a_row_stride, block.a_row_stride, block.a_k_stride, b,
                           b_stride, sums);
#pragma GCC unroll 3
  for (int v = 0; v < NV; ++v) {
    int64_t lanes = columns - v * kLanes<T>;
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
                                 int64_t columns, const T* b, int64_t b_stride) {
  if (rows == MR) {
    compute_tile<T, MR, NV>(block, i, j, columns, b, b_stride);
  } else if constexpr (MR > 1) {
    compute_tile_of_rows<T, MR - 1, NV>(block, rows, i, j, columns, b, b_stride);
  }
}

// All rows of one strip, in tiles of nearly equal height.
template <typename T, int NV>
inline void compute_strip(const GemmBlock<T>& block, int64_t j, int64_t columns, const T* b,
                          int64_t b_stride) {
  constexpr int64_t kRows = tile_rows(NV);
  int64_t tiles = (block.m + kRows - 1) / kRows;
  for (int64_t tile = 0; tile < tiles; ++tile) {
    int64_t i = block.m * tile / tiles;
    int64_t rows = block.m * (tile + 1) / tiles - i;
    compute_tile_of_rows<T, kRows, NV>(block, rows, i, j, columns, b, b_stride);
  }
}

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
    const bool packed = block.b_stride == 0;
    const T* b = block.b + (packed ? j * block.k : j);
    int64_t b_stride = packed ? vectors * kLanes<T> : block.b_stride;
    if (!packed && j + columns < block.n) prefetch_strip(block.k, b + columns, b_stride);
    if (vectors == 3) {
      compute_strip<T, 3>(block, j, columns, b, b_stride);
    } else if (vectors == 2) {
      compute_strip<T, 2>(block, j, columns, b, b_stride);
    } else {
      compute_strip<T, 1>(block, j, columns, b, b_stride);
    }
  }
}

// One strip of B from rows that are contiguous in memory.
template <typename T, int NV>
inline void pack_rows(int64_t k, int64_t columns, const T* b, int64_t k_stride, T* packed) {
  for (int64_t p = 0; p < k; ++p) {
#pragma GCC unroll 3
    for (int v = 0; v < NV; ++v) {
      const int64_t lanes = columns - v * kLanes<T>;
      const T* from = b + p * k_stride + v * kLanes<T>;
      store(packed + (p * NV + v) * kLanes<T>, lanes >= kLanes<T> ? load(from) : load_partial(from, lanes));
    }
  }
}

// One strip of B from columns that are contiguous in memory, a square of vectors at a time.
template <typename T, int NV>
inline void pack_columns(int64_t k, int64_t columns, const T* b, int64_t n_stride, T* packed) {
  constexpr int64_t kWidth = NV * kLanes<T>;
  for (int v = 0; v < NV; ++v) {
    const int64_t present = columns - v * kLanes<T> < kLanes<T> ? columns - v * kLanes<T> : kLanes<T>;
    const T* from = b + v * kLanes<T> * n_stride;
    T* to = packed + v * kLanes<T>;
    for (int64_t p = 0; p < k; p += kLanes<T>) {
      const int64_t depth = k - p < kLanes<T> ? k - p : kLanes<T>;
      Vector<T> square[kLanes<T>];
      if (depth == kLanes<T> && present == kLanes<T>) {
#pragma GCC unroll 16
        for (int64_t j = 0; j < kLanes<T>; ++j) square[j] = load(from + j * n_stride + p);
      } else {
        for (int64_t j = 0; j < kLanes<T>; ++j) {
          const T* column = from + j * n_stride + p;
          square[j] = j >= present         ? Vector<T>{}
                      : depth == kLanes<T> ? load(column)
                                           : load_partial(column, depth);
        }
      }
      transpose<T>(square);
      if (depth == kLanes<T>) {
#pragma GCC unroll 16
        for (int64_t i = 0; i < kLanes<T>; ++i) store(to + (p + i) * kWidth, square[i]);
      } else {
        for (int64_t i = 0; i < depth; ++i) store(to + (p + i) * kWidth, square[i]);
      }
    }
  }
}

template <typename T, int NV>
inline void pack_strip(int64_t k, int64_t columns, const T* b, int64_t k_stride, int64_t n_stride,
                       T* packed) {
  if (n_stride == 1) {
    pack_rows<T, NV>(k, columns, b, k_stride, packed);
  } else {
    pack_columns<T, NV>(k, columns, b, n_stride, packed);
  }
}

template <typename T>
inline void gemm_pack_b_kernel(int64_t k, int64_t n, const T* b, int64_t k_stride, int64_t n_stride,
                               T* packed) {
  for (int64_t j = 0, columns; j < n; j += columns) {
    columns = gemm_strip_columns<T>(n, j);
    const int64_t vectors = (columns + kLanes<T> - 1) / kLanes<T>;
    const T* from = b + j * n_stride;
    T* to = packed + j * k;
    if (vectors == 3) {
      pack_strip<T, 3>(k, columns, from, k_stride, n_stride, to);
    } else if (vectors == 2) {
      pack_strip<T, 2>(k, columns, from, k_stride, n_stride, to);
    } else {
      pack_strip<T, 1>(k, columns, from, k_stride, n_stride, to);
    }
  }
}

template <typename T>
inline void gemm_pack_a_kernel(int64_t m, int64_t k, const T* a, int64_t row_stride, int64_t k_stride,
                               T* packed) {
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t p = 0; p < k; ++p) packed[i * k + p] = a[i * row_stride + p * k_stride];
  }
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_GEMM_H_
