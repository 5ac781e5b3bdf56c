// The list of element-wise operations. From it come the kernels and their table (table.h), their work over
// threads (operations.h), and what JavaScript can call (addon.cc). An entry names a function over vectors,
// `name<T>(Vector<T>, ...)` of activations.h, and the operation as ELEMENTWISE of src/backend/backend.ts
// does.
#ifndef MNIST_NATIVE_KERNELS_ELEMENTWISE_H_
#define MNIST_NATIVE_KERNELS_ELEMENTWISE_H_

// out[i] = name(x[i])
#define MNIST_UNARY_OPERATIONS(X) X(sigmoid, "sigmoid")

// out[i] = name(a[i], b[i])
#define MNIST_BINARY_OPERATIONS(X) X(sigmoid_backward, "sigmoidBackward")

#endif  // MNIST_NATIVE_KERNELS_ELEMENTWISE_H_
