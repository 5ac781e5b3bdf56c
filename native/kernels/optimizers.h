// Parameter updates.
#ifndef MNIST_NATIVE_KERNELS_OPTIMIZERS_H_
#define MNIST_NATIVE_KERNELS_OPTIMIZERS_H_

#include "kernels/vector.h"

namespace mnist {
namespace KERNEL_ISA {

// parameter -= learning_rate * gradient
template <typename T>
inline void sgd_update_kernel(int64_t size, T learning_rate, const T* gradient, T* parameter) {
  for_each_vector<T>(
      size,
      [=](int64_t i) { store(parameter + i, load(parameter + i) - load(gradient + i) * learning_rate); },
      [=](int64_t i, int64_t n) {
        Vector<T> updated = load_partial(parameter + i, n) - load_partial(gradient + i, n) * learning_rate;
        store_partial(parameter + i, updated, n);
      });
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_OPTIMIZERS_H_
