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

// B as GemmBlock wants it: strip after strip, each padded to whole vectors.
template <typename T>
void pack_strips(const Kernels<T>& kernels, int64_t k, int64_t n, const T* b, const Guarded<T>& packed) {
  for (int64_t j = 0, width; j < n; j += width) {
    width = kernels.gemm_strip_columns(n, j);
    kernels.gemm_pack_b(k, width, b + j, n, 1, packed.data() + j * k);
  }
}

}  // namespace

TEST_CASE_TEMPLATE("strips cover the columns of B, and all but the last are whole vectors", T, float,
                   double) {
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    const Kernels<T>& kernels = set->of<T>();
    for (int64_t n = 1; n <= 300; ++n) {
      CAPTURE(n);
      int64_t j = 0;
      while (j < n) {
        const int64_t width = kernels.gemm_strip_columns(n, j);
        REQUIRE(width > 0);
        j += width;
        if (j < n) REQUIRE(j % kernels.lanes == 0);
      }
      REQUIRE(j == n);
    }
  }
}

TEST_CASE_TEMPLATE("packing B keeps its elements and pads every row with zeros", T, float, double) {
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    const Kernels<T>& kernels = set->of<T>();
    for (int64_t k : {0, 1, 2, 7, 8, 17, 70}) {
      for (int64_t columns = 1; columns <= kernels.gemm_strip_columns(1000, 0); ++columns) {
        for (bool transposed : {false, true}) {
          CAPTURE(k);
          CAPTURE(columns);
          CAPTURE(transposed);
          const int64_t stride = (transposed ? k : columns) + 3;
          const int64_t k_stride = transposed ? 1 : stride, n_stride = transposed ? stride : 1;
          Guarded<T> b(k * columns == 0 ? 0 : (k - 1) * k_stride + (columns - 1) * n_stride + 1, 1);
          b.fill(quiet_nan<T>());
          for (int64_t p = 0; p < k; ++p) {
            for (int64_t j = 0; j < columns; ++j) b[p * k_stride + j * n_stride] = element<T>(p, j);
          }
          const int64_t width = round_up(columns, kernels.lanes);
          Guarded<T> packed(k * width);
          kernels.gemm_pack_b(k, columns, b.data(), k_stride, n_stride, packed.data());
          CHECK(packed.intact());
          int64_t wrong = 0;
          for (int64_t p = 0; p < k; ++p) {
            for (int64_t j = 0; j < width; ++j) {
              wrong += packed[p * width + j] != (j < columns ? element<T>(p, j) : T{0});
            }
          }
          CHECK(wrong == 0);
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
            if (!packed && n % kernels.lanes != 0) continue;
            CAPTURE(m);
            CAPTURE(n);
            CAPTURE(k);
            CAPTURE(packed);
            Random random(6);
            auto small = [&] { return static_cast<T>(random.integer(-8, 8)); };
            const int64_t c_stride = n + 5;
            Guarded<T> a(m * k, 1), b(k * n, 1), b_packed(k * round_up(n, kernels.lanes)), bias(n, 1);
            Guarded<T> c(m * c_stride, 1);
            for (const Guarded<T>* values : {&a, &b, &bias}) {
              for (T& value : *values) value = small();
            }
            c.fill(3);
            pack_strips(kernels, k, n, b.data(), b_packed);
            GemmBlock<T> block = {};
            block.m = m, block.n = n, block.k = k;
            block.a = a.data(), block.a_row_stride = k, block.a_k_stride = 1;
            block.b = packed ? b_packed.data() : b.data(), block.b_stride = packed ? 0 : n;
            block.c = c.data(), block.c_stride = c_stride;
            block.alpha = 2, block.beta = 1;
            block.bias = bias.data();
            kernels.gemm_block(block);
            CHECK(c.intact());
            int64_t wrong = 0;
            for (int64_t i = 0; i < m; ++i) {
              for (int64_t j = 0; j < c_stride; ++j) {
                T expected = 3;
                for (int64_t p = 0; p < k && j < n; ++p) expected += 2 * a[i * k + p] * b[p * n + j];
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
