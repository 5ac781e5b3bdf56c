// The most multiplications and additions that the registers allow: what a benchmark holds GEMM against.
#ifndef MNIST_NATIVE_KERNELS_PEAK_H_
#define MNIST_NATIVE_KERNELS_PEAK_H_

#include "kernels/vector.h"

namespace mnist {
namespace KERNEL_ISA {

constexpr int64_t kPeakChains = 12;  // independent sums: enough to hide the latency of a fused multiply-add

// Runs `iterations` of multiply-add on every chain and returns how many floating-point operations that were.
// The sum goes to `sink`, so that the compiler cannot leave the work out.
template <typename T>
inline int64_t peak_kernel(int64_t iterations, T* sink) {
  Vector<T> sums[kPeakChains];
  for (int64_t c = 0; c < kPeakChains; ++c) sums[c] = broadcast<T>(static_cast<T>(c));
  Vector<T> factor = broadcast<T>(*sink), addend = broadcast<T>(T{1});
  for (int64_t i = 0; i < iterations; ++i) {
#pragma GCC unroll 12
    for (int64_t c = 0; c < kPeakChains; ++c) sums[c] = sums[c] * factor + addend;
  }
  Vector<T> total = {};
  for (int64_t c = 0; c < kPeakChains; ++c) total += sums[c];
  *sink = total[0];
  return iterations * kPeakChains * kLanes<T> * 2;
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_PEAK_H_
