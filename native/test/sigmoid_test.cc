// exp and the sigmoid, measured in ulp; the sigmoid's derivative.
#include <doctest/doctest.h>

#include "operations.h"
#include "test/exp_kernels.h"
#include "test/support.h"
#include "test/ulp_sweep.h"

namespace mnist {
namespace {

template <typename T>
using ArrayFunction = void (*)(int64_t size, const T* x, T* out);

const ExpKernels& exp_kernels(const std::string& set) {
  if (set == "wide") return wide::kExpKernels;
#if defined(__x86_64__)
  if (set == "avx2") return avx2::kExpKernels;
  if (set == "avx512") return avx512::kExpKernels;
#elif defined(__aarch64__)
  if (set == "neon") return neon::kExpKernels;
#endif
#if !defined(__aarch64__)
  if (set == "baseline") return baseline::kExpKernels;
#endif
  FAIL("There is no exp for the kernel set ", set);
  return wide::kExpKernels;
}

template <typename T>
Reference<T> true_sigmoid(T x) {
  const Reference<T> e = std::exp(-std::fabs(Reference<T>{x}));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

template <typename T>
Reference<T> true_exp(T x) {
  return std::exp(Reference<T>{x});
}

// The activations that kernels and operations offer, by both ways to call them.
template <typename T>
void call_sigmoid(const KernelSet& set, bool operation, int64_t size, const T* x, T* out) {
  operation ? sigmoid<T>(Device{set, 1}, size, x, out) : set.of<T>().sigmoid(size, x, out);
}

template <typename T>
void call_backward(const KernelSet& set, bool operation, int64_t size, const T* upstream, const T* a,
                   T* out) {
  operation ? sigmoid_backward<T>(Device{set, 1}, size, upstream, a, out)
            : set.of<T>().sigmoid_backward(size, upstream, a, out);
}

}  // namespace

TEST_CASE("exp of float is within 1.5 ulp") {
  Sweep<float> sweep(true_exp<float>, [](const KernelSet& set) { return exp_kernels(set.name).f32; });
  for_floats([&](float x) { sweep.add(-x); });
  sweep.check("exp of float", 1.5, 0, 1);
}

TEST_CASE("exp of double is within 1.5 ulp") {
  Sweep<double> sweep(true_exp<double>, [](const KernelSet& set) { return exp_kernels(set.name).f64; });
  for_doubles([&](double x) { sweep.add(-x); });
  sweep.check("exp of double", 1.5, 0, 1);
}

TEST_CASE("sigmoid of float is within 4 ulp") {
  Sweep<float> sweep(true_sigmoid<float>, [](const KernelSet& set) { return set.f32.sigmoid; });
  for_floats([&](float x) {
    sweep.add(x);
    sweep.add(-x);
  });
  sweep.check("sigmoid of float", 4, 0, 1);
}

TEST_CASE("sigmoid of double is within 4 ulp") {
  Sweep<double> sweep(true_sigmoid<double>, [](const KernelSet& set) { return set.f64.sigmoid; });
  for_doubles([&](double x) {
    sweep.add(x);
    sweep.add(-x);
  });
  sweep.check("sigmoid of double", 4, 0, 1);
}

TEST_CASE_TEMPLATE("exp and sigmoid of special numbers, in every lane", T, float, double) {
  const T least = std::numeric_limits<T>::denorm_min(), normal = std::numeric_limits<T>::min(),
          most = std::numeric_limits<T>::max(), inf = infinity<T>(), nan = quiet_nan<T>();
  struct Case {
    T x, sigmoid, exp;  // exp where x is not positive
  };
  const Case cases[] = {
      {nan, nan, nan},      {-nan, nan, nan},     {-inf, 0, 0},          {-most, 0, 0},
      {-T{1000}, 0, 0},     {T{0}, T{0.5}, 1},    {-T{0}, T{0.5}, 1},    {-least, T{0.5}, 1},
      {-normal, T{0.5}, 1}, {least, T{0.5}, nan}, {normal, T{0.5}, nan}, {T{100}, 1, nan},
      {most, 1, nan},       {inf, 1, nan},
  };
  constexpr int64_t kSize = 37;
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    ArrayFunction<T> exp;
    if constexpr (std::is_same_v<T, float>) {
      exp = exp_kernels(set->name).f32;
    } else {
      exp = exp_kernels(set->name).f64;
    }
    for (const Case& c : cases) {
      CAPTURE(c.x);
      for (int64_t lane = 0; lane < kSize; ++lane) {
        Guarded<T> x(kSize, 1), s(kSize, 1), e(kSize, 1);
        x.fill(-1);
        x[lane] = c.x;
        set->of<T>().sigmoid(kSize, x.data(), s.data());
        REQUIRE(same_number(s[lane], c.sigmoid));
        if (!(c.x > 0)) {
          exp(kSize, x.data(), e.data());
          REQUIRE(same_number(e[lane], c.exp));
        }
        for (int64_t other = 0; other < kSize; ++other) {
          if (other != lane) REQUIRE(s[other] == s[lane == 0 ? 1 : 0]);
        }
      }
    }
  }
}

TEST_CASE_TEMPLATE("the sigmoid of -100 is not flushed to zero, and that of 100 is 1", T, float, double) {
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    const T x[2] = {-100, 100};
    T out[2];
    set->of<T>().sigmoid(2, x, out);
    CHECK(std::fabs(out[0] - true_sigmoid<T>(-100)) <= 4 * ulp_at<T>(true_sigmoid<T>(-100)));
    CHECK(out[0] > 0);
    CHECK(out[1] == 1);
  }
}

TEST_CASE_TEMPLATE("sigmoid of every size, aligned or not, in place or not", T, float, double) {
  Random random(8);
  for (int64_t size : vector_sizes()) {
    for (int64_t offset : {0, 1, 3}) {
      CAPTURE(size);
      CAPTURE(offset);
      const Guarded<T> x(random_values<T>(random, size, -20, 20), offset);
      for (const KernelSet* set : kernel_sets_under_test()) {
        CAPTURE(name_of(*set));
        for (bool operation : {false, true}) {
          Guarded<T> out(size, offset), in_place(x.values(), offset);
          call_sigmoid(*set, operation, size, x.data(), out.data());
          call_sigmoid(*set, operation, size, in_place.data(), in_place.data());
          CHECK(out.intact());
          CHECK(in_place.intact());
          CHECK(same_bits(in_place.values(), out.values()));
          int64_t wrong = 0;
          for (int64_t i = 0; i < size; ++i) {
            T alone;  // a result does not depend on its place in the array
            set->of<T>().sigmoid(1, &x[i], &alone);
            const Reference<T> truth = true_sigmoid(x[i]);
            wrong += out[i] != alone || std::fabs(out[i] - truth) > 4 * ulp_at<T>(truth);
          }
          CHECK(wrong == 0);
        }
      }
    }
  }
}

// upstream * (a * (1 - a)) rounds three times.
TEST_CASE_TEMPLATE("sigmoid_backward of every size, aligned or not, in place or not", T, float, double) {
  Random random(9);
  for (int64_t size : vector_sizes()) {
    for (int64_t offset : {0, 1, 3}) {
      CAPTURE(size);
      CAPTURE(offset);
      const Guarded<T> upstream(random_values<T>(random, size, -3, 3), offset);
      const Guarded<T> a(random_values<T>(random, size, 0, 1), offset);
      for (const KernelSet* set : kernel_sets_under_test()) {
        CAPTURE(name_of(*set));
        for (bool operation : {false, true}) {
          Guarded<T> out(size, offset), onto_upstream(upstream.values(), offset), onto_a(a.values(), offset);
          call_backward(*set, operation, size, upstream.data(), a.data(), out.data());
          call_backward(*set, operation, size, onto_upstream.data(), a.data(), onto_upstream.data());
          call_backward(*set, operation, size, upstream.data(), onto_a.data(), onto_a.data());
          CHECK(out.intact());
          CHECK(onto_upstream.intact());
          CHECK(onto_a.intact());
          CHECK(same_bits(onto_upstream.values(), out.values()));
          CHECK(same_bits(onto_a.values(), out.values()));
          int64_t wrong = 0;
          for (int64_t i = 0; i < size; ++i) {
            const long double truth = static_cast<long double>(upstream[i]) * a[i] * (1.0L - a[i]);
            wrong += std::fabs(out[i] - truth) > 3.01L * kUnitRoundoff<T> * std::fabs(truth);
          }
          CHECK(wrong == 0);
        }
      }
    }
  }
}

TEST_CASE_TEMPLATE("sigmoid_backward keeps NaN, and is 0 where the sigmoid is saturated", T, float, double) {
  const T nan = quiet_nan<T>(), inf = infinity<T>();
  const std::vector<T> upstream = {nan, 1, 2, -3, inf, -inf, inf, 4};
  const std::vector<T> a = {T{0.5}, nan, 0, 1, T{0.5}, T{0.5}, 0, T{0.5}};
  const std::vector<T> expected = {nan, nan, 0, 0, inf, -inf, nan, 1};
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    std::vector<T> out(expected.size());
    set->of<T>().sigmoid_backward(static_cast<int64_t>(out.size()), upstream.data(), a.data(), out.data());
    for (size_t i = 0; i < out.size(); ++i) {
      CAPTURE(i);
      CHECK(same_number(out[i], expected[i]));
    }
  }
}

}  // namespace mnist
