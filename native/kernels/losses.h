// Losses of output activations, and their gradients through the activation that gave them.
#ifndef MNIST_NATIVE_KERNELS_LOSSES_H_
#define MNIST_NATIVE_KERNELS_LOSSES_H_

#include <math.h>

#include "kernels/activations.h"
#include "kernels/kernels.h"
#include "kernels/rows.h"
#include "kernels/softmax.h"
#include "kernels/vector.h"

namespace mnist {
namespace KERNEL_ISA {

// The losses that are a sum over errors e = a - y. add() sums the weighted losses of some errors in double,
// lane by lane; delta() is `factor` times the derivative with respect to z, where factor() has the constant
// of it.

template <typename T, bool OfSigmoid>
struct SquaredError {
  double factor(double scale) const { return 2 * scale; }
  void add(Vector<T> error, double weight, Vector<double>& sums) const {
    const Wide<T> e = widen(error);
    for (const Vector<double> part : e.part) sums += (weight * part) * part;
  }
  Vector<T> delta(T factor, Vector<T> a, Vector<T> error) const {
    if constexpr (OfSigmoid) return factor * error * (a * (T{1} - a));
    return factor * error;
  }
};

template <typename T>
struct AbsoluteError {
  double factor(double scale) const { return scale; }
  void add(Vector<T> error, double weight, Vector<double>& sums) const {
    const Wide<T> e = widen(select<T>(error < 0, -error, error));
    for (const Vector<double> part : e.part) sums += weight * part;
  }
  Vector<T> delta(T factor, Vector<T>, Vector<T> error) const {
    const Vector<T> positive = broadcast<T>(factor);
    return select<T>(error > 0, positive, select<T>(error < 0, -positive, error));  // 0 and NaN stay
  }
};

// P. J. Huber, "Robust Estimation of a Location Parameter", 1964: e^2 / 2 up to the threshold d, and
// d (|e| - d / 2) beyond it.
template <typename T>
struct Huber {
  double threshold;

  double factor(double scale) const { return scale; }
  void add(Vector<T> error, double weight, Vector<double>& sums) const {
    const Wide<T> e = widen(select<T>(error < 0, -error, error));
    for (const Vector<double> part : e.part) {
      const Vector<double> outer = threshold * (part - threshold / 2);
      sums += weight * select<double>(part > threshold, outer, part * part / 2);
    }
  }
  Vector<T> delta(T factor, Vector<T>, Vector<T> error) const {
    const Vector<T> most = broadcast<T>(static_cast<T>(threshold));
    return factor * select<T>(error > most, most, select<T>(error < -most, -most, error));
  }
};

// The cross-entropies take their loss from a row of z: add_row() returns it. Their derivative with respect to
// z is a - y.

// y' = (1 - s) y + s / 2 for each output by itself; max(z, 0) - z y' + log(1 + exp(-|z|)).
template <typename T>
struct BinaryCrossEntropy {
  double smoothing;

  // y of output j is hot(j), or values[j].
  double add_row(int64_t outputs, const T* z, int64_t hot, const T* values) const {
    double loss = 0;
    T exps[kLanes<T>];
    for (int64_t j = 0; j < outputs; j += kLanes<T>) {
      const int64_t lanes = outputs - j < kLanes<T> ? outputs - j : kLanes<T>;
      const Vector<T> v = lanes == kLanes<T> ? load(z + j) : load_partial(z + j, lanes);
      store(exps, exp_nonpositive<T>(minus_magnitude<T>(v)));
      for (int64_t lane = 0; lane < lanes; ++lane) {
        const double input = static_cast<double>(z[j + lane]);
        double y = values ? static_cast<double>(values[j + lane]) : j + lane == hot ? 1 : 0;
        y = (1 - smoothing) * y + smoothing / 2;
        loss += (input > 0 ? input : 0) - input * y + log1p(static_cast<double>(exps[lane]));
      }
    }
    return loss;
  }
};

// y' = (1 - s) onehot + s / outputs; the sum of y'_c (log(sum of exp(z)) - z_c). With the largest z, m, taken
// off before exp: log(sum of exp(z)) = m + log(sum of exp(z - m)).
template <typename T>
struct CrossEntropy {
  double smoothing;

  double add_row(int64_t outputs, const T* z, int64_t hot, const T*) const {
    const Vector<T> lane_number = lane_numbers<T>();
    const T most = largest_of(outputs, z, lane_number);
    Vector<double> exps = {}, distances = {};
    const auto add = [&](Vector<T> distance, Vector<T> exp) {
      add_lanes(distance, distances);
      add_lanes(exp, exps);
    };
    for_each_vector<T>(
        outputs,
        [&](int64_t j) {
          const Vector<T> v = load(z + j) - most;
          add(v, exp_nonpositive<T>(v));
        },
        [&](int64_t j, int64_t lanes) {
          const Vector<T> v = load_partial(z + j, lanes) - most;
          const auto is_there = lane_number < static_cast<T>(lanes);
          add(select<T>(is_there, v, Vector<T>{}), select<T>(is_there, exp_nonpositive<T>(v), Vector<T>{}));
        });
    const double log_sum = log(sum_of_lanes(exps));
    const double of_label = static_cast<double>(most) - static_cast<double>(z[hot]) + log_sum;
    if (smoothing == 0) return of_label;
    const double of_all = static_cast<double>(outputs) * log_sum - sum_of_lanes(distances);
    return (1 - smoothing) * of_label + smoothing / static_cast<double>(outputs) * of_all;
  }
};

// The output that should be 1: that of the label, or the only one if the label is 1 of 0 and 1, else -1.
template <typename T>
inline int64_t hot_output(const LossRows<T>& p, int64_t row) {
  const int64_t label = p.byte_labels ? p.byte_labels[row] : p.labels[row];
  if (p.outputs > 1) return label;
  return label == 1 ? 0 : -1;
}

// What the outputs of all rows have in common: y' = keep * y + add.
struct Targets {
  double keep, add;
};

// Whether the first of the largest, or else the first NaN, of a row of several outputs is `hot`. There is no
// branch on the labels or on which output is largest: no processor could foresee them.
template <typename T>
struct Contest {
  using Mask = decltype(Vector<T>{} != Vector<T>{});
  T of_label;
  bool is_first_nan;
  Mask beats =
      Vector<T>{} != Vector<T>{};  // what is larger than the label's output, or as large and before it

  Contest(int64_t outputs, const T* row, int64_t hot)
      : of_label(row[hot]), is_first_nan(of_label != of_label && argmax(outputs, row) == hot) {}
  void meet(Vector<T> value, Vector<T> after_hot, Mask is_there) {
    beats |= (~(value <= of_label) | ((value == of_label) & (after_hot < 0))) & is_there;
  }
  bool is_won() const { return is_first_nan | !any_lane(beats); }
};

// Goes over the activations once. The rule says what an error costs, or takes a row's loss from z. ByClasses
// is for labels of several outputs, the most usual targets, which so have a loop without questions.
template <typename T, bool FromZ, bool ByClasses, typename Rule>
inline LossSums loss_rows(const LossRows<T>& p, const Rule& rule, Targets targets) {
  const Vector<T> lane_number = lane_numbers<T>();
  const Vector<T> keep = broadcast(static_cast<T>(targets.keep)),
                  add = broadcast(static_cast<T>(targets.add));
  const Vector<T> on = broadcast(static_cast<T>(targets.keep + targets.add));
  const bool compares_halves = !ByClasses && (FromZ || !p.values);
  Vector<double> losses = {};
  LossSums sums = {0, 0, 0};
  for (int64_t i = 0; i < p.rows; ++i) {
    const T* const row = p.a + i * p.outputs;
    const T* const values = !ByClasses && p.values ? p.values + i * p.outputs : nullptr;
    const int64_t hot = values ? -1 : hot_output(p, i);
    const double weight = p.weights ? static_cast<double>(p.weights[i]) : 1;
    T factor;
    if constexpr (FromZ) {
      sums.loss += weight * rule.add_row(p.outputs, p.z + i * p.outputs, hot, values);
      factor = static_cast<T>(p.scale * weight);
    } else {
      factor = static_cast<T>(rule.factor(p.scale) * weight);
    }
    Contest<T> contest(p.outputs, row, ByClasses ? hot : 0);
    auto differs = Vector<T>{} != Vector<T>{};  // on which side of a half an output and what it should be are
    for (int64_t j = 0; j < p.outputs; j += kLanes<T>) {
      const int64_t lanes = p.outputs - j;
      const bool is_whole = lanes >= kLanes<T>;
      const Vector<T> value = is_whole ? load(row + j) : load_partial(row + j, lanes);
      // Counted from the label's output, as a large number would be rounded.
      const Vector<T> after_hot = lane_number + static_cast<T>(j - hot);
      const auto is_there = lane_number < static_cast<T>(lanes);
      Vector<T> target, y;
      if (values) {
        target = is_whole ? load(values + j) : load_partial(values + j, lanes);
        y = keep * target + add;
      } else {
        target = select<T>(after_hot == 0, broadcast<T>(1), Vector<T>{});
        y = select<T>(after_hot == 0, on, add);
      }
      if constexpr (ByClasses) {
        contest.meet(value, after_hot, is_there);
      } else if (compares_halves) {
        differs |= ((value >= T{0.5}) != (target >= T{0.5})) & is_there;
      }
      const Vector<T> error = value - y;
      if constexpr (!FromZ) rule.add(error, weight, losses);
      if (p.delta == nullptr) continue;
      Vector<T> result;
      if constexpr (FromZ) {
        result = factor * error;
      } else {
        result = rule.delta(factor, value, error);
      }
      T* const to = p.delta + i * p.outputs + j;
      if (is_whole) {
        store(to, result);
      } else {
        store_partial(to, result, lanes);
      }
    }
    const bool is_correct = ByClasses ? contest.is_won() : compares_halves && !any_lane(differs);
    sums.correct += is_correct ? weight : 0;
    sums.weight += weight;
  }
  if constexpr (!FromZ) sums.loss = sum_of_lanes(losses);
  return sums;
}

template <typename T, bool FromZ, typename Rule>
inline LossSums loss_rows(const LossRows<T>& p, const Rule& rule, Targets targets) {
  if (!p.values && p.outputs > 1) return loss_rows<T, FromZ, true>(p, rule, targets);
  return loss_rows<T, FromZ, false>(p, rule, targets);
}

template <typename T>
inline LossSums loss_kernel(const LossRows<T>& p) {
  constexpr Targets kPlain = {1, 0};
  const double s = p.smoothing;
  switch (p.kind) {
    case LossKind::kSquaredError:
      return loss_rows<T, false>(p, SquaredError<T, false>{}, kPlain);
    case LossKind::kSquaredErrorOfSigmoid:
      return loss_rows<T, false>(p, SquaredError<T, true>{}, kPlain);
    case LossKind::kAbsoluteError:
      return loss_rows<T, false>(p, AbsoluteError<T>{}, kPlain);
    case LossKind::kHuber:
      return loss_rows<T, false>(p, Huber<T>{p.threshold}, kPlain);
    case LossKind::kBinaryCrossEntropy:
      return loss_rows<T, true>(p, BinaryCrossEntropy<T>{s}, {1 - s, s / 2});
    case LossKind::kCrossEntropy:
      return loss_rows<T, true>(p, CrossEntropy<T>{s}, {1 - s, s / static_cast<double>(p.outputs)});
  }
  return {0, 0, 0};
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_LOSSES_H_
