// The functions of activations.h over arrays, and over the rows of a result that has just been computed.
#ifndef MNIST_NATIVE_KERNELS_ELEMENTWISE_LOOPS_H_
#define MNIST_NATIVE_KERNELS_ELEMENTWISE_LOOPS_H_

#include "kernels/activations.h"
#include "kernels/kernels.h"

namespace mnist {
namespace KERNEL_ISA {

#define UNARY(name, js_name)                                                                        \
  template <typename T>                                                                             \
  inline void name##_kernel(int64_t size, const T* x, T* out) {                                     \
    for_each_vector<T>(                                                                             \
        size, [=](int64_t i) { store(out + i, name<T>(load(x + i))); },                             \
        [=](int64_t i, int64_t n) { store_partial(out + i, name<T>(load_partial(x + i, n)), n); }); \
  }
#define BINARY(name, js_name)                                                                 \
  template <typename T>                                                                       \
  inline void name##_kernel(int64_t size, const T* a, const T* b, T* out) {                   \
    for_each_vector<T>(                                                                       \
        size, [=](int64_t i) { store(out + i, name<T>(load(a + i), load(b + i))); },          \
        [=](int64_t i, int64_t n) {                                                           \
          store_partial(out + i, name<T>(load_partial(a + i, n), load_partial(b + i, n)), n); \
        });                                                                                   \
  }
MNIST_UNARY_OPERATIONS(UNARY)
MNIST_BINARY_OPERATIONS(BINARY)
#undef UNARY
#undef BINARY

// The cheap ones, applied while the result is in registers; the others leave it as it is, for activate_rows.
// They stand in every tile of a product, and the program would be many times as large with all of them.
template <typename T>
inline Vector<T> activate_in_registers(Activation activation, Vector<T> z) {
  return activation == Activation::kRelu ? relu<T>(z) : z;
}

template <typename T>
using UnaryKernel = void (*)(int64_t size, const T* x, T* out);

// What is left to do after activate_in_registers, or null.
template <typename T>
inline UnaryKernel<T> activation_left(Activation activation) {
  switch (activation) {
    case Activation::kSigmoid:
      return sigmoid_kernel<T>;
    case Activation::kTanh:
      return tanh_kernel<T>;
    case Activation::kLeakyRelu:
      return leaky_relu_kernel<T>;
    case Activation::kElu:
      return elu_kernel<T>;
    case Activation::kGelu:
      return gelu_kernel<T>;
    case Activation::kSilu:
      return silu_kernel<T>;
    default:
      return nullptr;
  }
}

// Applies it to rows that were just written, and are in the first cache.
template <typename T>
inline void activate_rows(UnaryKernel<T> activation, int64_t rows, int64_t columns, T* c, int64_t stride) {
  for (int64_t i = 0; i < rows; ++i) activation(columns, c + i * stride, c + i * stride);
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_ELEMENTWISE_LOOPS_H_
