// softmax along rows, by every kernel set.
#include <doctest/doctest.h>

#include "operations.h"
#include "test/support.h"

namespace mnist {
namespace {

// Within what the rounding of x - max makes of exp, what the roundings of a sum in double make of it, and
// some ulp more?
template <typename T>
bool is_softmax(int64_t columns, const T* x, const T* out) {
  const long double largest = *std::max_element(x, x + columns);
  long double sum = 0;
  for (int64_t j = 0; j < columns; ++j) sum += std::exp(x[j] - largest);
  for (int64_t j = 0; j < columns; ++j) {
    const long double truth = std::exp(x[j] - largest) / sum;
    const long double roundings = 10 + std::fabs(x[j] - largest);
    const long double tolerance =
        (roundings * kUnitRoundoff<T> + static_cast<long double>(columns) * kUnitRoundoff<double>)*truth +
        std::numeric_limits<T>::denorm_min();
    if (!(std::fabs(out[j] - truth) <= tolerance)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE_TEMPLATE("softmax of every shape, aligned or not, in place or not", T, float, double) {
  Random random(11);
  for (int64_t columns : vector_sizes()) {
    for (int64_t rows : {0, 1, 2, 5}) {
      for (int64_t offset : {0, 1}) {
        CAPTURE(columns);
        CAPTURE(rows);
        const Guarded<T> x(random_values<T>(random, rows * columns, -30, 10), offset);
        for (const KernelSet* set : kernel_sets_under_test()) {
          CAPTURE(name_of(*set));
          Guarded<T> out(rows * columns, offset), onto(x.values(), offset),
              by_operation(rows * columns, offset);
          set->of<T>().softmax(rows, columns, x.data(), out.data());
          set->of<T>().softmax(rows, columns, onto.data(), onto.data());
          softmax<T>(Device{*set, 2}, rows, columns, x.data(), by_operation.data());
          CHECK((x.intact() && out.intact() && onto.intact() && by_operation.intact()));
          CHECK(same_bits(onto.values(), out.values()));
          CHECK(same_bits(by_operation.values(), out.values()));
          for (int64_t i = 0; i < rows && columns > 0; ++i) {
            CHECK(is_softmax(columns, x.data() + i * columns, out.data() + i * columns));
          }
        }
      }
    }
  }
}

TEST_CASE_TEMPLATE("softmax of huge logits is finite, and NaN and infinities spoil their row alone", T, float,
                   double) {
  const T nan = quiet_nan<T>(), inf = infinity<T>(), most = std::numeric_limits<T>::max();
  const T big = 10000;
  const std::vector<T> x = {big,  -big, big,  -big, -big, -big, 1,    nan,   2, 1,  inf, 2,
                            -inf, -inf, -inf, -inf, 0,    -inf, most, -most, 0, -1, -1,  -1};
  const T half = 0.5, third = T{1} / 3;
  const std::vector<T> expected = {half, 0,   half, third, third, third, nan, nan, nan, nan,   nan,   nan,
                                   nan,  nan, nan,  0,     1,     0,     1,   0,   0,   third, third, third};
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    std::vector<T> out(x.size());
    set->of<T>().softmax(8, 3, x.data(), out.data());
    for (size_t i = 0; i < x.size(); ++i) {
      CAPTURE(i);
      CHECK((same_number(out[i], expected[i]) || std::fabs(out[i] - expected[i]) <= 2 * kUnitRoundoff<T>));
    }
  }
}

TEST_CASE_TEMPLATE("a NaN anywhere in a row makes all of it NaN", T, float, double) {
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    for (int64_t columns = 1; columns <= 37; ++columns) {
      for (int64_t at = 0; at < columns; ++at) {
        std::vector<T> x(static_cast<size_t>(columns), -3), out(x.size());
        x[static_cast<size_t>(at)] = quiet_nan<T>();
        set->of<T>().softmax(1, columns, x.data(), out.data());
        for (T value : out) REQUIRE(value != value);
      }
    }
  }
}

}  // namespace mnist
