// The call of losses.
#ifndef MNIST_NATIVE_LOSS_CALLS_H_
#define MNIST_NATIVE_LOSS_CALLS_H_

#include <cmath>
#include <string>

#include "calls.h"
#include "loss_operations.h"

namespace mnist {

// Throws unless every weight is a finite number of at least 0.
template <typename T>
void require_weights(const Arguments& args, View<T> weights) {
  for (int64_t i = 0; i < weights.size; ++i) {
    if (!(weights.data[i] >= 0 && std::isfinite(weights.data[i]))) {
      args.fail("ERR_INVALID_ARGUMENT", "expected finite weights of at least 0 but received " +
                                            std::to_string(weights.data[i]) + " for example " +
                                            std::to_string(i) + ".");
    }
  }
}

inline double read_smoothing(Arguments& args, LossKind kind) {
  const double smoothing = args.number("smoothing");
  const bool may_smooth = kind == LossKind::kBinaryCrossEntropy || kind == LossKind::kCrossEntropy;
  if (!(may_smooth ? smoothing >= 0 && smoothing < 1 : smoothing == 0)) {
    args.fail("ERR_INVALID_ARGUMENT",
              "expected a number from 0 to below 1 for smoothing, and 0 for losses without classes.");
  }
  return smoothing;
}

inline double read_threshold(Arguments& args) {
  const double threshold = args.number("threshold");
  if (!(threshold > 0)) args.fail("ERR_INVALID_ARGUMENT", "expected a positive number for threshold.");
  return threshold;
}

// loss(a, z | null, labels | null, values | null, weights | null, totals, delta | null, kind, rows, outputs,
// smoothing, threshold, scale, threads), where kind is the number of a LossKind. Without delta only the
// totals are computed.
template <typename T>
struct LossCall {
  static constexpr const char* kName = "loss";
  static void run(Arguments& args) {
    const View<T> a = args.array<T>("a"), z = args.array_or_null<T>("z");
    const Labels labels = args.labels_or_null("labels");
    const View<T> values = args.array_or_null<T>("values"), weights = args.array_or_null<T>("weights");
    const View<double> totals = args.array<double>("totals");
    const View<T> delta = args.array_or_null<T>("delta");
    const auto kind = static_cast<LossKind>(args.whole("kind", 0, kLossKinds - 1));
    const bool is_of_classes = kind == LossKind::kCrossEntropy;
    const bool is_from_z = is_of_classes || kind == LossKind::kBinaryCrossEntropy;
    const int64_t rows = args.size("rows"), outputs = args.size("outputs", is_of_classes ? 2 : 1);
    const double smoothing = read_smoothing(args, kind), threshold = read_threshold(args);
    const double scale = args.number("scale");
    const Device device = last_argument(args);

    if (is_from_z != (z.size >= 0)) {
      args.fail("ERR_INVALID_ARGUMENT", "expected z for the cross-entropies, and null for other losses.");
    }
    const bool has_labels = labels.bytes.size >= 0 || labels.numbers.size >= 0;
    if (has_labels == (values.size >= 0) || (is_of_classes && !has_labels)) {
      args.fail("ERR_INVALID_ARGUMENT",
                "expected either labels or values, and labels for the cross-entropy of classes.");
    }
    args.require_size(a, "a", rows * outputs);
    args.require_size_or_null(z, "z", rows * outputs);
    args.require_size_or_null(labels.bytes, "labels", rows);
    args.require_size_or_null(labels.numbers, "labels", rows);
    args.require_size_or_null(values, "values", rows * outputs);
    args.require_size_or_null(weights, "weights", rows);
    args.require_size_or_null(delta, "delta", rows * outputs);
    args.require_size(totals, "totals", 3);
    args.require_disjoint(totals, "totals", a, "a");
    args.require_disjoint(delta, "delta", totals, "totals");
    args.require_same_or_disjoint(delta, "delta", a, "a");
    const auto require_apart = [&](auto input, const char* name) {
      args.require_disjoint(totals, "totals", input, name);
      args.require_disjoint(delta, "delta", input, name);
    };
    require_apart(z, "z");
    require_apart(labels.bytes, "labels");
    require_apart(labels.numbers, "labels");
    require_apart(values, "values");
    require_apart(weights, "weights");
    const int64_t classes = outputs == 1 ? 2 : outputs;
    args.require_labels(labels.bytes, classes);
    args.require_labels(labels.numbers, classes);
    require_weights(args, weights);

    const LossSums sums =
        loss<T>(device, {kind, rows, outputs, a.data, z.data, labels.bytes.data, labels.numbers.data,
                         values.data, weights.data, smoothing, threshold, scale, delta.data});
    totals.data[0] += sums.loss;
    totals.data[1] += sums.correct;
    totals.data[2] += sums.weight;
  }
};

}  // namespace mnist

#endif  // MNIST_NATIVE_LOSS_CALLS_H_
