// Parameter updates.
#include <doctest/doctest.h>

#include "operations.h"
#include "test/gemm_problem.h"
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

TEST_CASE_TEMPLATE(
    "linear_descent has the bits of gemm, column_sums and sgd_update, on any number of threads", T, float,
    double) {
  struct Shape {
    int64_t count, inputs, units;
  };
  const Shape shapes[] = {{0, 4, 3},     {1, 1, 1},     {1, 9, 17},    {3, 2, 10},    {5, 0, 3},
                          {5, 3, 0},     {7, 50, 10},   {64, 31, 8},   {100, 50, 10}, {128, 17, 33},
                          {129, 65, 16}, {257, 30, 51}, {530, 70, 12}, {12, 40, 1000}};
  Random random(18);
  for (const auto& [count, inputs, units] : shapes) {
    CAPTURE(count);
    CAPTURE(inputs);
    CAPTURE(units);
    const int64_t line = kLineBytes / int64_t{sizeof(T)}, ldw = (units + line - 1) / line * line;
    const int64_t offset = random.integer(0, 3);
    const Guarded<T> x(random_values<T>(random, count * inputs, -1, 1), offset);
    const Guarded<T> delta(random_values<T>(random, count * units, -1, 1), offset);
    const std::vector<T> bias = random_values<T>(random, units, -1, 1);
    std::vector<T> weight = random_values<T>(random, inputs * ldw, -1, 1);
    for (int64_t e = 0; e < inputs * ldw; ++e) {
      if (e % ldw >= units) weight[static_cast<size_t>(e)] = 0;
    }
    const T learning_rate = static_cast<T>(0.3);
    for (const KernelSet* set : kernel_sets_under_test()) {
      CAPTURE(name_of(*set));
      const Device alone = {*set, 1};
      std::vector<T> wanted = weight, wanted_bias = bias, gradient(weight.size(), T{0}), sums(bias.size());
      gemm<T>(alone, {true, false, inputs, units, count, T{1}, x.data(), inputs, delta.data(), units, T{0},
                      gradient.data(), ldw, nullptr, Activation::kIdentity});
      column_sums<T>(alone, count, units, delta.data(), T{1}, sums.data());
      sgd_update<T>(alone, inputs * ldw, learning_rate, gradient.data(), wanted.data());
      sgd_update<T>(alone, units, learning_rate, sums.data(), wanted_bias.data());
      for (int threads : {1, 2, 3, 5}) {
        CAPTURE(threads);
        Guarded<T> descended(weight, offset), descended_bias(bias, offset);
        forget_contention();
        linear_descent<T>(Device{*set, threads}, count, inputs, units, x.data(), delta.data(), learning_rate,
                          descended.data(), ldw, descended_bias.data());
        CHECK(descended.intact());
        CHECK(descended_bias.intact());
        // Zeros behind the units are among these bits.
        CHECK(same_bits(descended.values(), wanted));
        CHECK(same_bits(descended_bias.values(), wanted_bias));
        CHECK(same_bits(descended_bias.values(), bias) == (count == 0 || units == 0));
      }
    }
  }
}

}  // namespace mnist
