// Mean squared error on one-hot labels, and its gradient through a sigmoid output layer.
#ifndef MNIST_NATIVE_KERNELS_LOSSES_H_
#define MNIST_NATIVE_KERNELS_LOSSES_H_

#include "kernels/kernels.h"
#include "kernels/rows.h"
#include "kernels/vector.h"

namespace mnist {
namespace KERNEL_ISA {

// 0, 1, 2, ...
template <typename T>
inline Vector<T> lane_numbers() {
  T numbers[kLanes<T>];
  for (int64_t lane = 0; lane < kLanes<T>; ++lane) numbers[lane] = static_cast<T>(lane);
  return load(numbers);
}

// delta[i, j] = scale * (a - y) * a * (1 - a) with y = 1 at the label of row i and 0 elsewhere. Squares are
// summed in double, lane by lane. There is no branch on the labels or on which output is largest: no
// processor could foresee them.
template <typename T>
inline LossSums output_delta_kernel(int64_t rows, int64_t columns, const T* a, const uint8_t* labels, T scale,
                                    T* delta) {
  const Vector<T> first_columns = lane_numbers<T>();
  Vector<double> squared_errors = {};
  LossSums sums = {0, 0};
  for (int64_t i = 0; i < rows; ++i) {
    const T* row = a + i * columns;
    const T label = static_cast<T>(labels[i]), of_label = row[labels[i]];
    const bool is_first_nan = of_label != of_label && argmax(columns, row) == labels[i];
    auto beats =
        Vector<T>{} != Vector<T>{};  // what is larger than the label's output, or as large and before it
    for (int64_t j = 0; j < columns; j += kLanes<T>) {
      const int64_t lanes = columns - j;
      const Vector<T> column = first_columns + static_cast<T>(j);
      const Vector<T> value = lanes >= kLanes<T> ? load(row + j) : load_partial(row + j, lanes);
      beats |= (~(value <= of_label) | ((value == of_label) & (column < label))) &
               (column < static_cast<T>(columns));
      const Vector<T> error = value - select<T>(column == label, broadcast<T>(1), Vector<T>{});
      add_squares(error, squared_errors);
      if (delta == nullptr) continue;
      const Vector<T> result = scale * error * (value * (T{1} - value));
      if (lanes >= kLanes<T>) {
        store(delta + i * columns + j, result);
      } else {
        store_partial(delta + i * columns + j, result, lanes);
      }
    }
    sums.correct += is_first_nan | !any_lane(beats);
  }
#pragma GCC unroll 16
  for (int64_t lane = 0; lane < kLanes<double>; ++lane) sums.squared_error += squared_errors[lane];
  return sums;
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_LOSSES_H_
