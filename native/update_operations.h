// An optimizer's step and what goes before and after it, over threads. Arguments are already checked.
#ifndef MNIST_NATIVE_UPDATE_OPERATIONS_H_
#define MNIST_NATIVE_UPDATE_OPERATIONS_H_

#include "operations.h"

namespace mnist {

template <typename T>
void update(const Device& device, const Update<T>& u);

// gradient += l2 * parameter + l1 * sign(parameter)
template <typename T>
void add_penalty(const Device& device, int64_t size, T l2, T l1, const T* parameter, T* gradient);

// In double, in chunks that do not depend on the number of threads.
template <typename T>
double sum_of_squares(const Device& device, int64_t size, const T* x);

// Scales each of the first `units` columns of weight [inputs, ldw] whose Euclidean norm is above `most` to a
// norm of `most`. ldw is whole lines of kLineBytes.
template <typename T>
void limit_norms(const Device& device, int64_t inputs, int64_t ldw, int64_t units, double most, T* weight);

}  // namespace mnist

#endif  // MNIST_NATIVE_UPDATE_OPERATIONS_H_
