// The tails of the standard normal distribution, which gelu is made of.
#ifndef MNIST_NATIVE_KERNELS_NORMAL_TAIL_H_
#define MNIST_NATIVE_KERNELS_NORMAL_TAIL_H_

#include "kernels/exponentials.h"

namespace mnist {
namespace KERNEL_ISA {

// Of scripts/fit-normal-tail.py, which fits them up to kFarthest: from there on t^2 exp(-t^2 / 2) is below
// half the smallest denormal.
template <typename T>
struct NormalTail;

template <>
struct NormalTail<float> {
  static constexpr float kFarthest = 14.8f;
  static constexpr int kLowBits = 12;
  static constexpr float kNumerator[] = {0.500000003f, 0.438729545f, 0.183547405f, 0.0407356315f,
                                         0.00413066551f};
  static constexpr float kDenominator[] = {1.0f,         1.67534405f,  1.20382127f,
                                           0.470292418f, 0.102115347f, 0.0103539279f};
};

template <>
struct NormalTail<double> {
  static constexpr double kFarthest = 38.8;
  static constexpr int kLowBits = 27;
  static constexpr double kNumerator[] = {0.5,
                                          0.7748020861143684,
                                          0.5939400243523386,
                                          0.2892552681353629,
                                          0.0976639116567874,
                                          0.023611351027208644,
                                          0.004086899365269369,
                                          0.0004900572369046524,
                                          3.722016224087443e-5,
                                          1.3841049039029417e-6};
  static constexpr double kDenominator[] = {1.0,
                                            2.347488733031593,
                                            2.5609050654495684,
                                            1.714034303422783,
                                            0.7818184702498522,
                                            0.25486485389563296,
                                            0.060406332967499386,
                                            0.010337634604369192,
                                            0.001231860762900513,
                                            9.329711105717688e-5,
                                            3.4694364871889515e-6};
};

// Even and odd powers apart: half as many roundings follow each other, and half as much waiting.
template <typename T, int Size>
inline Vector<T> polynomial(const T (&coefficients)[Size], Vector<T> t) {
  constexpr int kLastEven = (Size - 1) / 2 * 2, kLastOdd = Size / 2 * 2 - 1;
  const Vector<T> square = t * t;
  Vector<T> even = broadcast<T>(coefficients[kLastEven]), odd = broadcast<T>(coefficients[kLastOdd]);
#pragma GCC unroll 16
  for (int i = kLastEven - 2; i >= 0; i -= 2) even = even * square + coefficients[i];
#pragma GCC unroll 16
  for (int i = kLastOdd - 2; i >= 0; i -= 2) odd = odd * square + coefficients[i];
  return odd * t + even;
}

// |x|, and kFarthest at most; NaN stays NaN.
template <typename T>
inline Vector<T> distance_of(Vector<T> x) {
  const Vector<T> zero = {}, t = select<T>(x < 0, zero - x, x);
  return select<T>(t > NormalTail<T>::kFarthest, broadcast<T>(NormalTail<T>::kFarthest), t);
}

// Phi(-t) exp(t^2 / 2) for t in [0, kFarthest]; relative error of the fit 6.4e-9 and 5.7e-17. All
// coefficients are positive, so nothing cancels.
template <typename T>
inline Vector<T> normal_tail_ratio(Vector<T> t) {
  return polynomial<T>(NormalTail<T>::kNumerator, t) / polynomial<T>(NormalTail<T>::kDenominator, t);
}

// factor exp(-t^2 / 2) for t in [0, kFarthest]. The square is taken in two parts, as its rounding would be
// hundreds of ulp of the result: t = high + low, where high has half of the digits, and t^2 = high^2 + (t -
// high) (t + high).
template <typename T>
inline Vector<T> times_gaussian(Vector<T> factor, Vector<T> t) {
  using Bits = typename VectorTypes<T>::Bits;
  const Vector<T> high = reinterpret_cast<Vector<T>>(reinterpret_cast<Bits>(t) >>
                                                     NormalTail<T>::kLowBits << NormalTail<T>::kLowBits);
  const Vector<T> rest = (t - high) * (t + high) * T{-0.5};
  const Reduced<T> reduced = reduce<T>(high * high * T{-0.5}, t * t * T{-0.5});
  return times_power_of_two<T>(factor * exp_reduced<T>(reduced.r + rest), reduced.n);
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_NORMAL_TAIL_H_
