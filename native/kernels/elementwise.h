// The list of element-wise operations. From it come the kernels and their table (table.h), their work over
// threads (operations.h), and what JavaScript can call (addon.cc). An entry names a function over vectors,
// `name<T>(Vector<T>, ...)` of activations.h, and the operation as ELEMENTWISE of src/backend/backend.ts
// does.
#ifndef MNIST_NATIVE_KERNELS_ELEMENTWISE_H_
#define MNIST_NATIVE_KERNELS_ELEMENTWISE_H_

// out[i] = name(x[i])
#define MNIST_UNARY_OPERATIONS(X) \
  X(sigmoid, "sigmoid")           \
  X(tanh, "tanh")                 \
  X(relu, "relu")                 \
  X(leaky_relu, "leakyRelu")      \
  X(elu, "elu")                   \
  X(gelu, "gelu")                 \
  X(silu, "silu")

// out[i] = name(a[i], b[i])
#define MNIST_BINARY_OPERATIONS(X)            \
  X(sigmoid_backward, "sigmoidBackward")      \
  X(tanh_backward, "tanhBackward")            \
  X(relu_backward, "reluBackward")            \
  X(leaky_relu_backward, "leakyReluBackward") \
  X(elu_backward, "eluBackward")              \
  X(gelu_backward, "geluBackward")            \
  X(silu_backward, "siluBackward")            \
  X(add, "add")

#endif  // MNIST_NATIVE_KERNELS_ELEMENTWISE_H_
