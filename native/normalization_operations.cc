#include "normalization_operations.h"

#include <algorithm>

#include "parallel.h"

namespace mnist {
namespace {

// Calls body(first, last) for parts of the columns: each thread takes whole ones, so that no sum over the
// rows is ever split.
template <typename Body>
void for_columns(const Device& device, int64_t rows, int64_t columns, const Body& body) {
  const int64_t grain = ceil_divide(kParallelElements, kColumnUnit * std::max<int64_t>(1, rows));
  parallel_for(device.threads, ceil_divide(columns, kColumnUnit), grain, [&](int64_t first, int64_t last) {
    body(first * kColumnUnit, std::min(columns, last * kColumnUnit));
  });
}

}  // namespace

template <typename T>
void normalize_batch(const Device& device, const BatchNormalization<T>& problem) {
  for_columns(device, problem.batch.rows, problem.batch.stride, [&](int64_t first, int64_t last) {
    device.kernels.of<T>().normalize_batch(problem, first, last);
  });
}

template <typename T>
void normalize_batch_backward(const Device& device, const BatchNormalizationBackward<T>& problem) {
  for_columns(device, problem.batch.rows, problem.batch.stride, [&](int64_t first, int64_t last) {
    device.kernels.of<T>().normalize_batch_backward(problem, first, last);
  });
}

template <typename T>
void scale_columns(const Device& device, int64_t rows, int64_t columns, const T* x, const T* scale,
                   const T* offset, T* out) {
  parallel_for(device.threads, rows, parallel_rows(columns), [&](int64_t first, int64_t last) {
    device.kernels.of<T>().scale_columns(last - first, columns, x + first * columns, scale, offset,
                                         out + first * columns);
  });
}

#define INSTANTIATE(T)                                                                            \
  template void normalize_batch<T>(const Device&, const BatchNormalization<T>&);                  \
  template void normalize_batch_backward<T>(const Device&, const BatchNormalizationBackward<T>&); \
  template void scale_columns<T>(const Device&, int64_t, int64_t, const T*, const T*, const T*, T*)
INSTANTIATE(float);
INSTANTIATE(double);
#undef INSTANTIATE

}  // namespace mnist
