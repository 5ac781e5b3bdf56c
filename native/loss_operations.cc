#include "loss_operations.h"

#include <algorithm>

#include "parallel.h"
#include "scratch.h"

namespace mnist {
namespace {

// Rows of the partial loss sums, which are then added in order whatever the number of threads.
constexpr int64_t kLossRows = 256;

// Of the thread that calls an operation: partial loss sums.
thread_local Scratch sums_scratch;

template <typename T>
LossRows<T> part_of(const LossRows<T>& all, int64_t first, int64_t count) {
  LossRows<T> part = all;
  part.rows = count;
  part.a += first * all.outputs;
  if (all.z) part.z += first * all.outputs;
  if (all.byte_labels) part.byte_labels += first;
  if (all.labels) part.labels += first;
  if (all.values) part.values += first * all.outputs;
  if (all.weights) part.weights += first;
  if (all.delta) part.delta += first * all.outputs;
  return part;
}

}  // namespace

template <typename T>
LossSums loss(const Device& device, const LossRows<T>& rows) {
  const int64_t parts = ceil_divide(rows.rows, kLossRows);
  LossSums* const sums = sums_scratch.reserve<LossSums>(static_cast<size_t>(parts));
  const int64_t grain =
      std::max<int64_t>(1, kParallelElements / (kLossRows * std::max<int64_t>(1, rows.outputs)));
  parallel_for(device.threads, parts, grain, [&](int64_t first, int64_t last) {
    for (int64_t part = first; part < last; ++part) {
      const int64_t i = part * kLossRows;
      sums[part] = device.kernels.of<T>().loss(part_of(rows, i, std::min(kLossRows, rows.rows - i)));
    }
  });
  LossSums total = {0, 0, 0};
  for (int64_t part = 0; part < parts; ++part) {
    total.loss += sums[part].loss;
    total.correct += sums[part].correct;
    total.weight += sums[part].weight;
  }
  return total;
}

template LossSums loss<float>(const Device&, const LossRows<float>&);
template LossSums loss<double>(const Device&, const LossRows<double>&);

}  // namespace mnist
