// The measure that benchmarks hold GEMM against.
#include <doctest/doctest.h>

#include "operations.h"
#include "test/support.h"

namespace mnist {

TEST_CASE_TEMPLATE("the peak counts the operations of every thread, and does them", T, float, double) {
  constexpr int64_t kIterations = 1000;
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    T sink = T{1} / 2;
    const int64_t once = set->of<T>().peak(kIterations, &sink);
    CHECK(once > 0);
    CHECK(once % (2 * kIterations * set->of<T>().lanes) ==
          0);  // a multiplication and an addition in every lane
    // Each chain x <- x / 2 + 1 has come to its limit, 2.
    const int64_t chains = once / (2 * kIterations * set->of<T>().lanes);
    CHECK(std::fabs(sink - static_cast<T>(2 * chains)) <= static_cast<T>(1e-3));

    CHECK(measure_peak<T>(Device{*set, 1}, kIterations) == once);
    CHECK(measure_peak<T>(Device{*set, 3}, 2 * kIterations) == 6 * once);
  }
}

}  // namespace mnist
