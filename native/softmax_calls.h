// The call of softmax.
#ifndef MNIST_NATIVE_SOFTMAX_CALLS_H_
#define MNIST_NATIVE_SOFTMAX_CALLS_H_

#include "calls.h"

namespace mnist {

// softmax(x, out, rows, columns, threads)
template <typename T>
struct SoftmaxCall {
  static constexpr const char* kName = "softmax";
  static void run(Arguments& args) {
    const View<T> x = args.array<T>("x");
    const View<T> out = args.array<T>("out");
    const int64_t rows = args.size("rows"), columns = args.size("columns");
    const Device device = last_argument(args);
    args.require_size(x, "x", rows * columns);
    args.require_size(out, "out", rows * columns);
    args.require_same_or_disjoint(out, "out", x, "x");
    softmax<T>(device, rows, columns, x.data, out.data);
  }
};

}  // namespace mnist

#endif  // MNIST_NATIVE_SOFTMAX_CALLS_H_
