// The calls of batch normalisation.
#ifndef MNIST_NATIVE_NORMALIZATION_CALLS_H_
#define MNIST_NATIVE_NORMALIZATION_CALLS_H_

#include <initializer_list>

#include "calls.h"
#include "normalization_operations.h"

namespace mnist {

// An array of one call with its name.
template <typename T>
struct Named {
  const char* name;
  View<T> view;

  Named(Arguments& args, const char* name) : name(name), view(args.array<T>(name)) {}
};

// Throws if one of the outputs shares memory with another, or with an input.
template <typename T>
void require_apart(const Arguments& args, std::initializer_list<Named<T>> outputs,
                   std::initializer_list<Named<T>> inputs) {
  for (const Named<T>* output = outputs.begin(); output != outputs.end(); ++output) {
    for (const Named<T>* other = output + 1; other != outputs.end(); ++other)
      args.require_disjoint(output->view, output->name, other->view, other->name);
    for (const Named<T>& input : inputs)
      args.require_disjoint(output->view, output->name, input.view, input.name);
  }
}

// Throws unless each array has one element for each column.
template <typename T>
void require_columns(const Arguments& args, std::initializer_list<Named<T>> arrays, int64_t columns) {
  for (const Named<T>& array : arrays) args.require_size(array.view, array.name, columns);
}

// normalizeBatch(x, gamma, beta, mean, inverseDeviation, runningMean, runningVariance, out, rows, columns,
// epsilon, momentum, threads)
template <typename T>
struct NormalizeBatchCall {
  static constexpr const char* kName = "normalizeBatch";
  static void run(Arguments& args) {
    const Named<T> x(args, "x"), gamma(args, "gamma"), beta(args, "beta"), mean(args, "mean"),
        inverse(args, "inverseDeviation"), running_mean(args, "runningMean"),
        running_variance(args, "runningVariance"), out(args, "out");
    const int64_t rows = args.size("rows", 2), columns = args.size("columns");
    const double epsilon = args.number("epsilon"), momentum = args.number("momentum");
    const Device device = last_argument(args);
    if (!(epsilon > 0)) args.fail("ERR_INVALID_ARGUMENT", "expected a positive number for epsilon.");
    if (!(momentum >= 0 && momentum <= 1)) {
      args.fail("ERR_INVALID_ARGUMENT", "expected a number from 0 to 1 for momentum.");
    }
    args.require_size(x.view, "x", rows * columns);
    args.require_size(out.view, "out", rows * columns);
    require_columns<T>(args, {gamma, beta, mean, inverse, running_mean, running_variance}, columns);
    require_apart<T>(args, {mean, inverse, running_mean, running_variance, out}, {x, gamma, beta});
    normalize_batch<T>(device, {{rows, columns, x.view.data, gamma.view.data},
                                beta.view.data,
                                mean.view.data,
                                inverse.view.data,
                                running_mean.view.data,
                                running_variance.view.data,
                                out.view.data,
                                epsilon,
                                momentum});
  }
};

// normalizeBatchBackward(x, upstream, gamma, mean, inverseDeviation, gammaGradient, betaGradient, out, rows,
// columns, threads)
template <typename T>
struct NormalizeBatchBackwardCall {
  static constexpr const char* kName = "normalizeBatchBackward";
  static void run(Arguments& args) {
    const Named<T> x(args, "x"), upstream(args, "upstream"), gamma(args, "gamma"), mean(args, "mean"),
        inverse(args, "inverseDeviation"), gamma_gradient(args, "gammaGradient"),
        beta_gradient(args, "betaGradient"), out(args, "out");
    const int64_t rows = args.size("rows", 2), columns = args.size("columns");
    const Device device = last_argument(args);
    args.require_size(x.view, "x", rows * columns);
    args.require_size(upstream.view, "upstream", rows * columns);
    args.require_size(out.view, "out", rows * columns);
    require_columns<T>(args, {gamma, mean, inverse, gamma_gradient, beta_gradient}, columns);
    require_apart<T>(args, {gamma_gradient, beta_gradient}, {upstream});
    require_apart<T>(args, {gamma_gradient, beta_gradient, out}, {x, gamma, mean, inverse});
    args.require_same_or_disjoint(out.view, "out", upstream.view, "upstream");
    normalize_batch_backward<T>(device, {{rows, columns, x.view.data, gamma.view.data},
                                         upstream.view.data,
                                         mean.view.data,
                                         inverse.view.data,
                                         gamma_gradient.view.data,
                                         beta_gradient.view.data,
                                         out.view.data});
  }
};

// scaleColumns(x, scale, offset, out, rows, columns, threads)
template <typename T>
struct ScaleColumnsCall {
  static constexpr const char* kName = "scaleColumns";
  static void run(Arguments& args) {
    const Named<T> x(args, "x"), scale(args, "scale"), offset(args, "offset"), out(args, "out");
    const int64_t rows = args.size("rows"), columns = args.size("columns");
    const Device device = last_argument(args);
    args.require_size(x.view, "x", rows * columns);
    args.require_size(out.view, "out", rows * columns);
    require_columns<T>(args, {scale, offset}, columns);
    require_apart<T>(args, {out}, {scale, offset});
    args.require_same_or_disjoint(out.view, "out", x.view, "x");
    scale_columns<T>(device, rows, columns, x.view.data, scale.view.data, offset.view.data, out.view.data);
  }
};

}  // namespace mnist

#endif  // MNIST_NATIVE_NORMALIZATION_CALLS_H_
