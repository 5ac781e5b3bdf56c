// What the addon computes: whole matrices, cut into blocks and spread over threads. Arguments are already
// checked.
#ifndef MNIST_NATIVE_OPERATIONS_H_
#define MNIST_NATIVE_OPERATIONS_H_

#include <algorithm>

#include "kernels/kernels.h"

namespace mnist {

// The kernel set to use and the number of threads to use at most.
struct Device {
  const KernelSet& kernels;
  int threads;
};

inline int64_t ceil_divide(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Of operations that touch each element once or twice: with fewer a second thread costs more than it brings.
constexpr int64_t kParallelElements = 16 * 1024;
// The rows, of so many elements each, that hold as many.
inline int64_t parallel_rows(int64_t width) {
  return ceil_divide(kParallelElements, std::max<int64_t>(1, width));
}
// Columns that a thread sums together, a cache line's worth.
constexpr int64_t kColumnUnit = 16;

// C = activation(alpha * op(A) op(B) + beta * C + bias); see Backend.gemm in src/backend/backend.ts. Stored
// rows of A, B and C lie lda, ldb and ldc elements apart, and every one of them, the last as well, has all of
// these elements in memory.
template <typename T>
struct Gemm {
  bool transpose_a, transpose_b;
  int64_t m, n, k;
  T alpha;
  const T* a;
  int64_t lda;
  const T* b;
  int64_t ldb;
  T beta;
  T* c;
  int64_t ldc;
  const T* bias;
  Activation activation;
};

template <typename T>
void gemm(const Device& device, const Gemm<T>& problem);

// The element-wise operations: sigmoid<T>(device, size, x, out), sigmoid_backward<T>(device, size, a, b,
// out).
#define UNARY(name, js_name) \
  template <typename T>      \
  void name(const Device& device, int64_t size, const T* x, T* out);
#define BINARY(name, js_name) \
  template <typename T>       \
  void name(const Device& device, int64_t size, const T* a, const T* b, T* out);
MNIST_UNARY_OPERATIONS(UNARY)
MNIST_BINARY_OPERATIONS(BINARY)
#undef UNARY
#undef BINARY

template <typename T>
void gather_rows(const Device& device, int64_t rows, int64_t width, const uint8_t* images,
                 const int32_t* row_numbers, T scale, T offset, T* out);

// out[i, :] = x[row_numbers[i], :]
template <typename T>
void copy_rows(const Device& device, int64_t rows, int64_t width, const T* x, const int32_t* row_numbers,
               T* out);

// out[j] = alpha * sum over i of x[i, j]
template <typename T>
void column_sums(const Device& device, int64_t rows, int64_t columns, const T* x, T alpha, T* out);

template <typename T>
void argmax_rows(const Device& device, int64_t rows, int64_t columns, const T* x, int32_t* out);

// Along each row; out may be x.
template <typename T>
void softmax(const Device& device, int64_t rows, int64_t columns, const T* x, T* out);

template <typename T>
void sgd_update(const Device& device, int64_t size, T learning_rate, const T* gradient, T* parameter);

// weight -= learning_rate * x' delta, bias -= learning_rate * (column sums of delta): x is [count, inputs],
// delta [count, n], weight [inputs, ldw], of which n count, bias [n]. The bits are those of gemm, column_sums
// and sgd_update.
template <typename T>
void linear_descent(const Device& device, int64_t count, int64_t inputs, int64_t n, const T* x,
                    const T* delta, T learning_rate, T* weight, int64_t ldw, T* bias);

// Multiplies and adds in registers on every thread; returns the number of floating-point operations done by
// all.
template <typename T>
int64_t measure_peak(const Device& device, int64_t iterations);

}  // namespace mnist

#endif  // MNIST_NATIVE_OPERATIONS_H_
