// An optimizer's step in one pass over flat arrays, and what goes before and after it.
//
// Every product in a step is added to or subtracted from something that is no product: so there is one way
// only to make both one instruction, and whole vectors and the rest have the same bits.
#ifndef MNIST_NATIVE_KERNELS_UPDATES_H_
#define MNIST_NATIVE_KERNELS_UPDATES_H_

#include "kernels/kernels.h"
#include "kernels/vector.h"

namespace mnist {
namespace KERNEL_ISA {

// parameter -= learning_rate * gradient
template <typename T>
inline void sgd_update_kernel(int64_t size, T learning_rate, const T* gradient, T* parameter) {
  for_each_vector<T>(
      size,
      [=](int64_t i) { store(parameter + i, load(parameter + i) - load(gradient + i) * learning_rate); },
      [=](int64_t i, int64_t n) {
        Vector<T> updated = load_partial(parameter + i, n) - load_partial(gradient + i, n) * learning_rate;
        store_partial(parameter + i, updated, n);
      });
}

// -1, 0 or 1; NaN stays NaN.
template <typename T>
inline Vector<T> sign_of(Vector<T> x) {
  return select<T>(x > 0, broadcast<T>(1), select<T>(x < 0, broadcast<T>(-1), x));
}

// x in [-limit, limit]; NaN stays NaN.
template <typename T>
inline Vector<T> limited(Vector<T> x, T limit) {
  const Vector<T> high = broadcast<T>(limit), low = broadcast<T>(-limit);
  return select<T>(x > high, high, select<T>(x < low, low, x));
}

// mean + (x - mean) * share: the running mean of which x becomes this share.
template <typename T>
inline Vector<T> moved(Vector<T> mean, Vector<T> x, T share) {
  return mean + (x - mean) * share;
}

template <typename T>
struct Updated {
  Vector<T> parameter, gradient, first, second;
};

template <UpdateRule Rule, typename T>
inline void update_vectors(const UpdateCoefficients<T>& c, T gradient_scale, T clip, T decay, Updated<T>& x) {
  const Vector<T> gradient = limited<T>(x.gradient * gradient_scale, clip);
  x.parameter -= x.parameter * decay;
  if constexpr (Rule == UpdateRule::kDescent) {
    x.parameter -= gradient * c.step;
  } else if constexpr (Rule == UpdateRule::kMomentum) {
    x.first = gradient + x.first * c.first_share;
    x.parameter -= x.first * c.step;
  } else if constexpr (Rule == UpdateRule::kNesterov) {
    x.first = gradient + x.first * c.first_share;
    x.parameter -= (gradient + x.first * c.first_share) * c.step;
  } else if constexpr (Rule == UpdateRule::kLion) {
    x.parameter -= sign_of<T>(moved<T>(x.first, gradient, c.first_share)) * c.step;
    x.first = moved<T>(x.first, gradient, c.second_share);
  } else if constexpr (Rule == UpdateRule::kAdagrad) {
    x.second += gradient * gradient;
    x.parameter -= gradient * c.step / (square_roots<T>(x.second) + c.epsilon);
  } else {
    x.second += (gradient * gradient - x.second) * c.second_share;
    if constexpr (Rule == UpdateRule::kRmsprop) {
      x.parameter -= gradient * c.step / (square_roots<T>(x.second) + c.epsilon);
    } else {
      x.first = moved<T>(x.first, gradient, c.first_share);
      Vector<T> direction = x.first;
      if constexpr (Rule == UpdateRule::kNadam) direction = gradient + x.first * c.first_weight;
      x.parameter -= direction * c.step / (square_roots<T>(x.second) * c.root_scale + c.epsilon);
    }
  }
}

template <UpdateRule Rule, typename T>
inline void update_by(const Update<T>& u) {
  const UpdateCoefficients<T> c = u.coefficients;
  const T gradient_scale = u.gradient_scale, clip = u.clip, decay = u.decay;
  T *const parameter = u.parameter, *const first = u.first, *const second = u.second;
  const T* const gradient = u.gradient;
  const auto update = [=](int64_t i, auto load_from, auto store_to) {
    Updated<T> x = {load_from(parameter + i), load_from(gradient + i), {}, {}};
    if constexpr (has_first(Rule)) x.first = load_from(first + i);
    if constexpr (has_second(Rule)) x.second = load_from(second + i);
    update_vectors<Rule, T>(c, gradient_scale, clip, decay, x);
    store_to(parameter + i, x.parameter);
    if constexpr (has_first(Rule)) store_to(first + i, x.first);
    if constexpr (has_second(Rule)) store_to(second + i, x.second);
  };
  for_each_vector<T>(
      u.size,
      [=](int64_t i) {
        update(i, [](const T* from) { return load(from); }, [](T* to, Vector<T> value) { store(to, value); });
      },
      [=](int64_t i, int64_t n) {
        update(
            i, [n](const T* from) { return load_partial(from, n); },
            [n](T* to, Vector<T> value) { store_partial(to, value, n); });
      });
}

template <typename T>
inline void update_kernel(const Update<T>& u) {
  switch (u.rule) {
    case UpdateRule::kDescent:
      return update_by<UpdateRule::kDescent>(u);
    case UpdateRule::kMomentum:
      return update_by<UpdateRule::kMomentum>(u);
    case UpdateRule::kNesterov:
      return update_by<UpdateRule::kNesterov>(u);
    case UpdateRule::kRmsprop:
      return update_by<UpdateRule::kRmsprop>(u);
    case UpdateRule::kAdagrad:
      return update_by<UpdateRule::kAdagrad>(u);
    case UpdateRule::kAdam:
      return update_by<UpdateRule::kAdam>(u);
    case UpdateRule::kNadam:
      return update_by<UpdateRule::kNadam>(u);
    case UpdateRule::kLion:
      return update_by<UpdateRule::kLion>(u);
  }
}

// gradient += l2 * parameter + l1 * sign(parameter)
template <typename T>
inline void add_penalty_kernel(int64_t size, T l2, T l1, const T* parameter, T* gradient) {
  const auto penalized = [=](Vector<T> p, Vector<T> g) { return g + p * l2 + sign_of<T>(p) * l1; };
  for_each_vector<T>(
      size, [=](int64_t i) { store(gradient + i, penalized(load(parameter + i), load(gradient + i))); },
      [=](int64_t i, int64_t n) {
        const Vector<T> p = load_partial(parameter + i, n), g = load_partial(gradient + i, n);
        store_partial(gradient + i, penalized(p, g), n);
      });
}

// The sum of x * x, in double: four sums at a time, as each addition waits for the one before.
template <typename T>
inline double sum_of_squares_kernel(int64_t size, const T* x) {
  constexpr int64_t kSums = 4;
  Vector<double> sums[kSums] = {};
  int64_t i = 0;
  for (; i + kSums * kLanes<T> <= size; i += kSums * kLanes<T>) {
#pragma GCC unroll 4
    for (int64_t s = 0; s < kSums; ++s) add_squares(load(x + i + s * kLanes<T>), sums[s]);
  }
  for (; i + kLanes<T> <= size; i += kLanes<T>) add_squares(load(x + i), sums[0]);
  if (i < size) add_squares(load_partial(x + i, size - i), sums[0]);
  return sum_of_lanes((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

// Columns [first, last) of weight [inputs, ldw], whole lines of which `units` count: scales each whose norm
// is above `most` to a norm of `most`.
template <typename T>
inline void limit_norms_kernel(int64_t inputs, int64_t ldw, int64_t first, int64_t last, int64_t units,
                               double most, T* weight) {
  constexpr int64_t kLine = kLineBytes / static_cast<int64_t>(sizeof(T));
  for (int64_t j = first; j < last; j += kLine) {
    double sums[kLine] = {};
    for (int64_t p = 0; p < inputs; ++p) {
      for (int64_t l = 0; l < kLine; ++l) {
        const double value = static_cast<double>(weight[p * ldw + j + l]);
        sums[l] += value * value;
      }
    }
    T factors[kLine];
    bool is_any_above = false;
    for (int64_t l = 0; l < kLine; ++l) {
      const double norm = square_root(sums[l]);
      const bool is_above = norm > most && j + l < units;
      factors[l] = is_above ? static_cast<T>(most / norm) : T{1};
      is_any_above |= is_above;
    }
    if (!is_any_above) continue;
    for (int64_t p = 0; p < inputs; ++p) {
      for (int64_t l = 0; l < kLine; ++l) weight[p * ldw + j + l] *= factors[l];
    }
  }
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_UPDATES_H_
