// The call of dropout.
#ifndef MNIST_NATIVE_DROPOUT_CALLS_H_
#define MNIST_NATIVE_DROPOUT_CALLS_H_

#include "calls.h"
#include "dropout_operations.h"

namespace mnist {

// dropout(x, out, rate, seed, stream, draw, first, threads)
template <typename T>
struct DropoutCall {
  static constexpr const char* kName = "dropout";
  static void run(Arguments& args) {
    const View<T> x = args.array<T>("x"), out = args.array<T>("out");
    const double rate = args.number("rate");
    const int64_t seed = args.whole("seed", 0, UINT32_MAX), stream = args.whole("stream", 0, UINT32_MAX);
    const int64_t draw = args.whole("draw", 0, (int64_t{1} << 53) - 1);
    const int64_t first = args.whole("first", 0, int64_t{1} << 52);
    const Device device = last_argument(args);
    if (!(rate >= 0 && rate < 1)) {
      args.fail("ERR_INVALID_ARGUMENT", "expected a number from 0 to below 1 for rate.");
    }
    if (first % kDropoutBlock != 0) args.fail("ERR_INVALID_ARGUMENT", "expected a multiple of 4 for first.");
    args.require_size(out, "out", x.size);
    args.require_same_or_disjoint(out, "out", x, "x");
    dropout<T>(device,
               {rate, static_cast<uint32_t>(seed), static_cast<uint32_t>(stream), static_cast<uint64_t>(draw),
                static_cast<uint64_t>(first / kDropoutBlock)},
               x.size, x.data, out.data);
  }
};

}  // namespace mnist

#endif  // MNIST_NATIVE_DROPOUT_CALLS_H_
