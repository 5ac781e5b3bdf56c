// Gathering rows of bytes, sums of columns, and argmax.
#include <doctest/doctest.h>

#include "operations.h"
#include "test/support.h"

namespace mnist {
namespace {

template <typename T>
void call_gather(const KernelSet& set, bool operation, int64_t rows, int64_t width, const uint8_t* images,
                 const int32_t* row_numbers, T scale, T offset, T* out) {
  operation ? gather_rows<T>(Device{set, 1}, rows, width, images, row_numbers, scale, offset, out)
            : set.of<T>().gather_rows(rows, width, images, row_numbers, scale, offset, out);
}

template <typename T>
void call_sums(const KernelSet& set, bool operation, int64_t rows, int64_t columns, const T* x, T alpha,
               T* out) {
  operation ? column_sums<T>(Device{set, 1}, rows, columns, x, alpha, out)
            : set.of<T>().column_sums(rows, columns, 0, columns, x, alpha, out);
}

template <typename T>
void call_argmax(const KernelSet& set, bool operation, int64_t rows, int64_t columns, const T* x,
                 int32_t* out) {
  operation ? argmax_rows<T>(Device{set, 1}, rows, columns, x, out)
            : set.of<T>().argmax_rows(rows, columns, x, out);
}

// numpy.argmax: the first NaN if there is one, or else the first of the largest.
template <typename T>
int32_t expected_argmax(const T* first, const T* last) {
  const T* nan = std::find_if(first, last, [](T value) { return value != value; });
  return static_cast<int32_t>((nan != last ? nan : std::max_element(first, last)) - first);
}

}  // namespace

TEST_CASE_TEMPLATE("gather_rows takes rows in any order, for every width", T, float, double) {
  Random random(10);
  constexpr int64_t kImages = 9;
  const std::vector<int32_t> orders[] = {
      {}, {0}, {8, 0, 8, 8}, {0, 1, 2, 3, 4, 5, 6, 7, 8}, {7, 5, 3, 1, 6, 4, 2}};
  for (int64_t width : vector_sizes()) {
    for (int64_t offset : {0, 1, 3}) {
      CAPTURE(width);
      CAPTURE(offset);
      Guarded<uint8_t> images(kImages * width, offset);
      for (uint8_t& byte : images) byte = static_cast<uint8_t>(random.bits() >> 56);
      for (const std::vector<int32_t>& order : orders) {
        const Guarded<int32_t> rows(order, offset);
        for (const KernelSet* set : kernel_sets_under_test()) {
          CAPTURE(name_of(*set));
          for (bool operation : {false, true}) {
            Guarded<T> out(rows.size() * width, offset);
            // bytes / 128 - 1 is a T without rounding
            call_gather<T>(*set, operation, rows.size(), width, images.data(), rows.data(), T{1} / 128, -1,
                           out.data());
            CHECK(out.intact());
            int64_t wrong = 0;
            for (int64_t i = 0; i < out.size(); ++i) {
              const int64_t pixel = rows[i / width] * width + i % width;
              wrong += out[i] != static_cast<T>(images[pixel]) / 128 - 1;
            }
            CHECK(wrong == 0);
          }
        }
      }
    }
  }
}

TEST_CASE_TEMPLATE("gather_rows scales every byte within its roundings, wherever it stands", T, float,
                   double) {
  constexpr int64_t kWidth = 263;  // the tail of a row has bytes of its own
  const T scale = T{2} / 255, offset = -1;
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    for (int byte = 0; byte < 256; ++byte) {
      CAPTURE(byte);
      Guarded<uint8_t> images(kWidth, 1);
      images.fill(static_cast<uint8_t>(byte));
      const int32_t row = 0;
      Guarded<T> out(kWidth, 1);
      set->of<T>().gather_rows(1, kWidth, images.data(), &row, scale, offset, out.data());
      CHECK(std::all_of(out.begin(), out.end(), [&](T value) { return value == out[0]; }));
      const long double product = static_cast<long double>(scale) * byte, truth = product + offset;
      CHECK(std::fabs(out[0] - truth) <= 1.01L * kUnitRoundoff<T> * (product + std::fabs(truth)));
    }
  }
}

TEST_CASE_TEMPLATE("column_sums is exact where nothing rounds, for all sizes", T, float, double) {
  Random random(11);
  for (int64_t rows : {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 257}) {
    for (int64_t columns : vector_sizes()) {
      for (int64_t offset : {0, 1}) {
        CAPTURE(rows);
        CAPTURE(columns);
        CAPTURE(offset);
        Guarded<T> x(rows * columns, offset);
        for (T& value : x) value = static_cast<T>(random.integer(-8, 8)) / 8;
        std::vector<T> expected(static_cast<size_t>(columns), 0);
        for (int64_t i = 0; i < x.size(); ++i) expected[static_cast<size_t>(i % columns)] += x[i] / 4;
        for (const KernelSet* set : kernel_sets_under_test()) {
          CAPTURE(name_of(*set));
          for (bool operation : {false, true}) {
            Guarded<T> out(columns, offset);
            call_sums<T>(*set, operation, rows, columns, x.data(), T{0.25}, out.data());
            CHECK(out.intact());
            CHECK(out.values() == expected);
          }
        }
      }
    }
  }
}

// The sum is kept in double, rounded to T once, and multiplied by alpha.
TEST_CASE_TEMPLATE("column_sums stays within its rounding error", T, float, double) {
  Random random(12);
  for (int64_t rows : {10, 100, 1000}) {
    for (int64_t columns : {10, 50, 67}) {
      const std::vector<T> x = random_values<T>(random, rows * columns, -1, 1);
      const T alpha = static_cast<T>(0.3);
      for (const KernelSet* set : kernel_sets_under_test()) {
        CAPTURE(name_of(*set));
        CAPTURE(rows);
        CAPTURE(columns);
        std::vector<T> out(static_cast<size_t>(columns));
        column_sums<T>(Device{*set, 1}, rows, columns, x.data(), alpha, out.data());
        int64_t wrong = 0;
        for (int64_t j = 0; j < columns; ++j) {
          long double sum = 0, magnitude = 0;
          for (int64_t i = 0; i < rows; ++i) {
            sum += x[static_cast<size_t>(i * columns + j)];
            magnitude += std::fabs(x[static_cast<size_t>(i * columns + j)]);
          }
          const long double bound = 2.01L * kUnitRoundoff<T> * std::fabs(sum) +
                                    static_cast<long double>(rows) * kUnitRoundoff<double> * magnitude;
          wrong += std::fabs(out[static_cast<size_t>(j)] - alpha * sum) > alpha * bound;
        }
        CHECK(wrong == 0);
      }
    }
  }
}

TEST_CASE_TEMPLATE("column_sums keeps NaN and infinity to their columns", T, float, double) {
  constexpr int64_t kRows = 20, kColumns = 37;
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    for (int64_t column = 0; column < kColumns; ++column) {
      for (T bad : {quiet_nan<T>(), infinity<T>(), -infinity<T>()}) {
        std::vector<T> x(kRows * kColumns, 1), expected(kColumns, kRows), out(kColumns);
        x[static_cast<size_t>(kColumns * 13 + column)] = bad;
        expected[static_cast<size_t>(column)] = bad;
        column_sums<T>(Device{*set, 1}, kRows, kColumns, x.data(), T{1}, out.data());
        for (size_t j = 0; j < kColumns; ++j) REQUIRE(same_number(out[j], expected[j]));
      }
    }
  }
}

TEST_CASE_TEMPLATE("the column_sums kernel writes only the columns that it is asked for", T, float, double) {
  constexpr int64_t kRows = 5, kColumns = 60;
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    Guarded<T> x(kRows * kColumns, 1), out(kColumns, 1);
    x.fill(1);
    for (int64_t first = 0; first <= kColumns; ++first) {
      for (int64_t last = first; last <= kColumns; ++last) {
        out.fill(-7);
        set->of<T>().column_sums(kRows, kColumns, first, last, x.data(), T{2}, out.data());
        std::vector<T> expected(kColumns, -7);
        std::fill(expected.begin() + first, expected.begin() + last, T{2 * kRows});
        REQUIRE(out.intact());
        REQUIRE(out.values() == expected);
      }
    }
  }
}

TEST_CASE_TEMPLATE("argmax_rows finds the first of the largest, and the first NaN before any number", T,
                   float, double) {
  Random random(13);
  constexpr int64_t kRows = 40;
  const T nan = quiet_nan<T>(), inf = infinity<T>();
  // What the rows are drawn from: many ties, infinities, signed zeros, NaN rarely, often or always.
  const std::vector<T> pools[] = {
      {1, 2, 3},
      {-inf, -inf, -inf, 0},
      {T{0}, -T{0}, -1},
      {5},
      {-inf},
      {1, 2, 3, 4, 5, 6, 7, 8, 9, inf, -inf, nan},
      {1, nan},
      {nan},
      {-inf, nan},
  };
  for (int64_t columns : vector_sizes()) {
    if (columns == 0) continue;
    for (const std::vector<T>& pool : pools) {
      CAPTURE(columns);
      Guarded<T> x(kRows * columns, 1);
      for (T& value : x) value = random.one_of(pool);
      std::vector<int32_t> expected;
      for (int64_t i = 0; i < kRows; ++i) {
        expected.push_back(expected_argmax(x.data() + i * columns, x.data() + (i + 1) * columns));
      }
      for (const KernelSet* set : kernel_sets_under_test()) {
        CAPTURE(name_of(*set));
        for (bool operation : {false, true}) {
          Guarded<int32_t> out(kRows, 1);
          call_argmax<T>(*set, operation, kRows, columns, x.data(), out.data());
          CHECK(out.intact());
          CHECK(out.values() == expected);
        }
      }
    }
  }
}

TEST_CASE_TEMPLATE("argmax_rows finds one largest value or NaN in every place", T, float, double) {
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    for (int64_t columns : {1, 2, 10, 16, 33, 67}) {
      for (int64_t place = 0; place < columns; ++place) {
        for (T largest : {T{2}, infinity<T>(), quiet_nan<T>()}) {
          std::vector<T> x(static_cast<size_t>(columns), 1);
          x[static_cast<size_t>(place)] = largest;
          int32_t found = -1;
          argmax_rows<T>(Device{*set, 1}, 1, columns, x.data(), &found);
          REQUIRE(found == place);
        }
      }
    }
  }
}

}  // namespace mnist
