// The functions of elementwise.h over vectors: the sigmoid and its derivative.
#ifndef MNIST_NATIVE_KERNELS_ACTIVATIONS_H_
#define MNIST_NATIVE_KERNELS_ACTIVATIONS_H_

#include "kernels/vector.h"

namespace mnist {
namespace KERNEL_ISA {

template <typename T>
struct ExpConstants;

template <>
struct ExpConstants<float> {
  static constexpr int kDegree = 7;
  static constexpr int kMantissaBits = 23;
  static constexpr uint32_t kBias = 127;
  static constexpr float kRound =
      0x1.8p23f;  // adding it rounds to an integer, which then stands in the low bits
  static constexpr float kLowest = -104.0f;  // exp of it is below half the smallest denormal
  static constexpr float kLog2E = 0x1.715476p0f;
  static constexpr float kLn2High = 0x1.63p-1f;  // 9 bits: its product with any exponent is exact
  static constexpr float kLn2Low = -0x1.bd0106p-13f;
};

template <>
struct ExpConstants<double> {
  static constexpr int kDegree = 13;
  static constexpr int kMantissaBits = 52;
  static constexpr uint64_t kBias = 1023;
  static constexpr double kRound = 0x1.8p52;
  static constexpr double kLowest = -746.0;
  static constexpr double kLog2E = 0x1.71547652b82fep0;
  static constexpr double kLn2High = 0x1.62e42feep-1;  // 32 bits
  static constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
};

// 1 / i!
template <typename T>
constexpr T inverse_factorial(int i) {
  double factorial = 1;
  for (int j = 2; j <= i; ++j) factorial *= j;
  return static_cast<T>(1 / factorial);
}

// exp(x) for x <= 0, at most 1.5 ulp (float and double; test/activations_test.cc measures it), denormal
// results included. NaN stays NaN. With n = round(x / ln 2) and r = x - n ln 2, |r| <= 0.35, exp(x) = 2^n
// exp(r); the Taylor series ends where its next term is below a tenth of an ulp.
template <typename T>
inline Vector<T> exp_nonpositive(Vector<T> x) {
  using C = ExpConstants<T>;
  using Bits = typename VectorTypes<T>::Bits;
  x = select<T>(x < C::kLowest, broadcast<T>(C::kLowest), x);
  Vector<T> shifted = x * C::kLog2E + C::kRound;
  Vector<T> n = shifted - C::kRound;
  Vector<T> r = (x - n * C::kLn2High) - n * C::kLn2Low;
  Vector<T> series = broadcast<T>(inverse_factorial<T>(C::kDegree));
#pragma GCC unroll 16
  for (int i = C::kDegree - 1; i >= 0; --i) series = series * r + inverse_factorial<T>(i);
  // 2^n in two factors, so that a denormal result is reached by one rounding. The shift is logical (AVX2 has
  // no arithmetic one for 64 bits), so n is made positive first; the added number is even and leaves the
  // halves alone.
  const Vector<T> round = broadcast<T>(C::kRound);
  Bits exponent = reinterpret_cast<Bits>(shifted) - reinterpret_cast<Bits>(round);
  Bits half = ((exponent + 2 * C::kBias) >> 1);
  Bits other = exponent + 2 * C::kBias - half;
  Vector<T> scale_half = reinterpret_cast<Vector<T>>(half << C::kMantissaBits);
  Vector<T> scale_other = reinterpret_cast<Vector<T>>(other << C::kMantissaBits);
  return series * scale_half * scale_other;
}

// 1 / (1 + exp(-x)), at most 4 ulp, for every x: exp is only taken of a number that is not positive, so
// nothing overflows.
template <typename T>
inline Vector<T> sigmoid(Vector<T> x) {
  const Vector<T> zero = {};
  Vector<T> e = exp_nonpositive<T>(select<T>(x > 0, zero - x, x));
  Vector<T> s = T{1} / (T{1} + e);
  return select<T>(x < 0, e * s, s);
}

// The chain rule through a = sigmoid(z).
template <typename T>
inline Vector<T> sigmoid_backward(Vector<T> upstream, Vector<T> a) {
  return upstream * (a * (T{1} - a));
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_ACTIVATIONS_H_
