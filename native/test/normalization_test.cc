// Batch normalisation, and rows that are copied.
#include <doctest/doctest.h>

#include "normalization_operations.h"
#include "test/support.h"

namespace mnist {

// Against the formulas in long double. Means, deviations and normalised numbers are rounded to T before they
// are used, by at most some units of what they are made of.
TEST_CASE_TEMPLATE("normalize_batch and its gradient are near their definitions", T, float, double) {
  Random random(33);
  const long double unit = kUnitRoundoff<T>;
  for (int64_t rows : {2, 3, 17, 130}) {
    for (int64_t columns : {0, 1, 2, 3, 5, 8, 9, 15, 16, 17, 33, 130}) {
      CAPTURE(rows);
      CAPTURE(columns);
      const Guarded<T> x(random_values<T>(random, rows * columns, -2, 4), 1);
      const Guarded<T> upstream(random_values<T>(random, rows * columns, -1, 1), 1);
      const Guarded<T> gamma(random_values<T>(random, columns, -1, 1), 1);
      const Guarded<T> beta(random_values<T>(random, columns, -1, 1), 1);
      const std::vector<T> running = random_values<T>(random, columns, 0, 1);
      for (const KernelSet* set : kernel_sets_under_test()) {
        CAPTURE(name_of(*set));
        Guarded<T> out(rows * columns, 1), gradient(rows * columns, 1), mean(columns, 1), inverse(columns, 1);
        Guarded<T> running_mean(running, 1), running_variance(running, 1);
        Guarded<T> gamma_gradient(columns, 1), beta_gradient(columns, 1);
        const BatchColumns<T> batch = {rows, columns, x.data(), gamma.data()};
        normalize_batch<T>(Device{*set, 2},
                           {batch, beta.data(), mean.data(), inverse.data(), running_mean.data(),
                            running_variance.data(), out.data(), 1e-5, 0.1});
        normalize_batch_backward<T>(
            Device{*set, 2}, {batch, upstream.data(), mean.data(), inverse.data(), gamma_gradient.data(),
                              beta_gradient.data(), gradient.data()});
        CHECK((out.intact() && gradient.intact() && mean.intact() && inverse.intact()));
        CHECK((running_mean.intact() && running_variance.intact()));
        CHECK((gamma_gradient.intact() && beta_gradient.intact()));
        int64_t wrong = 0;
        const auto expect = [&](T actual, long double truth, long double magnitude) {
          wrong += !(std::fabs(actual - truth) <= 12 * unit * magnitude);
        };
        for (int64_t j = 0; j < columns; ++j) {
          long double sum = 0, squares = 0, slope = 0, shift = 0;
          for (int64_t i = 0; i < rows; ++i) sum += x[i * columns + j];
          const long double center = sum / rows;
          for (int64_t i = 0; i < rows; ++i)
            squares += (x[i * columns + j] - center) * (x[i * columns + j] - center);
          const long double scale = 1 / std::sqrt(squares / rows + 1e-5L),
                            before = running[static_cast<size_t>(j)];
          expect(mean[j], center, 4);
          expect(inverse[j], scale, scale);
          expect(running_mean[j], 0.9L * before + 0.1L * center, 4);
          expect(running_variance[j], 0.9L * before + 0.1L * squares / (rows - 1), 9);
          const auto normalized = [&](int64_t i) { return (x[i * columns + j] - center) * scale; };
          for (int64_t i = 0; i < rows; ++i) {
            shift += upstream[i * columns + j];
            slope += upstream[i * columns + j] * normalized(i);
          }
          const long double size = 1 + 8 * scale;
          expect(beta_gradient[j], shift, rows);
          expect(gamma_gradient[j], slope, rows * size);
          for (int64_t i = 0; i < rows; ++i) {
            const int64_t e = i * columns + j;
            expect(out[e], gamma[j] * normalized(i) + beta[j], size);
            const long double rest = upstream[e] - (shift + normalized(i) * slope) / rows;
            expect(gradient[e], gamma[j] * scale * rest, scale * size * size);
          }
        }
        CHECK(wrong == 0);
      }
    }
  }
}

TEST_CASE_TEMPLATE("scale_columns scales each column, in place as well", T, float, double) {
  Random random(34);
  for (int64_t columns : vector_sizes()) {
    CAPTURE(columns);
    const int64_t rows = 5;
    const std::vector<T> x = random_values<T>(random, rows * columns, -1, 1);
    const Guarded<T> scale(random_values<T>(random, columns, -1, 1), 1);
    const Guarded<T> offset(random_values<T>(random, columns, -1, 1), 1);
    for (const KernelSet* set : kernel_sets_under_test()) {
      CAPTURE(name_of(*set));
      Guarded<T> out(rows * columns, 1), in_place(x, 1);
      scale_columns<T>(Device{*set, 1}, rows, columns, x.data(), scale.data(), offset.data(), out.data());
      scale_columns<T>(Device{*set, 1}, rows, columns, in_place.data(), scale.data(), offset.data(),
                       in_place.data());
      CHECK((out.intact() && in_place.intact()));
      CHECK(same_bits(in_place.values(), out.values()));
      int64_t wrong = 0;
      for (int64_t e = 0; e < rows * columns; ++e) {
        const long double product = static_cast<long double>(x[static_cast<size_t>(e)]) * scale[e % columns];
        const long double truth = product + offset[e % columns];
        wrong +=
            !(std::fabs(out[e] - truth) <= 2 * kUnitRoundoff<T> * (std::fabs(product) + std::fabs(truth)));
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE_TEMPLATE("copy_rows copies every bit of the rows asked for", T, float, double) {
  Random random(35);
  for (int64_t width : {1, 3, 16, 785}) {
    for (int64_t rows : {0, 1, 9, 100}) {
      CAPTURE(width);
      CAPTURE(rows);
      Guarded<T> x(random_values<T>(random, 12 * width, -1, 1), 1);
      x[0] = quiet_nan<T>();
      std::vector<int32_t> numbers(static_cast<size_t>(rows));
      for (int32_t& number : numbers) number = static_cast<int32_t>(random.integer(0, 11));
      std::vector<T> expected;
      for (int32_t number : numbers)
        expected.insert(expected.end(), x.begin() + number * width, x.begin() + (number + 1) * width);
      Guarded<T> out(rows * width, 1);
      copy_rows<T>(Device{*kernel_sets_under_test().front(), 2}, rows, width, x.data(), numbers.data(),
                   out.data());
      CHECK(out.intact());
      CHECK(same_bits(out.values(), expected));
    }
  }
}

}  // namespace mnist
