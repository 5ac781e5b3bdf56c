// Mean squared error on one-hot labels, and its gradient through a sigmoid output layer.
#ifndef MNIST_NATIVE_KERNELS_LOSSES_H_
#define MNIST_NATIVE_KERNELS_LOSSES_H_

#include "kernels/kernels.h"
#include "kernels/rows.h"

namespace mnist {
namespace KERNEL_ISA {

// delta[i, j] = scale * (a - y) * a * (1 - a) with y = 1 at the label of row i and 0 elsewhere. The sums are
// kept in double, from the first row to the last.
template <typename T>
inline LossSums output_delta_kernel(int64_t rows, int64_t columns, const T* a, const uint8_t* labels, T scale,
                                    T* delta) {
  LossSums sums = {0, 0};
  for (int64_t i = 0; i < rows; ++i) {
    const T* row = a + i * columns;
    sums.correct += argmax(columns, row) == labels[i];  // first, because delta may be written onto a
    for (int64_t j = 0; j < columns; ++j) {
      T error = row[j] - (j == labels[i] ? T{1} : T{0});
      sums.squared_error += static_cast<double>(error) * static_cast<double>(error);
      if (delta) delta[i * columns + j] = scale * error * (row[j] * (T{1} - row[j]));
    }
  }
  return sums;
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_LOSSES_H_
