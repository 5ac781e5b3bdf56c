// Operands of GEMM in the order in which the block kernel reads them.
#ifndef MNIST_NATIVE_KERNELS_GEMM_PACK_H_
#define MNIST_NATIVE_KERNELS_GEMM_PACK_H_

#include "kernels/gemm.h"

namespace mnist {
namespace KERNEL_ISA {

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

// Elements in 16 bytes, the unit in which columns of B are read.
template <typename T>
constexpr int64_t kPiece = 16 / static_cast<int64_t>(sizeof(T));

// A vector of pieces of 16 bytes, `stride` elements apart; zeros stand in for those from number `present` on.
template <typename T>
inline Vector<T> load_pieces(const T* from, int64_t stride, int64_t present) {
  typedef T Piece __attribute__((vector_size(16)));
  constexpr int64_t kCount = kLanes<T> / kPiece<T>;
  Piece pieces[kCount] = {};
#pragma GCC unroll 4
  for (int64_t i = 0; i < kCount; ++i) {
    if (i < present) memcpy(&pieces[i], from + i * stride, sizeof(Piece));
  }
#if defined(__AVX512F__)
  __m512 vector = _mm512_castps128_ps512(reinterpret_cast<__m128>(pieces[0]));
  vector = _mm512_insertf32x4(vector, reinterpret_cast<__m128>(pieces[1]), 1);
  vector = _mm512_insertf32x4(vector, reinterpret_cast<__m128>(pieces[2]), 2);
  return reinterpret_cast<Vector<T>>(_mm512_insertf32x4(vector, reinterpret_cast<__m128>(pieces[3]), 3));
#elif defined(__AVX2__)
  const __m256 low = _mm256_castps128_ps256(reinterpret_cast<__m128>(pieces[0]));
  return reinterpret_cast<Vector<T>>(_mm256_insertf128_ps(low, reinterpret_cast<__m128>(pieces[1]), 1));
#else
  Vector<T> vector;
  memcpy(&vector, pieces, sizeof vector);
  return vector;
#endif
}

// Columns that are contiguous in memory to rows that are `width` apart, in whole vectors. A vector takes a
// piece from every kPiece-th column, and so many vectors are transposed within their pieces.
template <typename T>
inline void transpose_columns(int64_t k, int64_t columns, const T* b, int64_t n_stride, T* packed,
                              int64_t width) {
  const int64_t k_whole = k - k % kPiece<T>;
  for (int64_t first = 0; first < columns; first += kLanes<T>) {
    const int64_t present = columns - first < kLanes<T> ? columns - first : kLanes<T>;
    const T* from = b + first * n_stride;
    T* to = packed + first;
    for (int64_t p = 0; p < k_whole; p += kPiece<T>) {
      Vector<T> rows[kPiece<T>];
      if (present == kLanes<T>) {
#pragma GCC unroll 4
        for (int64_t j = 0; j < kPiece<T>; ++j) {
          rows[j] = load_pieces(from + j * n_stride + p, kPiece<T> * n_stride, kLanes<T>);
        }
      } else {
#pragma GCC unroll 4
        for (int64_t j = 0; j < kPiece<T>; ++j) {
          rows[j] = load_pieces(from + j * n_stride + p, kPiece<T> * n_stride,
                                (present - j + kPiece<T> - 1) / kPiece<T>);
        }
      }
      transpose_pieces(rows);
#pragma GCC unroll 4
      for (int64_t i = 0; i < kPiece<T>; ++i) store(to + (p + i) * width, rows[i]);
    }
    for (int64_t p = k_whole; p < k; ++p) {
      for (int64_t j = 0; j < kLanes<T>; ++j) to[p * width + j] = j < present ? from[j * n_stride + p] : T{0};
    }
  }
}

// One strip of B from columns that are contiguous in memory.
template <typename T, int NV>
inline void pack_columns(int64_t k, int64_t columns, const T* b, int64_t n_stride, T* packed) {
  transpose_columns<T>(k, columns, b, n_stride, packed, NV * kLanes<T>);
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
                               T* packed, int64_t packed_stride) {
  if (k_stride != 1) return transpose_columns<T>(m, k, a, k_stride, packed, packed_stride);
  for (int64_t i = 0; i < m; ++i) {
    for_each_vector<T>(
        k, [&](int64_t p) { store(packed + i * packed_stride + p, load(a + i * row_stride + p)); },
        [&](int64_t p, int64_t count) {
          store(packed + i * packed_stride + p, load_partial(a + i * row_stride + p, count));
        });
  }
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_GEMM_PACK_H_
