// C = activation(alpha * op(A) op(B) + beta * C + bias), by every kernel set.
#include <doctest/doctest.h>

#include "test/gemm_problem.h"

namespace mnist {
namespace {

// Multiples of 1/8 from -1 to 1. Products are multiples of 1/64, and for k up to 2100 every sum of them, in
// any order and with the alpha and beta below, is a float without rounding: results must be exactly right.
template <typename T>
T draw_exact(Random& random) {
  return static_cast<T>(random.integer(-8, 8)) / 8;
}

GemmOptions draw_options(Random& random) {
  GemmOptions options;
  options.transpose_a = random.integer(0, 1);
  options.transpose_b = random.integer(0, 1);
  options.alpha = random.one_of<double>({1, 1, -1, 0.5, 2, 0});
  options.beta = random.one_of<double>({0, 0, 1, -0.5, 2});
  options.bias = random.integer(0, 1);
  options.activation = random.integer(0, 7) ? Activation::kIdentity : Activation::kSigmoid;
  options.offset = random.one_of<int64_t>({0, 0, 1, 3, 5});
  if (random.integer(0, 1)) {
    for (int64_t* padding : {&options.padding_a, &options.padding_b, &options.padding_c}) {
      *padding = random.one_of<int64_t>({0, 1, 5, 16});
    }
  }
  return options;
}

// Runs a product without rounding on every kernel set.
template <typename T>
void require_exact(GemmShape shape, const GemmOptions& options, const std::vector<int>& threads,
                   Random& random) {
  CAPTURE(shape.m);
  CAPTURE(shape.n);
  CAPTURE(shape.k);
  CAPTURE(options.transpose_a);
  CAPTURE(options.transpose_b);
  CAPTURE(options.alpha);
  CAPTURE(options.beta);
  CAPTURE(options.bias);
  CAPTURE(options.offset);
  CAPTURE(options.padding_a);
  CAPTURE(options.padding_b);
  CAPTURE(options.padding_c);
  GemmProblem<T> problem(shape, options, [&] { return draw_exact<T>(random); });
  const std::vector<double> expected = problem.template expected<double>();
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    for (int count : threads) {
      CAPTURE(count);
      REQUIRE(problem.run(*set, count));
      if (options.activation == Activation::kIdentity) {
        REQUIRE(problem.first_difference(expected, [](double, int64_t) { return 0; }) == "");
      } else {
        using Reference = std::conditional_t<std::is_same_v<T, float>, double, long double>;
        const std::vector<Reference> x(expected.begin(), expected.end());
        REQUIRE(problem.first_difference(x, [](Reference value, int64_t) {
          return 4 * ulp_at<T>(activate(Activation::kSigmoid, value));
        }) == "");
      }
    }
  }
}

}  // namespace

TEST_CASE_TEMPLATE("gemm is exact for all sizes from 0 to 70 in two dimensions at a time", T, float, double) {
  struct Plane {
    const char* name;
    GemmShape (*shape)(int64_t first, int64_t second);
  };
  const Plane planes[] = {
      {"m, n", [](int64_t m, int64_t n) { return GemmShape{m, n, 3}; }},
      {"n, k", [](int64_t n, int64_t k) { return GemmShape{7, n, k}; }},
      {"m, k", [](int64_t m, int64_t k) { return GemmShape{m, 19, k}; }},
  };
  Random random(1);
  for (const Plane& plane : planes) {
    CAPTURE(std::string(plane.name));
    // One number counts through both sizes and the four ways to transpose.
    for (int64_t index = 0; index < 71 * 71 * 4; index += kThinning) {
      GemmOptions options = draw_options(random);
      options.transpose_a = index & 1;
      options.transpose_b = index & 2;
      require_exact<T>(plane.shape(index / 4 / 71, index / 4 % 71), options, {1}, random);
    }
  }
}

TEST_CASE_TEMPLATE("gemm is exact for every combination of options", T, float, double) {
  Random random(2);
  int64_t index = 0;
  for (GemmShape shape : {GemmShape{1, 1, 1}, {5, 10, 0}, {7, 10, 9}, {13, 50, 31}, {40, 37, 529}}) {
    for (int flags = 0; flags < 16; ++flags) {
      for (double alpha : {0.0, 1.0, -0.5}) {
        for (double beta : {0.0, 1.0, -2.0}) {
          if (index++ % kThinning != 0) continue;
          GemmOptions options;
          options.transpose_a = flags & 1;
          options.transpose_b = flags & 2;
          options.bias = flags & 4;
          options.activation = flags & 8 ? Activation::kSigmoid : Activation::kIdentity;
          options.alpha = alpha;
          options.beta = beta;
          options.offset = random.integer(0, 4);
          require_exact<T>(shape, options, {1, 2}, random);
        }
      }
    }
  }
}

TEST_CASE_TEMPLATE("gemm is exact across the borders of blocks, on one, two and three threads", T, float,
                   double) {
  const std::vector<int64_t> large = {127, 128, 129,  263,  264,  265,  527, 528,
                                      529, 784, 1056, 1057, 2047, 2048, 2049};
  const std::vector<int64_t> middle = {10, 50, 65};
  const std::vector<int64_t> small = {1, 6, 17};
  Random random(3);
  int64_t index = 0;
  for (int64_t size : large) {
    for (int dimension = 0; dimension < 3; ++dimension) {
      for (int transposes = 0; transposes < 4; ++transposes) {
        if (index++ % kThinning != 0) continue;
        const int64_t second = random.one_of(middle), third = random.one_of(small);
        GemmShape shape = dimension == 0   ? GemmShape{size, second, third}
                          : dimension == 1 ? GemmShape{third, size, second}
                                           : GemmShape{second, third, size};
        GemmOptions options = draw_options(random);
        options.transpose_a = transposes & 1;
        options.transpose_b = transposes & 2;
        require_exact<T>(shape, options, {1, 2, 3}, random);
      }
    }
  }
  // Two and three large dimensions at once, and the products of a network.
  for (GemmShape shape : {GemmShape{264, 2049, 20},
                          {20, 2049, 265},
                          {529, 18, 2049},
                          {129, 131, 529},
                          {260, 500, 528},
                          {100, 30, 784},
                          {30, 784, 100},
                          {1000, 10, 50},
                          {50, 10, 1000},
                          {1, 784, 265},
                          {784, 1, 2049}}) {
    if (index++ % std::min<int64_t>(kThinning, 3) != 0) continue;
    require_exact<T>(shape, draw_options(random), {1, 2, 3}, random);
  }
}

// A B whose rows are whole vectors is read where it lies, and one of too few elements behind the last column
// is copied: either way what stands there, NaN, stays out of the result.
TEST_CASE_TEMPLATE("gemm is exact for every distance between rows, and keeps what stands between them", T,
                   float, double) {
  Random random(14);
  int64_t index = 0;
  for (GemmShape shape : {GemmShape{1, 10, 50}, {10, 50, 10}, {7, 65, 31}, {100, 50, 70}, {130, 30, 530}}) {
    for (int transposes = 0; transposes < 4; ++transposes) {
      for (int64_t padding : {1, 2, 3, 6, 14, 64}) {
        if (index++ % std::min<int64_t>(kThinning, 3) != 0) continue;
        GemmOptions options = draw_options(random);
        options.transpose_a = transposes & 1;
        options.transpose_b = transposes & 2;
        options.alpha = 1;
        options.padding_a = random.one_of<int64_t>({0, padding});
        options.padding_b = padding;
        options.padding_c = random.one_of<int64_t>({0, padding});
        require_exact<T>(shape, options, {1, 2, 3}, random);
      }
    }
  }
}

// A result of a sum of k products is off by at most k u times the sum of their absolute values, u the unit
// roundoff, in whatever order it is summed (Higham, "Accuracy and Stability of Numerical Algorithms", 3.1);
// alpha, beta, the bias and what is added up block by block round a few times more. A sigmoid's slope is at
// most 1/4 and its own error 4 ulp.
TEST_CASE_TEMPLATE("gemm stays within its rounding error for sizes and numbers at random", T, float, double) {
  constexpr long double kRoundings = 8;
  Random random(4);
  long double worst = 0;
  for (int round = 0; round < 60; round += static_cast<int>(kThinning)) {
    GemmShape shape = {random.integer(1, 90), random.integer(1, 90), 0};
    shape.k = random.one_of<int64_t>({random.integer(1, 300), random.integer(1, 300), 784, 2049});
    GemmOptions options = draw_options(random);
    options.alpha = random.uniform(-2, 2);
    options.beta = random.integer(0, 1) ? random.uniform(-2, 2) : 0;
    const double spread = random.one_of<double>({1e-3, 0.1, 1, 30});
    CAPTURE(shape.m);
    CAPTURE(shape.n);
    CAPTURE(shape.k);
    GemmProblem<T> problem(shape, options, [&] { return static_cast<T>(random.uniform(-spread, spread)); });
    const auto x = problem.template expected<long double>();
    const auto magnitudes = problem.template expected<long double>(true);
    auto tolerance = [&](long double value, int64_t index) {
      const long double bound = (static_cast<long double>(shape.k) + kRoundings) * kUnitRoundoff<T> *
                                magnitudes[static_cast<size_t>(index)];
      if (options.activation == Activation::kIdentity) return bound;
      return bound / 4 + 4 * ulp_at<T>(activate(Activation::kSigmoid, value) + bound);
    };
    for (const KernelSet* set : kernel_sets_under_test()) {
      CAPTURE(name_of(*set));
      REQUIRE(problem.run(*set, static_cast<int>(random.integer(1, 3))));
      REQUIRE(problem.first_difference(x, tolerance) == "");
      const std::vector<T> result = problem.result();
      for (size_t i = 0; i < result.size() && options.activation == Activation::kIdentity; ++i) {
        const long double error = std::fabs(result[i] - x[i]);
        worst = std::max(worst, error / tolerance(0, static_cast<int64_t>(i)));
      }
    }
  }
  MESSAGE("largest error of gemm: ", static_cast<double>(worst), " of its bound (k + 8) u |A| |B|");
}

TEST_CASE_TEMPLATE("gemm keeps NaN and infinity to the rows and columns they belong to", T, float, double) {
  for (GemmShape shape : {GemmShape{9, 23, 5}, {3, 23, 70}, {14, 50, 600}, {140, 37, 11}}) {
    const int64_t bad_row = shape.m / 2, bad_column = shape.n - 2, bad_k = shape.k - 1;
    for (int transposes = 0; transposes < 4; ++transposes) {
      for (T bad : {quiet_nan<T>(), infinity<T>(), -infinity<T>()}) {
        for (const std::string& name : std::vector<std::string>{"a", "b", "c", "bias"}) {
          GemmOptions options;
          options.transpose_a = transposes & 1;
          options.transpose_b = transposes & 2;
          options.beta = 1;
          options.bias = true;
          Random random(5);
          // No zeros, so that an infinity stays one.
          GemmProblem<T> problem(shape, options, [&] { return static_cast<T>(random.integer(1, 8)) / 8; });
          T& place = name == "a"   ? problem.a(bad_row, bad_k)
                     : name == "b" ? problem.b(bad_k, bad_column)
                     : name == "c" ? problem.c(bad_row, bad_column)
                                   : problem.bias(bad_column);
          place = bad;
          CAPTURE(name);
          CAPTURE(bad);
          const std::vector<double> expected = problem.template expected<double>();
          for (const KernelSet* set : kernel_sets_under_test()) {
            CAPTURE(name_of(*set));
            REQUIRE(problem.run(*set, 2));
            REQUIRE(problem.first_difference(expected, [](double, int64_t) { return 0; }) == "");
          }
        }
      }
    }
  }
}

TEST_CASE_TEMPLATE("gemm of empty matrices reads none of them, not even where they would be null", T, float,
                   double) {
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    for (int transposes = 0; transposes < 4; ++transposes) {
      const bool transpose_a = transposes & 1, transpose_b = transposes & 2;
      for (int64_t m : {0, 1, 150}) {
        for (int64_t n : {0, 1, 150}) {
          for (int64_t k : {0, 150}) {
            if (m * n != 0 && k != 0) continue;
            Guarded<T> c(m * n), a(m * k), b(k * n), bias(n);
            c.fill(8);
            bias.fill(1);
            gemm<T>(Device{*set, 3},
                    {transpose_a, transpose_b, m, n, k, T{1}, a.size() ? a.data() : nullptr,
                     transpose_a ? m : k, b.size() ? b.data() : nullptr, transpose_b ? k : n, T{0.5},
                     c.size() ? c.data() : nullptr, n, n ? bias.data() : nullptr, Activation::kIdentity});
            CHECK(c.intact());
            CHECK(c.values() == std::vector<T>(static_cast<size_t>(m * n), 5));
          }
        }
      }
    }
  }
}

}  // namespace mnist
