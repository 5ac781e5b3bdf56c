// Operations along the rows of a matrix: gather and scale, column sums, argmax.
#ifndef MNIST_NATIVE_KERNELS_ROWS_H_
#define MNIST_NATIVE_KERNELS_ROWS_H_

#include "kernels/vector.h"

namespace mnist {
namespace KERNEL_ISA {

// Asks for the lines of a row that is needed soon: minibatches are drawn at random, and no hardware foresees
// that.
inline void prefetch_row(const uint8_t* row, int64_t bytes) {
  for (int64_t j = 0; j < bytes; j += 64) __builtin_prefetch(row + j);
}

// out[i, :] = images[row_numbers[i], :] * scale + offset
template <typename T>
inline void gather_rows_kernel(int64_t rows, int64_t width, const uint8_t* images, const int32_t* row_numbers,
                               T scale, T offset, T* out) {
  constexpr int64_t kAhead = 4;
  for (int64_t i = 0; i < rows; ++i) {
    if (i + kAhead < rows) prefetch_row(images + row_numbers[i + kAhead] * width, width);
    const uint8_t* __restrict image = images + row_numbers[i] * width;
    T* __restrict row = out + i * width;
    for (int64_t j = 0; j < width; ++j) row[j] = static_cast<T>(image[j]) * scale + offset;
  }
}

// Sums in double, a few columns at a time so that the sums stay in registers.
template <typename T>
inline void column_sums_kernel(int64_t rows, int64_t stride, int64_t first, int64_t last, const T* x, T alpha,
                               T* out) {
  constexpr int64_t kColumns = 16;
  int64_t j = first;
  for (; j + kColumns <= last; j += kColumns) {
    double sums[kColumns] = {};
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t l = 0; l < kColumns; ++l) sums[l] += static_cast<double>(x[i * stride + j + l]);
    }
    for (int64_t l = 0; l < kColumns; ++l) out[j + l] = alpha * static_cast<T>(sums[l]);
  }
  for (; j < last; ++j) {
    double sum = 0;
    for (int64_t i = 0; i < rows; ++i) sum += static_cast<double>(x[i * stride + j]);
    out[j] = alpha * static_cast<T>(sum);
  }
}

// As NumPy: the first of equals, and the first NaN before any number.
template <typename T>
inline int64_t argmax(int64_t columns, const T* row) {
  int64_t best = 0;
  for (int64_t j = 1; j < columns; ++j) {
    bool best_is_nan = row[best] != row[best];
    if (!best_is_nan && !(row[j] <= row[best])) best = j;
  }
  return best;
}

template <typename T>
inline void argmax_rows_kernel(int64_t rows, int64_t columns, const T* x, int32_t* out) {
  for (int64_t i = 0; i < rows; ++i) out[i] = static_cast<int32_t>(argmax(columns, x + i * columns));
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_ROWS_H_
