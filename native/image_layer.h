// The first layer of a network, on images that stay bytes: x = scale * byte + offset is never written out.
#ifndef MNIST_NATIVE_IMAGE_LAYER_H_
#define MNIST_NATIVE_IMAGE_LAYER_H_

#include "operations.h"

namespace mnist {

// A matrix [count, width] of which row i is the image rows[i], scaled.
template <typename T>
struct ImageMatrix {
  const uint8_t* images;
  const int32_t* rows;
  int64_t count, width;
  T scale, offset;
};

// out = activation(x W' + bias): weight is [n, width], bias [n] or null, out [count, n].
template <typename T>
void image_linear(const Device& device, const ImageMatrix<T>& x, int64_t n, const T* weight, const T* bias,
                  Activation activation, T* out);

// out = delta' x: delta is [count, n], out [n, width].
template <typename T>
void image_gradient(const Device& device, const ImageMatrix<T>& x, int64_t n, const T* delta, T* out);

}  // namespace mnist

#endif  // MNIST_NATIVE_IMAGE_LAYER_H_
