// An optimizer's step, and what goes before and after it.
#include <doctest/doctest.h>

#include "test/support.h"
#include "update_operations.h"

namespace mnist {
namespace {

constexpr UpdateRule kRules[] = {UpdateRule::kDescent, UpdateRule::kMomentum, UpdateRule::kNesterov,
                                 UpdateRule::kRmsprop, UpdateRule::kAdagrad,  UpdateRule::kAdam,
                                 UpdateRule::kNadam,   UpdateRule::kLion};
static_assert(sizeof kRules / sizeof kRules[0] == kUpdateRules);

// What one element becomes.
template <typename R>
struct Element {
  R parameter, first, second;
};

// The formulas of src/backend/operations/updates.ts in long double, written otherwise than the kernel.
template <typename T>
Element<long double> reference(const Update<T>& u, int64_t i) {
  using R = long double;
  const R step = u.coefficients.step, first_share = u.coefficients.first_share;
  const R second_share = u.coefficients.second_share, root_scale = u.coefficients.root_scale;
  const R epsilon = u.coefficients.epsilon;
  const R g = std::clamp<R>(R{u.gradient[i]} * u.gradient_scale, -R{u.clip}, R{u.clip});
  const R p = u.parameter[i] * (1 - R{u.decay});
  const R m = u.first ? u.first[i] : 0, v = u.second ? u.second[i] : 0;
  const R velocity = first_share * m + g, mean = (1 - first_share) * m + first_share * g;
  const R square = (1 - second_share) * v + second_share * g * g;
  switch (u.rule) {
    case UpdateRule::kDescent:
      return {p - step * g, m, v};
    case UpdateRule::kMomentum:
      return {p - step * velocity, velocity, v};
    case UpdateRule::kNesterov:
      return {p - step * (g + first_share * velocity), velocity, v};
    case UpdateRule::kRmsprop:
      return {p - step * g / (std::sqrt(square) + epsilon), m, square};
    case UpdateRule::kAdagrad:
      return {p - step * g / (std::sqrt(v + g * g) + epsilon), m, v + g * g};
    case UpdateRule::kAdam:
      return {p - step * mean / (root_scale * std::sqrt(square) + epsilon), mean, square};
    case UpdateRule::kNadam:
      return {
          p - step * (g + u.coefficients.first_weight * mean) / (root_scale * std::sqrt(square) + epsilon),
          mean, square};
    case UpdateRule::kLion:
      return {p - step * (mean > 0 ? 1 : mean < 0 ? -1 : 0), (1 - second_share) * m + second_share * g, v};
  }
  return {};
}

template <typename T>
struct Problem {
  std::vector<T> parameter, gradient, first, second;

  Problem(Random& random, int64_t size)
      : parameter(random_values<T>(random, size, -1, 1)),
        gradient(random_values<T>(random, size, -1, 1)),
        first(random_values<T>(random, size, -1, 1)),
        second(random_values<T>(random, size, 0.01, 1)) {}
};

template <typename T>
Update<T> update_of(UpdateRule rule, int64_t size, T* parameter, const T* gradient, T* first, T* second) {
  return {rule,
          size,
          parameter,
          gradient,
          has_first(rule) ? first : nullptr,
          has_second(rule) ? second : nullptr,
          {T{1} / 8, T{1} / 4, T{1} / 16, T{3} / 2, T{1} / 4096, T{3} / 4},
          T{1} / 2,
          T{3} / 8,
          T{1} / 32};
}

}  // namespace

TEST_CASE_TEMPLATE("update takes the step of every rule, for every size", T, float, double) {
  Random random(31);
  for (int64_t size : vector_sizes()) {
    for (int64_t offset : {0, 3}) {
      CAPTURE(size);
      CAPTURE(offset);
      const Problem<T> problem(random, size);
      const Guarded<T> gradient(problem.gradient, offset);
      for (UpdateRule rule : kRules) {
        CAPTURE(static_cast<int>(rule));
        Problem<T> before = problem;
        const Update<T> original = update_of<T>(rule, size, before.parameter.data(), gradient.data(),
                                                before.first.data(), before.second.data());
        for (const KernelSet* set : kernel_sets_under_test()) {
          CAPTURE(name_of(*set));
          Guarded<T> parameter(problem.parameter, offset), first(problem.first, offset),
              second(problem.second, offset);
          update<T>(Device{*set, 1},
                    update_of<T>(rule, size, parameter.data(), gradient.data(), first.data(), second.data()));
          CHECK(parameter.intact());
          CHECK(first.intact());
          CHECK(second.intact());
          int64_t wrong = 0;
          const auto is_far = [](T actual, long double truth, long double magnitude) {
            return std::fabs(actual - truth) > 12 * kUnitRoundoff<T> * (std::fabs(truth) + magnitude);
          };
          for (int64_t i = 0; i < size; ++i) {
            const Element<long double> truth = reference(original, i);
            // A step's own size: divisors are roots of a 16th of `second` at the least.
            wrong += is_far(parameter[i], truth.parameter, 4);
            if (has_first(rule)) wrong += is_far(first[i], truth.first, 1);
            if (has_second(rule)) wrong += is_far(second[i], truth.second, 1);
          }
          CHECK(wrong == 0);
        }
      }
    }
  }
}

TEST_CASE_TEMPLATE("update has the same bits on any number of threads, and in parts of any length", T, float,
                   double) {
  Random random(32);
  for (int64_t size : {1, 63, 64, 65, 16'383, 70'001}) {
    CAPTURE(size);
    const Problem<T> problem(random, size);
    for (UpdateRule rule : kRules) {
      CAPTURE(static_cast<int>(rule));
      for (const KernelSet* set : kernel_sets_under_test()) {
        CAPTURE(name_of(*set));
        Problem<T> wanted = problem;
        update<T>(Device{*set, 1}, update_of<T>(rule, size, wanted.parameter.data(), wanted.gradient.data(),
                                                wanted.first.data(), wanted.second.data()));
        const auto check = [&](const Problem<T>& actual) {
          CHECK(same_bits(actual.parameter, wanted.parameter));
          CHECK(same_bits(actual.first, wanted.first));
          CHECK(same_bits(actual.second, wanted.second));
        };
        for (int threads : {2, 3, 5}) {
          CAPTURE(threads);
          Problem<T> split = problem;
          update<T>(Device{*set, threads},
                    update_of<T>(rule, size, split.parameter.data(), split.gradient.data(),
                                 split.first.data(), split.second.data()));
          check(split);
        }
        Problem<T> parts = problem;
        for (int64_t first = 0; first < size;) {
          const int64_t count = std::min<int64_t>(size - first, random.integer(1, 1 + size / 3));
          update<T>(Device{*set, 1},
                    update_of<T>(rule, count, parts.parameter.data() + first, parts.gradient.data() + first,
                                 parts.first.data() + first, parts.second.data() + first));
          first += count;
        }
        check(parts);
      }
    }
  }
}

TEST_CASE_TEMPLATE("update leaves zeros where everything is 0, and keeps NaN", T, float, double) {
  const T nan = quiet_nan<T>();
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    for (UpdateRule rule : kRules) {
      CAPTURE(static_cast<int>(rule));
      std::vector<T> parameter = {0, 0, nan, 0}, gradient = {0, nan, 0, 0}, first(4), second(4);
      update<T>(Device{*set, 1},
                update_of<T>(rule, 4, parameter.data(), gradient.data(), first.data(), second.data()));
      CHECK(parameter[0] == 0);
      CHECK(parameter[1] != parameter[1]);
      CHECK(parameter[2] != parameter[2]);
      CHECK(parameter[3] == 0);
    }
  }
}

TEST_CASE_TEMPLATE("add_penalty adds both penalties, for every size and on any number of threads", T, float,
                   double) {
  Random random(33);
  std::vector<int64_t> sizes = vector_sizes();
  sizes.push_back(50'003);
  for (int64_t size : sizes) {
    CAPTURE(size);
    Guarded<T> parameter(random_values<T>(random, size, -1, 1), 1);
    if (size > 0) parameter[size / 2] = 0;
    const std::vector<T> before = random_values<T>(random, size, -1, 1);
    for (const KernelSet* set : kernel_sets_under_test()) {
      CAPTURE(name_of(*set));
      Guarded<T> alone(before, 1), split(before, 1);
      add_penalty<T>(Device{*set, 1}, size, T{1} / 4, T{1} / 8, parameter.data(), alone.data());
      add_penalty<T>(Device{*set, 3}, size, T{1} / 4, T{1} / 8, parameter.data(), split.data());
      CHECK(alone.intact());
      CHECK(split.intact());
      CHECK(same_bits(alone.values(), split.values()));
      int64_t wrong = 0;
      for (int64_t i = 0; i < size; ++i) {
        const long double p = parameter[i], sign = p > 0 ? 1 : p < 0 ? -1 : 0;
        const long double truth = before[static_cast<size_t>(i)] + p / 4 + sign / 8;
        wrong += std::fabs(alone[i] - truth) > 4 * kUnitRoundoff<T>;
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE_TEMPLATE("sum_of_squares sums in double, with the same bits on any number of threads", T, float,
                   double) {
  Random random(34);
  std::vector<int64_t> sizes = vector_sizes();
  for (int64_t size : {8'191, 8'193, 100'003}) sizes.push_back(size);
  for (int64_t size : sizes) {
    CAPTURE(size);
    const Guarded<T> x(random_values<T>(random, size, -1, 1), 1);
    long double truth = 0;
    for (T value : x) truth += static_cast<long double>(value) * value;
    for (const KernelSet* set : kernel_sets_under_test()) {
      CAPTURE(name_of(*set));
      const double sum = sum_of_squares<T>(Device{*set, 1}, size, x.data());
      CHECK(std::fabs(sum - truth) <=
            64 * kUnitRoundoff<double> * std::max(truth, 1.0L) +
                static_cast<long double>(size) / 16 * kUnitRoundoff<double> * truth);
      for (int threads : {2, 3, 5}) CHECK(sum_of_squares<T>(Device{*set, threads}, size, x.data()) == sum);
    }
  }
}

TEST_CASE_TEMPLATE("limit_norms scales columns above the limit and leaves everything else", T, float,
                   double) {
  Random random(35);
  constexpr int64_t kLine = kLineBytes / int64_t{sizeof(T)};
  struct Shape {
    int64_t inputs, units;
  };
  for (const auto& [inputs, units] :
       {Shape{0, 3}, Shape{5, 0}, Shape{1, 1}, Shape{7, 19}, Shape{300, 70}, Shape{2000, 40}}) {
    CAPTURE(inputs);
    CAPTURE(units);
    const int64_t ldw = (units + kLine - 1) / kLine * kLine;
    const std::vector<T> before = random_values<T>(random, inputs * ldw, -1, 1);
    // About half of the columns are above it.
    const double most = std::sqrt(static_cast<double>(inputs) / 3);
    for (const KernelSet* set : kernel_sets_under_test()) {
      CAPTURE(name_of(*set));
      Guarded<T> weight(before), split(before);
      limit_norms<T>(Device{*set, 1}, inputs, ldw, units, most, weight.data());
      limit_norms<T>(Device{*set, 3}, inputs, ldw, units, most, split.data());
      CHECK(weight.intact());
      CHECK(split.intact());
      CHECK(same_bits(weight.values(), split.values()));
      int64_t wrong = 0;
      const long double tolerance =
          3 * kUnitRoundoff<T> + static_cast<long double>(inputs) * kUnitRoundoff<double>;
      for (int64_t j = 0; j < ldw; ++j) {
        long double sum = 0;
        for (int64_t p = 0; p < inputs; ++p) {
          const long double value = before[static_cast<size_t>(p * ldw + j)];
          sum += value * value;
        }
        const long double norm = std::sqrt(sum);
        const long double factor = j < units && norm > most ? most / norm : 1;
        for (int64_t p = 0; p < inputs; ++p) {
          const long double truth = before[static_cast<size_t>(p * ldw + j)] * factor;
          wrong += std::fabs(weight[p * ldw + j] - truth) > tolerance * std::fabs(truth);
        }
      }
      CHECK(wrong == 0);
    }
  }
}

}  // namespace mnist
