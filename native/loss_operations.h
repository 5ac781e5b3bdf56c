// Losses over threads. Arguments are already checked.
#ifndef MNIST_NATIVE_LOSS_OPERATIONS_H_
#define MNIST_NATIVE_LOSS_OPERATIONS_H_

#include "operations.h"

namespace mnist {

// The sums are the same for every number of threads.
template <typename T>
LossSums loss(const Device& device, const LossRows<T>& rows);

}  // namespace mnist

#endif  // MNIST_NATIVE_LOSS_OPERATIONS_H_
