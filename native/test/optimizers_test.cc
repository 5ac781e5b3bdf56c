// Parameter updates.
#include <doctest/doctest.h>

#include "operations.h"
#include "test/support.h"

namespace mnist {

// The product and the difference round once each, or the difference alone where they are one instruction.
TEST_CASE_TEMPLATE("sgd_update subtracts the gradient times the learning rate, for every size", T, float,
                   double) {
  Random random(17);
  for (int64_t size : vector_sizes()) {
    for (int64_t offset : {0, 1, 3}) {
      CAPTURE(size);
      CAPTURE(offset);
      const std::vector<T> before = random_values<T>(random, size, -1, 1);
      const Guarded<T> gradient(random_values<T>(random, size, -1, 1), offset);
      const T learning_rate = static_cast<T>(0.3);
      for (const KernelSet* set : kernel_sets_under_test()) {
        CAPTURE(name_of(*set));
        for (bool operation : {false, true}) {
          Guarded<T> parameter(before, offset);
          operation ? sgd_update<T>(Device{*set, 1}, size, learning_rate, gradient.data(), parameter.data())
                    : set->of<T>().sgd_update(size, learning_rate, gradient.data(), parameter.data());
          CHECK(parameter.intact());
          int64_t wrong = 0;
          for (int64_t i = 0; i < size; ++i) {
            const long double step = static_cast<long double>(learning_rate) * gradient[i];
            const long double truth = before[static_cast<size_t>(i)] - step;
            wrong += std::fabs(parameter[i] - truth) >
                     1.01L * kUnitRoundoff<T> * (std::fabs(step) + std::fabs(truth));
          }
          CHECK(wrong == 0);
        }
      }
    }
  }
}

TEST_CASE_TEMPLATE("sgd_update keeps NaN and infinity, and a learning rate of 0 changes nothing", T, float,
                   double) {
  const T nan = quiet_nan<T>(), inf = infinity<T>();
  const std::vector<T> parameter = {nan, 1, 1, inf, 1}, gradient = {1, nan, inf, 1, 2};
  const std::vector<T> expected = {nan, nan, -inf, inf, 0};
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    std::vector<T> updated = parameter;
    sgd_update<T>(Device{*set, 1}, 5, T{0.5}, gradient.data(), updated.data());
    for (size_t i = 0; i < 5; ++i) CHECK(same_number(updated[i], expected[i]));

    std::vector<T> unchanged = {1, -2, std::numeric_limits<T>::denorm_min()};
    const std::vector<T> before = unchanged, any = {3, 4, 5};
    sgd_update<T>(Device{*set, 1}, 3, T{0}, any.data(), unchanged.data());
    CHECK(same_bits(unchanged, before));
  }
}

}  // namespace mnist
