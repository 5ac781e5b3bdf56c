// Operations on the columns of a batch, and on rows of it, over threads. Arguments are already checked.
#ifndef MNIST_NATIVE_NORMALIZATION_OPERATIONS_H_
#define MNIST_NATIVE_NORMALIZATION_OPERATIONS_H_

#include "operations.h"

namespace mnist {

// All columns, which lie in memory without gaps: `stride` is their number.
template <typename T>
void normalize_batch(const Device& device, const BatchNormalization<T>& problem);

template <typename T>
void normalize_batch_backward(const Device& device, const BatchNormalizationBackward<T>& problem);

// out[i, j] = x[i, j] * scale[j] + offset[j]; out may be x.
template <typename T>
void scale_columns(const Device& device, int64_t rows, int64_t columns, const T* x, const T* scale,
                   const T* offset, T* out);

}  // namespace mnist

#endif  // MNIST_NATIVE_NORMALIZATION_OPERATIONS_H_
