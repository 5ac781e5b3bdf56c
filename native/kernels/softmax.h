// softmax along the rows of a matrix.
#ifndef MNIST_NATIVE_KERNELS_SOFTMAX_H_
#define MNIST_NATIVE_KERNELS_SOFTMAX_H_

#include "kernels/exponentials.h"

namespace mnist {
namespace KERNEL_ISA {

// The largest element; NaN is passed over.
template <typename T>
inline T largest_of(int64_t columns, const T* row, Vector<T> lanes) {
  const Vector<T> lowest = broadcast<T>(-static_cast<T>(__builtin_inf()));
  Vector<T> most = lowest;
  const auto take = [&](Vector<T> x) { most = select<T>(x > most, x, most); };
  for_each_vector<T>(
      columns, [&](int64_t j) { take(load(row + j)); },
      [&](int64_t j, int64_t n) {
        take(select<T>(lanes < static_cast<T>(n), load_partial(row + j, n), lowest));
      });
  T largest = most[0];
#pragma GCC unroll 16
  for (int64_t lane = 1; lane < kLanes<T>; ++lane) largest = most[lane] > largest ? most[lane] : largest;
  return largest;
}

// out[i, :] = exp(x[i, :] - max) / sum of exp(x[i, :] - max), where max is the largest of row i: so exp is
// only taken of numbers that are not positive. The sum is kept in double. A NaN, +Infinity, or -Infinity
// alone makes the whole row NaN.
template <typename T>
inline void softmax_kernel(int64_t rows, int64_t columns, const T* x, T* out) {
  const Vector<T> lanes = lane_numbers<T>();
  for (int64_t i = 0; i < rows; ++i, x += columns, out += columns) {
    const T largest = largest_of(columns, x, lanes);
    Vector<double> sums = {};
    for_each_vector<T>(
        columns,
        [&](int64_t j) {
          const Vector<T> e = exp_nonpositive<T>(load(x + j) - largest);
          add_lanes(e, sums);
          store(out + j, e);
        },
        [&](int64_t j, int64_t n) {
          const Vector<T> e = exp_nonpositive<T>(load_partial(x + j, n) - largest);
          add_lanes(select<T>(lanes < static_cast<T>(n), e, Vector<T>{}), sums);
          store_partial(out + j, e, n);
        });
    const T share = static_cast<T>(1 / sum_of_lanes(sums));
    for_each_vector<T>(
        columns, [&](int64_t j) { store(out + j, load(out + j) * share); },
        [&](int64_t j, int64_t n) { store_partial(out + j, load_partial(out + j, n) * share, n); });
  }
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_SOFTMAX_H_
