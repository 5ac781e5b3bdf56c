#include "update_operations.h"

#include <algorithm>

#include "parallel.h"
#include "scratch.h"

namespace mnist {
namespace {

// Threads take whole units, so that an array which begins on a line of the cache is cut between lines.
constexpr int64_t kUnit = 64;
// Elements of a partial sum of squares; the partial sums are added in order, whatever the number of threads.
constexpr int64_t kSumElements = 8 * 1024;

thread_local Scratch sums_scratch;

// Runs body(first, last) over parts of [0, size), for one thread each.
template <typename Body>
void parallel_units(const Device& device, int64_t size, const Body& body) {
  parallel_for(device.threads, ceil_divide(size, kUnit), kParallelElements / kUnit,
               [&](int64_t first, int64_t last) { body(first * kUnit, std::min(size, last * kUnit)); });
}

}  // namespace

template <typename T>
void update(const Device& device, const Update<T>& u) {
  parallel_units(device, u.size, [&](int64_t first, int64_t last) {
    Update<T> part = u;
    part.size = last - first;
    part.parameter += first;
    part.gradient += first;
    if (part.first) part.first += first;
    if (part.second) part.second += first;
    device.kernels.of<T>().update(part);
  });
}

template <typename T>
void add_penalty(const Device& device, int64_t size, T l2, T l1, const T* parameter, T* gradient) {
  parallel_units(device, size, [&](int64_t first, int64_t last) {
    device.kernels.of<T>().add_penalty(last - first, l2, l1, parameter + first, gradient + first);
  });
}

template <typename T>
double sum_of_squares(const Device& device, int64_t size, const T* x) {
  const int64_t parts = ceil_divide(size, kSumElements);
  double* const sums = sums_scratch.reserve<double>(static_cast<size_t>(parts));
  parallel_for(device.threads, parts, kParallelElements / kSumElements, [&](int64_t first, int64_t last) {
    for (int64_t part = first; part < last; ++part) {
      const int64_t i = part * kSumElements;
      sums[part] = device.kernels.of<T>().sum_of_squares(std::min(kSumElements, size - i), x + i);
    }
  });
  double total = 0;
  for (int64_t part = 0; part < parts; ++part) total += sums[part];
  return total;
}

template <typename T>
void limit_norms(const Device& device, int64_t inputs, int64_t ldw, int64_t units, double most, T* weight) {
  // Each thread takes whole columns, a line of them at least: no sum is split.
  constexpr int64_t kLine = kLineBytes / static_cast<int64_t>(sizeof(T));
  parallel_for(device.threads, ceil_divide(units, kLine), parallel_rows(inputs * kLine),
               [&](int64_t first, int64_t last) {
                 device.kernels.of<T>().limit_norms(inputs, ldw, first * kLine, last * kLine, units, most,
                                                    weight);
               });
}

#define INSTANTIATE(T)                                                      \
  template void update<T>(const Device&, const Update<T>&);                 \
  template void add_penalty<T>(const Device&, int64_t, T, T, const T*, T*); \
  template double sum_of_squares<T>(const Device&, int64_t, const T*);      \
  template void limit_norms<T>(const Device&, int64_t, int64_t, int64_t, double, T*)
INSTANTIATE(float);
INSTANTIATE(double);
#undef INSTANTIATE

}  // namespace mnist
