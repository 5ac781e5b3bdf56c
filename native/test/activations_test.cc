// The activations and their derivatives, measured in ulp; the sigmoid has a file of its own.
#include <doctest/doctest.h>

#include "operations.h"
#include "test/support.h"
#include "test/ulp_sweep.h"

namespace mnist {
namespace {

template <typename T>
using Unary = void (*Kernels<T>::*)(int64_t, const T*, T*);
template <typename T>
using Binary = void (*Kernels<T>::*)(int64_t, const T*, const T*, T*);

template <typename R>
R tail_of_normal(R t) {  // Phi(-t)
  return std::erfc(t * static_cast<R>(0.70710678118654752440084436210484904L)) / 2;
}

template <typename R>
R density(R x) {
  return static_cast<R>(0.39894228040143267793994605993438187L) * std::exp(-x * x / 2);
}

template <typename R>
R logistic(R x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

// An activation, its derivative as it is written, and how far they may be off.
template <typename T>
struct Subject {
  using R = Reference<T>;
  const char* name;
  Unary<T> kernel;
  R (*truth)(T);
  R ulps;
};

template <typename T>
std::vector<Subject<T>> subjects() {
  using K = Kernels<T>;
  using R = Reference<T>;
  return {
      {"tanh", &K::tanh, [](T x) -> R { return std::tanh(R{x}); }, 4},
      {"relu", &K::relu, [](T x) -> R { return x > 0 ? x : 0; }, 0},
      {"leaky_relu", &K::leaky_relu, [](T x) -> R { return x > 0 ? R{x} : R{x} * static_cast<T>(0.01); },
       0.5001},
      {"elu", &K::elu, [](T x) -> R { return x > 0 ? R{x} : std::expm1(R{x}); }, 2},
      {"gelu", &K::gelu, [](T x) -> R { return x * tail_of_normal<R>(-R{x}); }, 7},
      {"silu", &K::silu, [](T x) -> R { return x * logistic(R{x}); }, 4},
  };
}

// A derivative written with the input z, with an upstream of 1. The error is measured in ulp of `magnitude`,
// the sum of the magnitudes of the two terms that cancel.
template <typename T>
struct DerivativeSubject {
  using R = Reference<T>;
  const char* name;
  Binary<T> kernel;
  R (*truth)(T);
  R (*magnitude)(T);
  R ulps;
};

template <typename T>
std::vector<DerivativeSubject<T>> derivatives() {
  using K = Kernels<T>;
  using R = Reference<T>;
  return {
      {"gelu_backward", &K::gelu_backward,
       [](T z) -> R { return tail_of_normal<R>(-R{z}) + z * density(R{z}); },
       [](T z) -> R { return tail_of_normal<R>(-R{z}) + std::fabs(z) * density(R{z}); }, 6},
      {"silu_backward", &K::silu_backward,
       [](T z) -> R { return logistic(R{z}) * (1 + z * logistic(-R{z})); },
       [](T z) -> R { return logistic(R{z}) * (1 + std::fabs(z) * logistic(-R{z})); }, 6},
  };
}

// The numbers that exp and the sigmoid are tried with, but of the many only every kFewer-th: erfc takes its
// time.
constexpr int64_t kFewer = 23;

template <typename T, typename Add>
void for_numbers(Add add) {
  int64_t count = 0;
  const auto both = [&](T x) {
    if (count++ % kFewer != 0) return;
    add(x);
    add(-x);
  };
  if constexpr (std::is_same_v<T, float>) {
    for_floats(both);
  } else {
    for_doubles(both);
  }
}

}  // namespace

TEST_CASE_TEMPLATE("each activation is within its bound in ulp, from end to end", T, float, double) {
  for (const Subject<T>& subject : subjects<T>()) {
    Sweep<T> sweep(subject.truth, [&](const KernelSet& set) { return set.of<T>().*subject.kernel; });
    for_numbers<T>([&](T x) { sweep.add(x); });
    sweep.check(std::string(subject.name) + (sizeof(T) == 4 ? " of float" : " of double"), subject.ulps);
  }
}

TEST_CASE_TEMPLATE("derivatives by the input are within their bound", T, float, double) {
  const std::vector<T> ones(4096, 1);
  for (const DerivativeSubject<T>& subject : derivatives<T>()) {
    Sweep<T> sweep(
        subject.truth,
        [&](const KernelSet& set) {
          return [&, kernel = set.of<T>().*subject.kernel](int64_t size, const T* z, T* out) {
            REQUIRE(size <= static_cast<int64_t>(ones.size()));
            kernel(size, ones.data(), z, out);
          };
        },
        subject.magnitude);
    for_numbers<T>([&](T x) { sweep.add(x); });
    sweep.check(std::string(subject.name) + (sizeof(T) == 4 ? " of float" : " of double"), subject.ulps);
  }
}

TEST_CASE_TEMPLATE("activations of special numbers, in every lane", T, float, double) {
  const T nan = quiet_nan<T>(), inf = infinity<T>(), most = std::numeric_limits<T>::max(),
          least = std::numeric_limits<T>::denorm_min(), slope = static_cast<T>(0.01);
  struct Case {
    T x, tanh, relu, leaky_relu, elu, gelu, silu;
  };
  const Case cases[] = {
      {nan, nan, nan, nan, nan, nan, nan},
      {-nan, nan, nan, nan, nan, nan, nan},
      {inf, 1, inf, inf, inf, inf, inf},
      {-inf, -1, 0, -inf, -1, 0, 0},
      {most, 1, most, most, most, most, most},
      {-most, -1, 0, -most * slope, -1, 0, 0},
      {0, 0, 0, 0, 0, 0, 0},
      {-T{0}, 0, 0, 0, 0, 0, 0},
      {least, least, least, least, least, 0, 0},  // a half of it rounds to even
  };
  constexpr int64_t kSize = 37;
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    for (const Case& c : cases) {
      CAPTURE(c.x);
      const T expected[] = {c.tanh, c.relu, c.leaky_relu, c.elu, c.gelu, c.silu};
      size_t number = 0;
      for (const Subject<T>& subject : subjects<T>()) {
        CAPTURE(subject.name);
        const T wanted = expected[number++];
        for (int64_t lane = 0; lane < kSize; ++lane) {
          Guarded<T> x(kSize, 1), out(kSize, 1);
          x.fill(-1);
          x[lane] = c.x;
          (set->of<T>().*subject.kernel)(kSize, x.data(), out.data());
          REQUIRE(out.intact());
          if (c.x == least && wanted == 0) {
            REQUIRE(out[lane] <= least);
          } else {
            REQUIRE(same_number(out[lane], wanted));
          }
          for (int64_t other = 0; other < kSize; ++other) {
            if (other != lane) REQUIRE(out[other] == out[lane == 0 ? 1 : 0]);
          }
        }
      }
    }
  }
}

TEST_CASE_TEMPLATE("activations and their derivatives of every size, aligned or not, in place or not", T,
                   float, double) {
  using Operation1 = void (*)(const Device&, int64_t, const T*, T*);
  using Operation2 = void (*)(const Device&, int64_t, const T*, const T*, T*);
  const std::pair<Unary<T>, Operation1> unary[] = {
#define ENTRY(name, js_name) {&Kernels<T>::name, &name<T>},
      MNIST_UNARY_OPERATIONS(ENTRY)
#undef ENTRY
  };
  const std::pair<Binary<T>, Operation2> binary[] = {
#define ENTRY(name, js_name) {&Kernels<T>::name, &name<T>},
      MNIST_BINARY_OPERATIONS(ENTRY)
#undef ENTRY
  };
  Random random(10);
  for (int64_t size : vector_sizes()) {
    for (int64_t offset : {0, 1, 3}) {
      CAPTURE(size);
      CAPTURE(offset);
      const Guarded<T> a(random_values<T>(random, size, -3, 3), offset);
      const Guarded<T> b(random_values<T>(random, size, -3, 3), offset);
      for (const KernelSet* set : kernel_sets_under_test()) {
        CAPTURE(name_of(*set));
        const Kernels<T>& kernels = set->of<T>();
        for (const auto& [kernel, operation] : unary) {
          Guarded<T> out(size, offset), in_place(a.values(), offset), by_operation(size, offset);
          (kernels.*kernel)(size, a.data(), out.data());
          (kernels.*kernel)(size, in_place.data(), in_place.data());
          operation(Device{*set, 2}, size, a.data(), by_operation.data());
          CHECK((out.intact() && in_place.intact() && by_operation.intact()));
          CHECK(same_bits(in_place.values(), out.values()));
          CHECK(same_bits(by_operation.values(), out.values()));
          int64_t wrong = 0;
          for (int64_t i = 0; i < size; ++i) {
            T alone;  // a result does not depend on its place in the array
            (kernels.*kernel)(1, &a[i], &alone);
            wrong += out[i] != alone;
          }
          CHECK(wrong == 0);
        }
        for (const auto& [kernel, operation] : binary) {
          Guarded<T> out(size, offset), onto_a(a.values(), offset), onto_b(b.values(), offset),
              by_operation(size, offset);
          (kernels.*kernel)(size, a.data(), b.data(), out.data());
          (kernels.*kernel)(size, onto_a.data(), b.data(), onto_a.data());
          (kernels.*kernel)(size, a.data(), onto_b.data(), onto_b.data());
          operation(Device{*set, 2}, size, a.data(), b.data(), by_operation.data());
          CHECK((out.intact() && onto_a.intact() && onto_b.intact() && by_operation.intact()));
          CHECK(same_bits(onto_a.values(), out.values()));
          CHECK(same_bits(onto_b.values(), out.values()));
          CHECK(same_bits(by_operation.values(), out.values()));
        }
      }
    }
  }
}

TEST_CASE_TEMPLATE("derivatives keep NaN, and are right at kinks and at the ends", T, float, double) {
  const T nan = quiet_nan<T>(), inf = infinity<T>(), slope = static_cast<T>(0.01);
  struct Case {
    Binary<T> kernel;
    T upstream, a, expected;
  };
  using K = Kernels<T>;
  std::vector<Case> cases = {
      {&K::tanh_backward, 3, 1, 0},
      {&K::tanh_backward, 3, -1, 0},
      {&K::tanh_backward, 3, T{0.5}, 2.25},
      {&K::relu_backward, 3, 0, 0},
      {&K::relu_backward, 3, -0.0, 0},
      {&K::relu_backward, -3, 2, -3},
      {&K::relu_backward, inf, 2, inf},
      {&K::leaky_relu_backward, 3, 0, 3 * slope},
      {&K::leaky_relu_backward, 3, -5, 3 * slope},
      {&K::leaky_relu_backward, 3, 5, 3},
      {&K::elu_backward, 3, -1, 0},
      {&K::elu_backward, 3, 0, 3},
      {&K::elu_backward, 3, T{-0.5}, 1.5},
      {&K::elu_backward, 3, 7, 3},
      {&K::gelu_backward, 3, inf, 3},
      {&K::gelu_backward, 3, -inf, 0},
      {&K::gelu_backward, 4, 0, 2},
      {&K::silu_backward, 3, inf, 3},
      {&K::silu_backward, 3, -inf, 0},
      {&K::silu_backward, 4, 0, 2},
      {&K::add, inf, -inf, nan},
      {&K::add, 1, 2, 3},
  };
#define ENTRY(name, js_name)                 \
  cases.push_back({&K::name, nan, 1, nan});  \
  cases.push_back({&K::name, nan, -1, nan}); \
  cases.push_back({&K::name, 1, nan, nan});  \
  cases.push_back({&K::name, 1, -nan, nan});
  MNIST_BINARY_OPERATIONS(ENTRY)
#undef ENTRY
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    for (size_t i = 0; i < cases.size(); ++i) {
      CAPTURE(i);
      const auto& [kernel, upstream, a, expected] = cases[i];
      T out = 9;
      (set->of<T>().*kernel)(1, &upstream, &a, &out);
      CHECK(same_number(out, expected));
    }
  }
}

}  // namespace mnist
