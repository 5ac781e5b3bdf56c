// The calls of an optimizer's step and of what goes before and after it.
#ifndef MNIST_NATIVE_UPDATE_CALLS_H_
#define MNIST_NATIVE_UPDATE_CALLS_H_

#include "calls.h"
#include "update_operations.h"

namespace mnist {

// update(parameter, gradient, first | null, second | null, coefficients, rule, gradientScale, clip, decay,
// threads), where the rule is its number in UPDATE_RULES
template <typename T>
struct UpdateCall {
  static constexpr const char* kName = "update";
  static void run(Arguments& args) {
    const View<T> parameter = args.array<T>("parameter");
    const View<T> gradient = args.array<T>("gradient");
    const View<T> first = args.array_or_null<T>("first");
    const View<T> second = args.array_or_null<T>("second");
    const View<double> coefficients = args.array<double>("coefficients");
    const int64_t number = args.size("rule");
    const double gradient_scale = args.number("gradientScale");
    const double clip = args.number("clip"), decay = args.number("decay");
    const Device device = last_argument(args);
    if (number >= kUpdateRules) args.fail("ERR_INVALID_ARGUMENT", "expected the number of a rule for rule.");
    const UpdateRule rule = static_cast<UpdateRule>(number);
    const View<T> outputs[] = {parameter, first, second};
    const char* const names[] = {"parameter", "first", "second"};
    const bool has[] = {true, has_first(rule), has_second(rule)};
    args.require_size(gradient, "gradient", parameter.size);
    args.require_size(coefficients, "coefficients", kUpdateCoefficients);
    for (int i = 0; i < 3; ++i) {
      if (has[i] != (outputs[i].size >= 0)) {
        args.fail("ERR_INVALID_ARGUMENT",
                  std::string(has[i] ? "expected an array for " : "expected null for ") + names[i] + ".");
      }
      args.require_size_or_null(outputs[i], names[i], parameter.size);
      args.require_disjoint(outputs[i], names[i], gradient, "gradient");
      args.require_disjoint(outputs[i], names[i], coefficients, "coefficients");
      for (int j = 0; j < i; ++j) args.require_disjoint(outputs[j], names[j], outputs[i], names[i]);
    }
    const auto coefficient = [&](int i) { return static_cast<T>(coefficients.data[i]); };
    update<T>(device, {rule,
                       parameter.size,
                       parameter.data,
                       gradient.data,
                       first.data,
                       second.data,
                       {coefficient(0), coefficient(1), coefficient(2), coefficient(3), coefficient(4),
                        coefficient(5)},
                       static_cast<T>(gradient_scale),
                       static_cast<T>(clip),
                       static_cast<T>(decay)});
  }
};

// addPenalty(parameter, gradient, l2, l1, threads)
template <typename T>
struct AddPenaltyCall {
  static constexpr const char* kName = "addPenalty";
  static void run(Arguments& args) {
    const View<T> parameter = args.array<T>("parameter");
    const View<T> gradient = args.array<T>("gradient");
    const double l2 = args.number("l2"), l1 = args.number("l1");
    const Device device = last_argument(args);
    args.require_size(gradient, "gradient", parameter.size);
    args.require_disjoint(gradient, "gradient", parameter, "parameter");
    add_penalty<T>(device, parameter.size, static_cast<T>(l2), static_cast<T>(l1), parameter.data,
                   gradient.data);
  }
};

// sumOfSquares(x, totals, threads)
template <typename T>
struct SumOfSquaresCall {
  static constexpr const char* kName = "sumOfSquares";
  static void run(Arguments& args) {
    const View<T> x = args.array<T>("x");
    const View<double> totals = args.array<double>("totals");
    const Device device = last_argument(args);
    args.require_size(totals, "totals", 1);
    args.require_disjoint(totals, "totals", x, "x");
    totals.data[0] += sum_of_squares<T>(device, x.size, x.data);
  }
};

// limitNorms(weight, inputs, ldw, units, most, threads)
template <typename T>
struct LimitNormsCall {
  static constexpr const char* kName = "limitNorms";
  static void run(Arguments& args) {
    const View<T> weight = args.array<T>("weight");
    const int64_t inputs = args.size("inputs"), ldw = read_lines<T>(args, "ldw", 0);
    const int64_t units = args.size("units");
    const double most = args.number("most");
    const Device device = last_argument(args);
    if (ldw < units) args.fail("ERR_INVALID_ARGUMENT", "expected an ldw of at least units.");
    args.require_size(weight, "weight", inputs * ldw);
    limit_norms<T>(device, inputs, ldw, units, most, weight.data);
  }
};

}  // namespace mnist

#endif  // MNIST_NATIVE_UPDATE_CALLS_H_
