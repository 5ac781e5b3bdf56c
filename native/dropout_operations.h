// Dropout over threads. Arguments are already checked.
#ifndef MNIST_NATIVE_DROPOUT_OPERATIONS_H_
#define MNIST_NATIVE_DROPOUT_OPERATIONS_H_

#include "operations.h"

namespace mnist {

// out[i] = stays ? x[i] / (1 - rate) : 0, where the mask is that of a key (seed, stream) and number `draw`,
// from its block `first_block` on.
struct Dropout {
  double rate;  // in [0, 1)
  uint32_t seed, stream;
  uint64_t draw;
  uint64_t first_block = 0;
};

template <typename T>
void dropout(const Device& device, const Dropout& mask, int64_t size, const T* x, T* out);

}  // namespace mnist

#endif  // MNIST_NATIVE_DROPOUT_OPERATIONS_H_
