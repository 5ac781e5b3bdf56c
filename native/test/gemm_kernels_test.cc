// The parts of GEMM in the kernel table: how B is cut and packed, and one block.
#include <doctest/doctest.h>

#include "test/support.h"

namespace mnist {
namespace {

int64_t round_up(int64_t size, int64_t unit) { return (size + unit - 1) / unit * unit; }

// B(p, j), all different and all exact.
template <typename T>
T element(int64_t p, int64_t j) {
  return static_cast<T>(p * 1000 + j + 1);
}

}  // namespace

// How B is cut into strips is the kernel's own affair, but they lie one after the other, all but the last are
// whole vectors, and each holds its rows one after the other, padded with zeros to whole vectors. So the
// columns of a strip are found from its first row.
TEST_CASE_TEMPLATE("packing B keeps its elements and pads every row with zeros", T, float, double) {
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    const int64_t lanes = set->of<T>().lanes;
    for (int64_t k : {1, 2, 3, 7, 8, 9, 15, 16, 17, 70}) {
      for (int64_t n : vector_sizes()) {
        for (bool transposed : {false, true}) {
          if (n == 0) continue;
          CAPTURE(k);
          CAPTURE(n);
          CAPTURE(transposed);
          const int64_t stride = (transposed ? k : n) + 3;
          const int64_t k_stride = transposed ? 1 : stride, n_stride = transposed ? stride : 1;
          Guarded<T> b((k - 1) * k_stride + (n - 1) * n_stride + 1, 1);
          b.fill(quiet_nan<T>());
          for (int64_t p = 0; p < k; ++p) {
            for (int64_t j = 0; j < n; ++j) b[p * k_stride + j * n_stride] = element<T>(p, j);
          }
          const Guarded<T> packed(k * round_up(n, lanes));
          set->of<T>().gemm_pack_b(k, n, b.data(), k_stride, n_stride, packed.data());
          REQUIRE(packed.intact());
          for (int64_t j = 0; j < n;) {
            const T* strip = packed.data() + j * k;
            int64_t columns = 0;
            while (j + columns < n && strip[columns] == element<T>(0, j + columns)) ++columns;
            REQUIRE(columns > 0);
            if (j + columns < n) REQUIRE(columns % lanes == 0);
            const int64_t width = round_up(columns, lanes);
            int64_t wrong = 0;
            for (int64_t p = 0; p < k; ++p) {
              for (int64_t l = 0; l < width; ++l) {
                wrong += strip[p * width + l] != (l < columns ? element<T>(p, j + l) : T{0});
              }
            }
            REQUIRE(wrong == 0);
            j += columns;
          }
        }
      }
    }
  }
}

TEST_CASE_TEMPLATE("packing A keeps its elements", T, float, double) {
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    for (int64_t m : {1, 2, 5, 6, 7, 8, 9, 33}) {
      for (int64_t k : {0, 1, 2, 7, 8, 9, 17, 70}) {
        for (bool transposed : {false, true}) {
          CAPTURE(m);
          CAPTURE(k);
          CAPTURE(transposed);
          const int64_t row_stride = transposed ? 1 : k + 3, k_stride = transposed ? m + 3 : 1;
          Guarded<T> a(k == 0 ? 0 : (m - 1) * row_stride + (k - 1) * k_stride + 1, 1), packed(m * k);
          a.fill(quiet_nan<T>());
          for (int64_t i = 0; i < m; ++i) {
            for (int64_t p = 0; p < k; ++p) a[i * row_stride + p * k_stride] = element<T>(i, p);
          }
          set->of<T>().gemm_pack_a(m, k, a.data(), row_stride, k_stride, packed.data());
          CHECK(packed.intact());
          int64_t wrong = 0;
          for (int64_t i = 0; i < m; ++i) {
            for (int64_t p = 0; p < k; ++p) wrong += packed[i * k + p] != element<T>(i, p);
          }
          CHECK(wrong == 0);
        }
      }
    }
  }
}

TEST_CASE_TEMPLATE("a block of C is computed in place and nothing beside it is touched", T, float, double) {
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    const Kernels<T>& kernels = set->of<T>();
    for (int64_t m : {1, 5, 6, 7, 13, 30}) {
      for (int64_t n :
           {int64_t{1}, kernels.lanes - 1, kernels.lanes, 3 * kernels.lanes, int64_t{50}, int64_t{97}}) {
        for (int64_t k : {0, 1, 4, 19}) {
          for (bool packed : {true, false}) {
            CAPTURE(m);
            CAPTURE(n);
            CAPTURE(k);
            CAPTURE(packed);
            Random random(6);
            auto small = [&] { return static_cast<T>(random.integer(-8, 8)); };
            const int64_t c_stride = n + 5;
            const int64_t b_stride = round_up(n, kernels.lanes);
            Guarded<T> a(m * k, 1), b(k * b_stride, 1), b_packed(k * round_up(n, kernels.lanes)), bias(n, 1);
            Guarded<T> c(m * c_stride, 1);
            for (const Guarded<T>* values : {&a, &b, &bias}) {
              for (T& value : *values) value = small();
            }
            for (int64_t p = 0; p < k; ++p) {
              for (int64_t j = n; j < b_stride; ++j) b[p * b_stride + j] = quiet_nan<T>();
            }
            c.fill(3);
            kernels.gemm_pack_b(k, n, b.data(), b_stride, 1, b_packed.data());
            GemmBlock<T> block = {};
            block.m = m, block.n = n, block.k = k;
            block.a = a.data(), block.a_row_stride = k, block.a_k_stride = 1;
            block.b = packed ? b_packed.data() : b.data(), block.b_stride = packed ? 0 : b_stride;
            block.c = c.data(), block.c_stride = c_stride;
            block.alpha = 2, block.beta = 1;
            block.bias = bias.data();
            kernels.gemm_block(block);
            CHECK(c.intact());
            int64_t wrong = 0;
            for (int64_t i = 0; i < m; ++i) {
              for (int64_t j = 0; j < c_stride; ++j) {
                T expected = 3;
                for (int64_t p = 0; p < k && j < n; ++p) expected += 2 * a[i * k + p] * b[p * b_stride + j];
                if (j < n) expected += bias[j];
                wrong += c[i * c_stride + j] != expected;
              }
            }
            CHECK(wrong == 0);
          }
        }
      }
    }
  }
}

}  // namespace mnist
