// The squared error of one-hot labels, and its gradient through a sigmoid output layer.
#include <doctest/doctest.h>

#include "operations.h"
#include "test/support.h"

namespace mnist {
namespace {

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
      label = static_cast<uint8_t>(random.integer(0, std::min<int64_t>(columns, 256) - 1));
  }

  long double error(int64_t index) const {
    return static_cast<long double>(a[index]) - (index % columns == labels[index / columns] ? 1 : 0);
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
      const T* nan = std::find_if(row, row + columns, [](T value) { return value != value; });
      const T* largest = nan != row + columns ? nan : std::max_element(row, row + columns);
      count += largest - row == labels[i];
    }
    return count;
  }

  LossSums run(const KernelSet& set, bool operation, const T* a, T* delta) const {
    return operation ? output_delta<T>(Device{set, 2}, rows, columns, a, labels.data(), scale, delta)
                     : set.of<T>().output_delta(rows, columns, a, labels.data(), scale, delta);
  }
};

const std::vector<int64_t> kRowCounts = {0, 1, 2, 3, 7, 8, 9, 31, 255, 256, 257, 600};
const std::vector<int64_t> kClassCounts = {1,  2,  3,  4,  5,  7,  8,  9,  10,  11,
                                           15, 16, 17, 31, 32, 33, 50, 70, 256, 300};

}  // namespace

TEST_CASE_TEMPLATE("output_delta is exact where nothing rounds, with and without a delta", T, float, double) {
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
          CHECK(sums.squared_error == squared_error);
          CHECK(sums.correct == correct);

          const LossSums only_sums = problem.run(*set, operation, problem.a.data(), nullptr);
          CHECK(only_sums.squared_error == squared_error);
          CHECK(only_sums.correct == correct);
        }
      }
    }
  }
}

// A delta rounds five times. A squared error is rounded to T once before it is squared (the rest is double),
// so that is twice in its square.
TEST_CASE_TEMPLATE("output_delta stays within its rounding error", T, float, double) {
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
        CHECK(std::fabs(sums.squared_error - squared_error) <=
              (2.01L * kUnitRoundoff<T> + roundings) * squared_error);
        CHECK(sums.correct == problem.correct());
      }
    }
  }
}

TEST_CASE_TEMPLATE("output_delta may write the delta onto the activations", T, float, double) {
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
        CHECK(sums.squared_error == expected.squared_error);
        CHECK(sums.correct == expected.correct);
      }
    }
  }
}

TEST_CASE_TEMPLATE("output_delta takes the first of equal activations as the answer, and NaN before any", T,
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
        const LossSums sums = output_delta<T>(Device{*set, 1}, 1, 4, c.a.data(), &label, T{1}, delta.data());
        CHECK(sums.correct == (label == c.answer));
        const bool has_nan = std::any_of(c.a.begin(), c.a.end(), [](T value) { return value != value; });
        CHECK((sums.squared_error != sums.squared_error) == has_nan);
        for (size_t j = 0; j < 4; ++j) CHECK((delta[j] != delta[j]) == (c.a[j] != c.a[j]));
      }
    }
  }
}

TEST_CASE_TEMPLATE("output_delta sums in double: many small errors beside a large one are not lost", T, float,
                   double) {
  constexpr int64_t kRows = 100'000;
  // Two classes, of which the second is right and has no error.
  const std::vector<uint8_t> labels(kRows, 1);
  std::vector<T> a;
  for (int64_t i = 0; i < kRows; ++i) a.insert(a.end(), {i == 0 ? T{1024} : T{1} / 4096, 1});
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    const LossSums sums = output_delta<T>(Device{*set, 2}, kRows, 2, a.data(), labels.data(), T{1}, nullptr);
    CHECK(sums.squared_error == 1024.0 * 1024.0 + (kRows - 1) * 0x1p-24);
    CHECK(sums.correct == kRows - 1);
  }
}

TEST_CASE_TEMPLATE("output_delta squares an error in double, too", T, float, double) {
  // Its square needs twice the bits: (1 + e)^2 = 1 + 2 e + e^2.
  const double e = std::is_same_v<T, float> ? 0x1p-12 : 0x1p-26;
  const std::vector<T> a = {static_cast<T>(1 + e), 1};
  const uint8_t label = 1;
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    const LossSums sums = output_delta<T>(Device{*set, 1}, 1, 2, a.data(), &label, T{1}, nullptr);
    CHECK(sums.squared_error == 1 + 2 * e + e * e);
  }
}

}  // namespace mnist
