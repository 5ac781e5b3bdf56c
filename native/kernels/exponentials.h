// exp and expm1 over vectors, for arguments that are not positive: what the activations and softmax are made
// of.
#ifndef MNIST_NATIVE_KERNELS_EXPONENTIALS_H_
#define MNIST_NATIVE_KERNELS_EXPONENTIALS_H_

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
  static constexpr float kLowest = -110.0f;  // exp of it, even x exp(x), is below half the smallest denormal
  static constexpr float kLowestOfExpm1 = -20.0f;  // expm1 of it is -1
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
  static constexpr double kLowest = -753.0;
  static constexpr double kLowestOfExpm1 = -40.0;
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

// x where it is not below `least`; NaN stays NaN.
template <typename T>
inline Vector<T> at_least(Vector<T> x, T least) {
  return select<T>(x < least, broadcast<T>(least), x);
}

// x = n ln 2 + r with a whole n and |r| <= 0.35, for x from kLowest to 0.
template <typename T>
struct Reduced {
  Vector<T> r;
  typename VectorTypes<T>::Bits n;  // as a signed number
};

// n is that of `near`, which is x or next to it.
template <typename T>
inline Reduced<T> reduce(Vector<T> x, Vector<T> near) {
  using C = ExpConstants<T>;
  using Bits = typename VectorTypes<T>::Bits;
  const Vector<T> round = broadcast<T>(C::kRound);
  Vector<T> shifted = near * C::kLog2E + C::kRound;
  Vector<T> n = shifted - C::kRound;
  return {(x - n * C::kLn2High) - n * C::kLn2Low,
          reinterpret_cast<Bits>(shifted) - reinterpret_cast<Bits>(round)};
}

// The Taylor series of exp(r) from its term of degree `First` on, divided by r^First.
template <typename T, int First>
inline Vector<T> exp_series(Vector<T> r, int last) {
  Vector<T> series = broadcast<T>(inverse_factorial<T>(last));
#pragma GCC unroll 16
  for (int i = last - 1; i >= First; --i) series = series * r + inverse_factorial<T>(i);
  return series;
}

// exp(r), where |r| <= 0.35: the series ends where its next term is below a tenth of an ulp.
template <typename T>
inline Vector<T> exp_reduced(Vector<T> r) {
  return exp_series<T, 0>(r, ExpConstants<T>::kDegree);
}

// x 2^n in two factors, so that a denormal result is reached by one rounding. The shift is logical (AVX2 has
// no arithmetic one for 64 bits), so n is made positive first; the added number is even and leaves the halves
// alone.
template <typename T>
inline Vector<T> times_power_of_two(Vector<T> x, typename VectorTypes<T>::Bits n) {
  using C = ExpConstants<T>;
  using Bits = typename VectorTypes<T>::Bits;
  Bits half = ((n + 2 * C::kBias) >> 1);
  Bits other = n + 2 * C::kBias - half;
  Vector<T> scale_half = reinterpret_cast<Vector<T>>(half << C::kMantissaBits);
  Vector<T> scale_other = reinterpret_cast<Vector<T>>(other << C::kMantissaBits);
  return x * scale_half * scale_other;
}

// exp(x) for x <= 0, at most 1.5 ulp (float and double; test/activations_test.cc measures it), denormal
// results included. NaN stays NaN. With n = round(x / ln 2) and r = x - n ln 2, exp(x) = 2^n exp(r).
template <typename T>
inline Vector<T> exp_nonpositive(Vector<T> x) {
  x = at_least<T>(x, ExpConstants<T>::kLowest);
  const Reduced<T> reduced = reduce<T>(x, x);
  return times_power_of_two<T>(exp_reduced<T>(reduced.r), reduced.n);
}

// exp(x) - 1 for x <= 0, at most 1.5 ulp. NaN stays NaN. 2^n (exp(r) - 1) + (2^n - 1): with n = 0, around 0,
// that is the series without its 1, and nothing cancels.
template <typename T>
inline Vector<T> expm1_nonpositive(Vector<T> x) {
  using C = ExpConstants<T>;
  x = at_least<T>(x, C::kLowestOfExpm1);
  const Reduced<T> reduced = reduce<T>(x, x);
  const Vector<T> r = reduced.r;
  const Vector<T> of_r = (r * r) * exp_series<T, 2>(r, C::kDegree + 1) + r;
  const Vector<T> power = reinterpret_cast<Vector<T>>((reduced.n + C::kBias) << C::kMantissaBits);
  return of_r * power + (power - T{1});
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_EXPONENTIALS_H_
