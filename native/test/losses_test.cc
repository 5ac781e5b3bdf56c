// Losses, and their gradients through the activation of the outputs.
#include <doctest/doctest.h>

#include "loss_operations.h"
#include "test/support.h"

namespace mnist {
namespace {

// The squared error of a sigmoid layer, whose delta is scale * (a - y) * a * (1 - a).
template <typename T>
LossRows<T> squares_of(int64_t rows, int64_t columns, const T* a, const uint8_t* labels, double scale,
                       T* delta) {
  return {LossKind::kSquaredErrorOfSigmoid,
          rows,
          columns,
          a,
          nullptr,
          labels,
          nullptr,
          nullptr,
          nullptr,
          0,
          1,
          scale / 2,
          delta};
}

// Output activations [rows, columns], their labels, and what follows from them by definition.
template <typename T>
struct LossProblem {
  int64_t rows, columns;
  T scale;
  Guarded<T> a;
  Guarded<uint8_t> labels;

  template <typename Draw>
  LossProblem(int64_t rows, int64_t columns, T scale, int64_t offset, Random& random, Draw draw)
      : rows(rows), columns(columns), scale(scale), a(rows * columns, offset), labels(rows, offset) {
    for (T& value : a) value = draw();
    for (uint8_t& label : labels)
      label =
          static_cast<uint8_t>(random.integer(0, std::min<int64_t>(std::max<int64_t>(columns, 2), 256) - 1));
  }

  long double error(int64_t index) const {
    const bool is_hot = columns == 1 ? labels[index] == 1 : index % columns == labels[index / columns];
    return static_cast<long double>(a[index]) - (is_hot ? 1 : 0);
  }
  long double squared_error() const {
    long double sum = 0;
    for (int64_t i = 0; i < a.size(); ++i) sum += error(i) * error(i);
    return sum;
  }
  long double delta(int64_t index) const {
    const long double value = a[index];
    return scale * error(index) * value * (1 - value);
  }
  int64_t correct() const {
    int64_t count = 0;
    for (int64_t i = 0; i < rows; ++i) {
      const T* row = a.data() + i * columns;
      if (columns == 1) {
        count += (row[0] >= T{0.5}) == (labels[i] == 1);
        continue;
      }
      const T* nan = std::find_if(row, row + columns, [](T value) { return value != value; });
      const T* largest = nan != row + columns ? nan : std::max_element(row, row + columns);
      count += largest - row == labels[i];
    }
    return count;
  }

  LossSums run(const KernelSet& set, bool operation, const T* a, T* delta) const {
    const LossRows<T> all = squares_of<T>(rows, columns, a, labels.data(), scale, delta);
    return operation ? loss<T>(Device{set, 2}, all) : set.of<T>().loss(all);
  }
};

const std::vector<int64_t> kRowCounts = {0, 1, 2, 3, 7, 8, 9, 31, 255, 256, 257, 600};
const std::vector<int64_t> kClassCounts = {1,  2,  3,  4,  5,  7,  8,  9,  10,  11,
                                           15, 16, 17, 31, 32, 33, 50, 70, 256, 300};

}  // namespace

TEST_CASE_TEMPLATE("squared error is exact where nothing rounds, with and without a delta", T, float,
                   double) {
  Random random(14);
  for (int64_t rows : kRowCounts) {
    for (int64_t columns : kClassCounts) {
      // Multiples of 1/8: the delta is a multiple of 1/512 times the scale.
      const LossProblem<T> problem(rows, columns, T{0.5}, rows % 4, random,
                                   [&] { return static_cast<T>(random.integer(0, 8)) / 8; });
      std::vector<T> expected(static_cast<size_t>(problem.a.size()));
      for (size_t i = 0; i < expected.size(); ++i)
        expected[i] = static_cast<T>(problem.delta(static_cast<int64_t>(i)));
      const double squared_error = static_cast<double>(problem.squared_error());
      const int64_t correct = problem.correct();
      CAPTURE(rows);
      CAPTURE(columns);
      for (const KernelSet* set : kernel_sets_under_test()) {
        CAPTURE(name_of(*set));
        for (bool operation : {false, true}) {
          CAPTURE(operation);
          Guarded<T> delta(problem.a.size(), rows % 4);
          const LossSums sums = problem.run(*set, operation, problem.a.data(), delta.data());
          CHECK(delta.intact());
          CHECK(delta.values() == expected);
          CHECK(sums.loss == squared_error);
          CHECK(sums.correct == correct);

          const LossSums only_sums = problem.run(*set, operation, problem.a.data(), nullptr);
          CHECK(only_sums.loss == squared_error);
          CHECK(only_sums.correct == correct);
        }
      }
    }
  }
}

// A delta rounds five times. A squared error is rounded to T once before it is squared (the rest is double),
// so that is twice in its square.
TEST_CASE_TEMPLATE("squared error stays within its rounding error", T, float, double) {
  Random random(15);
  for (int64_t rows : kRowCounts) {
    for (int64_t columns : kClassCounts) {
      const LossProblem<T> problem(rows, columns, static_cast<T>(0.3), 1, random,
                                   [&] { return static_cast<T>(random.uniform(0, 1)); });
      const long double squared_error = problem.squared_error();
      CAPTURE(rows);
      CAPTURE(columns);
      for (const KernelSet* set : kernel_sets_under_test()) {
        CAPTURE(name_of(*set));
        std::vector<T> delta(static_cast<size_t>(problem.a.size()));
        const LossSums sums = problem.run(*set, true, problem.a.data(), delta.data());
        int64_t wrong = 0;
        for (int64_t i = 0; i < problem.a.size(); ++i) {
          const long double truth = problem.delta(i);
          wrong +=
              std::fabs(delta[static_cast<size_t>(i)] - truth) > 5.01L * kUnitRoundoff<T> * std::fabs(truth);
        }
        CHECK(wrong == 0);
        const long double roundings = static_cast<long double>(rows * columns + 2) * kUnitRoundoff<double>;
        CHECK(std::fabs(sums.loss - squared_error) <= (2.01L * kUnitRoundoff<T> + roundings) * squared_error);
        CHECK(sums.correct == problem.correct());
      }
    }
  }
}

TEST_CASE_TEMPLATE("squared error may write the delta onto the activations", T, float, double) {
  Random random(16);
  for (int64_t rows : kRowCounts) {
    for (int64_t columns : {1, 2, 10, 17, 300}) {
      const LossProblem<T> problem(rows, columns, static_cast<T>(0.3), 1, random,
                                   [&] { return static_cast<T>(random.uniform(0, 1)); });
      CAPTURE(rows);
      CAPTURE(columns);
      for (const KernelSet* set : kernel_sets_under_test()) {
        CAPTURE(name_of(*set));
        std::vector<T> apart(static_cast<size_t>(problem.a.size())), in_place = problem.a.values();
        const LossSums expected = problem.run(*set, true, problem.a.data(), apart.data());
        const LossSums sums = problem.run(*set, true, in_place.data(), in_place.data());
        CHECK(same_bits(in_place, apart));
        CHECK(sums.loss == expected.loss);
        CHECK(sums.correct == expected.correct);
      }
    }
  }
}

TEST_CASE_TEMPLATE("squared error takes the first of equal activations as the answer, and NaN before any", T,
                   float, double) {
  const T nan = quiet_nan<T>();
  struct Case {
    std::vector<T> a;
    uint8_t answer;
  };
  const std::vector<Case> cases = {
      {{1, 1, 1, 1}, 0}, {{0, 1, 1, 0}, 1}, {{0, 0, 0, 1}, 3}, {{0, nan, 1, nan}, 1}, {{nan, 1, 1, 1}, 0},
  };
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    for (const Case& c : cases) {
      for (uint8_t label = 0; label < 4; ++label) {
        std::vector<T> delta(4);
        const LossSums sums =
            loss<T>(Device{*set, 1}, squares_of<T>(1, 4, c.a.data(), &label, 1, delta.data()));
        CHECK(sums.correct == (label == c.answer));
        const bool has_nan = std::any_of(c.a.begin(), c.a.end(), [](T value) { return value != value; });
        CHECK((sums.loss != sums.loss) == has_nan);
        for (size_t j = 0; j < 4; ++j) CHECK((delta[j] != delta[j]) == (c.a[j] != c.a[j]));
      }
    }
  }
}

TEST_CASE_TEMPLATE("squared error sums in double: many small errors beside a large one are not lost", T,
                   float, double) {
  constexpr int64_t kRows = 100'000;
  // Two classes, of which the second is right and has no error.
  const std::vector<uint8_t> labels(kRows, 1);
  std::vector<T> a;
  for (int64_t i = 0; i < kRows; ++i) a.insert(a.end(), {i == 0 ? T{1024} : T{1} / 4096, 1});
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    const LossSums sums =
        loss<T>(Device{*set, 2}, squares_of<T>(kRows, 2, a.data(), labels.data(), 1, nullptr));
    CHECK(sums.loss == 1024.0 * 1024.0 + (kRows - 1) * 0x1p-24);
    CHECK(sums.correct == kRows - 1);
  }
}

TEST_CASE_TEMPLATE("squared error squares an error in double, too", T, float, double) {
  // Its square needs twice the bits: (1 + e)^2 = 1 + 2 e + e^2.
  const double e = std::is_same_v<T, float> ? 0x1p-12 : 0x1p-26;
  const std::vector<T> a = {static_cast<T>(1 + e), 1};
  const uint8_t label = 1;
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    const LossSums sums = loss<T>(Device{*set, 1}, squares_of<T>(1, 2, a.data(), &label, 1, nullptr));
    CHECK(sums.loss == 1 + 2 * e + e * e);
  }
}

namespace {

// Every kind of loss on every kind of target, by definition and in long double.
template <typename T>
struct AnyLoss {
  LossKind kind;
  int64_t rows, outputs;
  std::vector<T> z, a, values, weights;
  std::vector<int32_t> labels;
  double smoothing = 0, threshold = 0.7, scale = 0.3;

  bool is_from_z() const { return kind == LossKind::kBinaryCrossEntropy || kind == LossKind::kCrossEntropy; }
  long double target(int64_t i, int64_t j) const {
    long double y = !values.empty() ? static_cast<long double>(values[static_cast<size_t>(i * outputs + j)])
                    : outputs == 1  ? labels[static_cast<size_t>(i)]
                                    : labels[static_cast<size_t>(i)] == j;
    const long double share = kind == LossKind::kCrossEntropy ? 1.0L / outputs : 0.5L;
    return (1 - static_cast<long double>(smoothing)) * y + smoothing * share;
  }
  long double cost(int64_t i) const {
    long double sum = 0, all = 0;
    if (kind == LossKind::kCrossEntropy) {
      for (int64_t j = 0; j < outputs; ++j) all += std::exp(static_cast<long double>(z_at(i, j)));
    }
    for (int64_t j = 0; j < outputs; ++j) {
      const long double y = target(i, j), error = a[static_cast<size_t>(i * outputs + j)] - y;
      const long double size = std::fabs(error);
      if (kind == LossKind::kCrossEntropy) {
        sum += y * (std::log(all) - z_at(i, j));
      } else if (kind == LossKind::kBinaryCrossEntropy) {
        sum += y * std::log1p(std::exp(-static_cast<long double>(z_at(i, j)))) +
               (1 - y) * std::log1p(std::exp(static_cast<long double>(z_at(i, j))));
      } else if (kind == LossKind::kAbsoluteError) {
        sum += size;
      } else if (kind == LossKind::kHuber) {
        sum += size <= threshold ? error * error / 2 : threshold * (size - threshold / 2);
      } else {
        sum += error * error;
      }
    }
    return sum;
  }
  long double slope(int64_t i, int64_t j) const {
    const long double value = a[static_cast<size_t>(i * outputs + j)], error = value - target(i, j);
    switch (kind) {
      case LossKind::kSquaredError:
        return 2 * error;
      case LossKind::kSquaredErrorOfSigmoid:
        return 2 * error * value * (1 - value);
      case LossKind::kAbsoluteError:
        return error > 0 ? 1 : error < 0 ? -1 : 0;
      case LossKind::kHuber:
        return std::clamp<long double>(error, -threshold, threshold);
      default:
        return error;
    }
  }
  T z_at(int64_t i, int64_t j) const { return z[static_cast<size_t>(i * outputs + j)]; }
  long double weight(int64_t i) const {
    return weights.empty() ? 1 : static_cast<long double>(weights[static_cast<size_t>(i)]);
  }
};

}  // namespace

TEST_CASE_TEMPLATE("every loss is near its definition, for every kind of target", T, float, double) {
  Random random(31);
  const LossKind kinds[] = {LossKind::kSquaredError,       LossKind::kSquaredErrorOfSigmoid,
                            LossKind::kAbsoluteError,      LossKind::kHuber,
                            LossKind::kBinaryCrossEntropy, LossKind::kCrossEntropy};
  for (LossKind kind : kinds) {
    for (int64_t outputs : {1, 2, 3, 7, 8, 9, 16, 17, 33, 300}) {
      for (int64_t rows : {0, 1, 5, 257}) {
        if (kind == LossKind::kCrossEntropy && outputs == 1) continue;
        AnyLoss<T> p = {kind, rows, outputs, {}, {}, {}, {}, {}};
        const size_t size = static_cast<size_t>(rows * outputs);
        p.z = random_values<T>(random, rows * outputs, -9, 9);
        p.a = random_values<T>(random, rows * outputs, 0, 1);
        const bool has_values = kind != LossKind::kCrossEntropy && random.integer(0, 1);
        if (has_values) p.values = random_values<T>(random, rows * outputs, 0, 1);
        for (int64_t i = 0; i < rows && !has_values; ++i)
          p.labels.push_back(static_cast<int32_t>(random.integer(0, std::max<int64_t>(outputs, 2) - 1)));
        if (random.integer(0, 1)) p.weights = random_values<T>(random, rows, 0, 2);
        if (p.is_from_z()) p.smoothing = random.one_of<double>({0, 0.1, 0.5});
        CAPTURE(static_cast<int>(kind));
        CAPTURE(rows);
        CAPTURE(outputs);
        CAPTURE(has_values);
        long double sum = 0, allowed = 0;
        for (int64_t i = 0; i < rows; ++i) {
          sum += p.weight(i) * p.cost(i);
          const long double rounding = kind == LossKind::kCrossEntropy         ? 40
                                       : kind == LossKind::kBinaryCrossEntropy ? 8.0L * outputs
                                                                               : 0;
          allowed += kUnitRoundoff<T> * p.weight(i) * (4 * p.cost(i) + rounding);
        }
        allowed += static_cast<long double>(size + 4) * 4 * kUnitRoundoff<double> * sum;
        for (const KernelSet* set : kernel_sets_under_test()) {
          CAPTURE(name_of(*set));
          const Guarded<T> a(p.a, 1), z(p.z, 1), values(p.values, 1), weights(p.weights, 1);
          const Guarded<int32_t> labels(p.labels, 1);
          Guarded<T> delta(rows * outputs, 1);
          const LossSums sums = loss<T>(
              Device{*set, 2}, {kind, rows, outputs, a.data(), p.is_from_z() ? z.data() : nullptr, nullptr,
                                has_values ? nullptr : labels.data(), has_values ? values.data() : nullptr,
                                p.weights.empty() ? nullptr : weights.data(), p.smoothing, p.threshold,
                                p.scale, delta.data()});
          CHECK(delta.intact());
          CHECK(std::fabs(sums.loss - sum) <= allowed);
          int64_t wrong = 0;
          for (int64_t e = 0; e < rows * outputs; ++e) {
            const long double factor = p.scale * p.weight(e / outputs);
            const long double truth = factor * p.slope(e / outputs, e % outputs);
            wrong +=
                !(std::fabs(delta[e] - truth) <= 10 * kUnitRoundoff<T> * (std::fabs(truth) + 2 * factor));
          }
          CHECK(wrong == 0);
        }
      }
    }
  }
}

}  // namespace mnist
