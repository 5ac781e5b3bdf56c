// Batch normalisation: Ioffe and Szegedy, "Batch Normalization", 2015.
#ifndef MNIST_NATIVE_KERNELS_NORMALIZATION_H_
#define MNIST_NATIVE_KERNELS_NORMALIZATION_H_

#include "kernels/kernels.h"
#include "kernels/vector.h"

namespace mnist {
namespace KERNEL_ISA {

// A vector of neighbouring columns, or the first few lanes of one.
template <typename T>
struct Lanes {
  int64_t count;

  Vector<T> load(const T* p) const {
    return count == kLanes<T> ? KERNEL_ISA::load(p) : load_partial(p, count);
  }
  void store(T* p, Vector<T> v) const {
    count == kLanes<T> ? KERNEL_ISA::store(p, v) : store_partial(p, v, count);
  }
};

// Calls body(first, lanes) for each vector of the columns [first, last).
template <typename T, typename Body>
inline void for_each_columns(int64_t first, int64_t last, const Body& body) {
  for (int64_t j = first; j < last; j += kLanes<T>)
    body(j, Lanes<T>{last - j < kLanes<T> ? last - j : kLanes<T>});
}

template <typename T>
inline void add_to(Wide<T>& sums, const Wide<T>& terms) {
  for (int64_t part = 0; part < Wide<T>::kParts; ++part) sums.part[part] += terms.part[part];
}

template <typename T>
inline Wide<T> divided(const Wide<T>& x, double divisor) {
  Wide<T> result;
  for (int64_t part = 0; part < Wide<T>::kParts; ++part) result.part[part] = x.part[part] / divisor;
  return result;
}

// Sums run in double, from the first row to the last. The variance is that around the mean: with the
// difference of two sums of squares little would be left of it.
template <typename T>
inline void normalize_batch_kernel(const BatchNormalization<T>& p, int64_t first, int64_t last) {
  const int64_t rows = p.batch.rows, stride = p.batch.stride;
  const T* const x = p.batch.x;
  const double count = static_cast<double>(rows);
  const T momentum = static_cast<T>(p.momentum);
  for_each_columns<T>(first, last, [&](int64_t j, Lanes<T> lanes) {
    Wide<T> sums = {}, squares = {};
    for (int64_t i = 0; i < rows; ++i) add_to<T>(sums, widen(lanes.load(x + i * stride + j)));
    const Wide<T> mean = divided<T>(sums, count);
    for (int64_t i = 0; i < rows; ++i) {
      const Wide<T> v = widen(lanes.load(x + i * stride + j));
      for (int64_t part = 0; part < Wide<T>::kParts; ++part) {
        const Vector<double> distance = v.part[part] - mean.part[part];
        squares.part[part] += distance * distance;
      }
    }
    Wide<T> inverse;
    for (int64_t part = 0; part < Wide<T>::kParts; ++part)
      inverse.part[part] = 1 / square_roots<double>(squares.part[part] / count + p.epsilon);
    const Vector<T> mean_of_batch = narrow(mean), inverse_of_batch = narrow(inverse);
    lanes.store(p.mean + j, mean_of_batch);
    lanes.store(p.inverse_deviation + j, inverse_of_batch);
    const auto move = [&](T* running, Vector<T> towards) {
      lanes.store(running + j, (T{1} - momentum) * lanes.load(running + j) + momentum * towards);
    };
    move(p.running_mean, mean_of_batch);
    move(p.running_variance, narrow(divided<T>(squares, count - 1)));

    const Vector<T> scale = lanes.load(p.batch.gamma + j) * inverse_of_batch, offset = lanes.load(p.beta + j);
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t at = i * stride + j;
      lanes.store(p.out + at, (lanes.load(x + at) - mean_of_batch) * scale + offset);
    }
  });
}

// With n = (x - mean) * inverse_deviation: dL/dgamma = sum of dL/dy n, dL/dbeta = sum of dL/dy, and
// dL/dx = gamma * inverse_deviation * (dL/dy - (dL/dbeta + n dL/dgamma) / rows).
template <typename T>
inline void normalize_batch_backward_kernel(const BatchNormalizationBackward<T>& p, int64_t first,
                                            int64_t last) {
  const int64_t rows = p.batch.rows, stride = p.batch.stride;
  const T* const x = p.batch.x;
  for_each_columns<T>(first, last, [&](int64_t j, Lanes<T> lanes) {
    const Vector<T> mean = lanes.load(p.mean + j), inverse = lanes.load(p.inverse_deviation + j);
    Wide<T> gamma_sums = {}, beta_sums = {};
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t at = i * stride + j;
      const Wide<T> upstream = widen(lanes.load(p.upstream + at));
      const Wide<T> normalized = widen((lanes.load(x + at) - mean) * inverse);
      add_to<T>(beta_sums, upstream);
      for (int64_t part = 0; part < Wide<T>::kParts; ++part)
        gamma_sums.part[part] += upstream.part[part] * normalized.part[part];
    }
    lanes.store(p.gamma_gradient + j, narrow(gamma_sums));
    lanes.store(p.beta_gradient + j, narrow(beta_sums));

    const double count = static_cast<double>(rows);
    const Vector<T> beta_mean = narrow(divided<T>(beta_sums, count));
    const Vector<T> gamma_mean = narrow(divided<T>(gamma_sums, count));
    const Vector<T> scale = lanes.load(p.batch.gamma + j) * inverse;
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t at = i * stride + j;
      const Vector<T> normalized = (lanes.load(x + at) - mean) * inverse;
      lanes.store(p.out + at, scale * ((lanes.load(p.upstream + at) - beta_mean) - normalized * gamma_mean));
    }
  });
}

template <typename T>
inline void scale_columns_kernel(int64_t rows, int64_t columns, const T* x, const T* scale, const T* offset,
                                 T* out) {
  for (int64_t i = 0; i < rows; ++i) {
    const T* const from = x + i * columns;
    T* const to = out + i * columns;
    for_each_vector<T>(
        columns, [=](int64_t j) { store(to + j, load(from + j) * load(scale + j) + load(offset + j)); },
        [=](int64_t j, int64_t n) {
          store_partial(to + j,
                        load_partial(from + j, n) * load_partial(scale + j, n) + load_partial(offset + j, n),
                        n);
        });
  }
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_NORMALIZATION_H_
