// The functions of elementwise.h over vectors: activations and their derivatives. NaN stays NaN in each.
// Errors in ulp are those that test/activations_test.cc measures.
#ifndef MNIST_NATIVE_KERNELS_ACTIVATIONS_H_
#define MNIST_NATIVE_KERNELS_ACTIVATIONS_H_

#include "kernels/exponentials.h"
#include "kernels/normal_tail.h"

namespace mnist {
namespace KERNEL_ISA {

// -|x|, from which exp is taken, so that nothing overflows.
template <typename T>
inline Vector<T> minus_magnitude(Vector<T> x) {
  const Vector<T> zero = {};
  return select<T>(x > 0, zero - x, x);
}

// 1 / (1 + exp(-x)), at most 4 ulp.
template <typename T>
inline Vector<T> sigmoid(Vector<T> x) {
  Vector<T> e = exp_nonpositive<T>(minus_magnitude<T>(x));
  Vector<T> s = T{1} / (T{1} + e);
  return select<T>(x < 0, e * s, s);
}

// The chain rule through a = sigmoid(z).
template <typename T>
inline Vector<T> sigmoid_backward(Vector<T> upstream, Vector<T> a) {
  return upstream * (a * (T{1} - a));
}

// At most 4 ulp: tanh(|x|) = -e / (2 + e) with e = exp(-2 |x|) - 1.
template <typename T>
inline Vector<T> tanh(Vector<T> x) {
  const Vector<T> zero = {}, e = expm1_nonpositive<T>(T{2} * minus_magnitude<T>(x));
  const Vector<T> minus = e / (T{2} + e);
  return select<T>(x > 0, zero - minus, minus);
}

// 1 - a^2 as a product, so that nothing cancels where a is near 1 or -1.
template <typename T>
inline Vector<T> tanh_backward(Vector<T> upstream, Vector<T> a) {
  return upstream * ((T{1} - a) * (T{1} + a));
}

// Exact.
template <typename T>
inline Vector<T> relu(Vector<T> x) {
  return select<T>(x <= 0, Vector<T>{}, x);
}

// upstream * (a > 0 ? 1 : below), and NaN where a is.
template <typename T>
inline Vector<T> times_slope(Vector<T> upstream, Vector<T> a, Vector<T> below) {
  return upstream * select<T>(a > 0, broadcast<T>(1), select<T>(a <= 0, below, a));
}

template <typename T>
inline Vector<T> relu_backward(Vector<T> upstream, Vector<T> a) {
  return times_slope<T>(upstream, a, Vector<T>{});
}

// PyTorch's default.
template <typename T>
constexpr T kLeakySlope = static_cast<T>(0.01);

// Rounded once.
template <typename T>
inline Vector<T> leaky_relu(Vector<T> x) {
  return select<T>(x > 0, x, x * kLeakySlope<T>);
}

template <typename T>
inline Vector<T> leaky_relu_backward(Vector<T> upstream, Vector<T> a) {
  return times_slope<T>(upstream, a, broadcast<T>(kLeakySlope<T>));
}

// x > 0 ? x : exp(x) - 1, at most 2 ulp.
template <typename T>
inline Vector<T> elu(Vector<T> x) {
  return select<T>(x > 0, x, expm1_nonpositive<T>(x));
}

template <typename T>
inline Vector<T> elu_backward(Vector<T> upstream, Vector<T> a) {
  return times_slope<T>(upstream, a, a + T{1});
}

// x Phi(x) = x / 2 (1 + erf(x / sqrt(2))), at most 7 ulp, in the left tail as well; 0 at -Infinity. As Phi(x)
// = 1 - Phi(-x), it is x less its value in the mirror.
template <typename T>
inline Vector<T> gelu(Vector<T> x) {
  const Vector<T> zero = {}, t = distance_of<T>(x);
  const Vector<T> tail = times_gaussian<T>(t * normal_tail_ratio<T>(t), t);
  return select<T>(x < 0, zero - tail, x - tail);
}

// upstream (Phi(z) + z phi(z)). The two cancel near z = -0.75, where the derivative is 0: the error is at
// most 6 ulp of Phi(z) + |z phi(z)|.
template <typename T>
inline Vector<T> gelu_backward(Vector<T> upstream, Vector<T> z) {
  constexpr T kDensityAt0 = static_cast<T>(0.39894228040143267794);  // 1 / sqrt(2 pi)
  const Vector<T> t = distance_of<T>(z);
  const Vector<T> tail = times_gaussian<T>(normal_tail_ratio<T>(t) - t * kDensityAt0, t);
  return upstream * select<T>(z < 0, tail, T{1} - tail);
}

// x sigmoid(x), at most 4 ulp; 0 at -Infinity. As sigmoid(x) = 1 - sigmoid(-x), it is x more than its value
// in the mirror.
template <typename T>
inline Vector<T> silu(Vector<T> x) {
  const Vector<T> m = at_least<T>(minus_magnitude<T>(x), ExpConstants<T>::kLowest);
  const Reduced<T> reduced = reduce<T>(m, m);
  const Vector<T> series = exp_reduced<T>(reduced.r);
  // m exp(m) is scaled as a whole: exp(m) alone may be a denormal.
  const Vector<T> mirrored =
      times_power_of_two<T>(m * series, reduced.n) / (T{1} + times_power_of_two<T>(series, reduced.n));
  return select<T>(x < 0, mirrored, x + mirrored);
}

// upstream s (1 + z (1 - s)) with s = sigmoid(z). The sum cancels near z = -1.28, where the derivative is 0:
// the error is at most 6 ulp of s (1 + |z| (1 - s)).
template <typename T>
inline Vector<T> silu_backward(Vector<T> upstream, Vector<T> z) {
  const Vector<T> m = at_least<T>(minus_magnitude<T>(z), ExpConstants<T>::kLowest);
  const Reduced<T> reduced = reduce<T>(m, m);
  const Vector<T> series = exp_reduced<T>(reduced.r);
  const Vector<T> one_less_s = T{1} / (T{1} + times_power_of_two<T>(series, reduced.n));
  const Vector<T> mirrored =
      times_power_of_two<T>(series * (one_less_s * (T{1} + m * one_less_s)), reduced.n);
  return upstream * select<T>(z < 0, mirrored, T{1} - mirrored);
}

template <typename T>
inline Vector<T> add(Vector<T> a, Vector<T> b) {
  return a + b;
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_ACTIVATIONS_H_
