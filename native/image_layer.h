// The first layer of a network, on images that stay bytes: x = scale * byte + offset is never written out.
#ifndef MNIST_NATIVE_IMAGE_LAYER_H_
#define MNIST_NATIVE_IMAGE_LAYER_H_

#include "listed_images.h"
#include "operations.h"

namespace mnist {

// A matrix [count, width] of which row i is the image rows[i], scaled.
template <typename T>
struct ImageMatrix {
  const uint8_t* images;
  const int32_t* rows;
  int64_t count, width;
  T scale, offset;
  const ListedImages* lists = nullptr;  // the ink of all images; null where it is listed at use
};

// out = activation(x W + bias): weight is [width, ldw], of which n count, bias [n] or null, out [count, n]. A
// leading dimension is whole lines of kLineBytes, so that whole vectors can be read and written.
template <typename T>
void image_linear(const Device& device, const ImageMatrix<T>& x, int64_t n, const T* weight, int64_t ldw,
                  const T* bias, Activation activation, T* out);

// out = x' delta: delta is [count, n], out [width, ldo], where what is written behind n is 0.
template <typename T>
void image_gradient(const Device& device, const ImageMatrix<T>& x, int64_t n, const T* delta, T* out,
                    int64_t ldo);

// weight -= learning_rate * x' delta, bias -= learning_rate * (column sums of delta): with the bits that
// image_gradient, column_sums and sgd_update give, and without ever writing the gradient.
template <typename T>
void image_descent(const Device& device, const ImageMatrix<T>& x, int64_t n, const T* delta, T learning_rate,
                   T* weight, int64_t ldw, T* bias);

}  // namespace mnist

#endif  // MNIST_NATIVE_IMAGE_LAYER_H_
