// The calls of operations: each reads its arguments, which checks them, and calls one operation.
#ifndef MNIST_NATIVE_CALLS_H_
#define MNIST_NATIVE_CALLS_H_

#include <algorithm>
#include <string>

#include "arguments.h"
#include "image_layer.h"
#include "operations.h"
#include "parallel.h"

namespace mnist {

// What belongs to one environment, such as the main thread's or a worker's: each may use another kernel set.
struct Instance {
  const KernelSet* kernels;
};

// The number of threads, the last argument of every call.
inline Device last_argument(Arguments& args) {
  const int64_t threads = std::min<int64_t>(args.size("threads", 1), kMostThreads);
  args.finish();
  return {*args.env().GetInstanceData<Instance>()->kernels, static_cast<int>(threads)};
}

// By its place in ACTIVATIONS of src/backend/activation.ts.
inline Activation read_activation(Arguments& args) {
  const int64_t number = args.size("activation");
  if (number >= kActivations) args.fail("ERR_INVALID_ARGUMENT", "expected the number of an activation.");
  return static_cast<Activation>(number);
}

// name(x, out, threads) for each unary operation
template <typename T>
void unary(Arguments& args, void (*operation)(const Device&, int64_t, const T*, T*)) {
  const View<T> x = args.array<T>("x");
  const View<T> out = args.array<T>("out");
  const Device device = last_argument(args);
  args.require_size(out, "out", x.size);
  args.require_same_or_disjoint(out, "out", x, "x");
  operation(device, x.size, x.data, out.data);
}

// name(a, b, out, threads) for each binary operation
template <typename T>
void binary(Arguments& args, void (*operation)(const Device&, int64_t, const T*, const T*, T*)) {
  const View<T> a = args.array<T>("the first input");
  const View<T> b = args.array<T>("the second input");
  const View<T> out = args.array<T>("out");
  const Device device = last_argument(args);
  args.require_size(b, "the second input", a.size);
  args.require_size(out, "out", a.size);
  args.require_same_or_disjoint(out, "out", a, "the first input");
  args.require_same_or_disjoint(out, "out", b, "the second input");
  operation(device, a.size, a.data, b.data, out.data);
}

#define UNARY(name, js_name)                                      \
  template <typename T>                                           \
  struct name##_call {                                            \
    static constexpr const char* kName = js_name;                 \
    static void run(Arguments& args) { unary<T>(args, name<T>); } \
  };
#define BINARY(name, js_name)                                      \
  template <typename T>                                            \
  struct name##_call {                                             \
    static constexpr const char* kName = js_name;                  \
    static void run(Arguments& args) { binary<T>(args, name<T>); } \
  };
MNIST_UNARY_OPERATIONS(UNARY)
MNIST_BINARY_OPERATIONS(BINARY)
#undef UNARY
#undef BINARY

// gemm(a, b, c, bias | null, transposeA, transposeB, m, n, k, lda, ldb, ldc, alpha, beta, activation,
// threads)
template <typename T>
struct GemmCall {
  static constexpr const char* kName = "gemm";
  static void run(Arguments& args) {
    const View<T> a = args.array<T>("a");
    const View<T> b = args.array<T>("b");
    const View<T> c = args.array<T>("c");
    const View<T> bias = args.array_or_null<T>("bias");
    const bool transpose_a = args.boolean("transposeA"), transpose_b = args.boolean("transposeB");
    const int64_t m = args.size("m"), n = args.size("n"), k = args.size("k");
    const int64_t lda = args.size("lda", transpose_a ? m : k);
    const int64_t ldb = args.size("ldb", transpose_b ? k : n);
    const int64_t ldc = args.size("ldc", n);
    const double alpha = args.number("alpha"), beta = args.number("beta");
    const Activation activation = read_activation(args);
    const Device device = last_argument(args);
    args.require_size(a, "a", (transpose_a ? k : m) * lda);
    args.require_size(b, "b", (transpose_b ? n : k) * ldb);
    args.require_size(c, "c", m * ldc);
    args.require_size_or_null(bias, "bias", n);
    args.require_disjoint(c, "c", a, "a");
    args.require_disjoint(c, "c", b, "b");
    args.require_disjoint(c, "c", bias, "bias");
    gemm<T>(device, {transpose_a, transpose_b, m, n, k, static_cast<T>(alpha), a.data, lda, b.data, ldb,
                     static_cast<T>(beta), c.data, ldc, bias.data, activation});
  }
};

// A leading dimension of at least `least` elements, in whole lines of 64 bytes.
template <typename T>
int64_t read_lines(Arguments& args, const char* name, int64_t least) {
  const int64_t value = args.size(name, least);
  if (value % (kLineBytes / static_cast<int64_t>(sizeof(T))) != 0) {
    args.fail("ERR_INVALID_ARGUMENT", std::string("expected whole lines of 64 bytes for ") + name + ".");
  }
  return value;
}

// The images of the calls below: images, rows, width, scale, offset, lists | null.
template <typename T>
struct Images {
  View<uint8_t> bytes;
  View<int32_t> rows;
  ImageMatrix<T> matrix;

  explicit Images(Arguments& args) : bytes(args.array<uint8_t>("images")), rows(args.array<int32_t>("rows")) {
    const int64_t width = args.size("width", 1);
    const double scale = args.number("scale"), offset = args.number("offset");
    const int64_t count = bytes.size / width;
    args.require_size(bytes, "images", count * width);
    args.require_rows(rows, count);
    const ListedImages* const lists = args.listed_images_or_null("lists", count, width);
    matrix = {bytes.data, rows.data, rows.size, width, static_cast<T>(scale), static_cast<T>(offset), lists};
  }

  void require_disjoint(const Arguments& args, View<T> out) const {
    args.require_disjoint(out, "out", bytes, "images");
    args.require_disjoint(out, "out", rows, "rows");
  }
};

// imageLinear(weight, bias | null, out, units, ldw, activation, images, rows, width, scale, offset, lists |
// null, threads)
template <typename T>
struct ImageLinearCall {
  static constexpr const char* kName = "imageLinear";
  static void run(Arguments& args) {
    const View<T> weight = args.array<T>("weight");
    const View<T> bias = args.array_or_null<T>("bias");
    const View<T> out = args.array<T>("out");
    const int64_t n = args.size("units"), ldw = read_lines<T>(args, "ldw", n);
    const Activation activation = read_activation(args);
    const Images<T> x(args);
    const Device device = last_argument(args);
    args.require_size(weight, "weight", x.matrix.width * ldw);
    args.require_size_or_null(bias, "bias", n);
    args.require_size(out, "out", x.rows.size * n);
    args.require_disjoint(out, "out", weight, "weight");
    args.require_disjoint(out, "out", bias, "bias");
    x.require_disjoint(args, out);
    image_linear<T>(device, x.matrix, n, weight.data, ldw, bias.data, activation, out.data);
  }
};

// imageGradient(delta, out, units, ldo, images, rows, width, scale, offset, lists | null, threads)
template <typename T>
struct ImageGradientCall {
  static constexpr const char* kName = "imageGradient";
  static void run(Arguments& args) {
    const View<T> delta = args.array<T>("delta");
    const View<T> out = args.array<T>("out");
    const int64_t n = args.size("units"), ldo = read_lines<T>(args, "ldo", n);
    const Images<T> x(args);
    const Device device = last_argument(args);
    args.require_size(delta, "delta", x.rows.size * n);
    args.require_size(out, "out", x.matrix.width * ldo);
    args.require_disjoint(out, "out", delta, "delta");
    x.require_disjoint(args, out);
    image_gradient<T>(device, x.matrix, n, delta.data, out.data, ldo);
  }
};

// What the two calls below update, and by what: delta, weight, bias, units, ldw, learningRate.
template <typename T>
struct Descent {
  View<T> delta, weight, bias;
  int64_t n, ldw;
  T learning_rate;

  explicit Descent(Arguments& args)
      : delta(args.array<T>("delta")),
        weight(args.array<T>("weight")),
        bias(args.array<T>("bias")),
        n(args.size("units")),
        ldw(read_lines<T>(args, "ldw", n)),
        learning_rate(static_cast<T>(args.number("learningRate"))) {}

  void require(const Arguments& args, int64_t count, int64_t inputs) const {
    args.require_size(delta, "delta", count * n);
    args.require_size(weight, "weight", inputs * ldw);
    args.require_size(bias, "bias", n);
    args.require_disjoint(weight, "weight", delta, "delta");
    args.require_disjoint(bias, "bias", delta, "delta");
    args.require_disjoint(weight, "weight", bias, "bias");
  }
};

// linearDescent(delta, weight, bias, units, ldw, learningRate, x, examples, inputs, threads)
template <typename T>
struct LinearDescentCall {
  static constexpr const char* kName = "linearDescent";
  static void run(Arguments& args) {
    const Descent<T> d(args);
    const View<T> x = args.array<T>("x");
    const int64_t count = args.size("examples"), inputs = args.size("inputs");
    const Device device = last_argument(args);
    d.require(args, count, inputs);
    args.require_size(x, "x", count * inputs);
    args.require_disjoint(d.weight, "weight", x, "x");
    args.require_disjoint(d.bias, "bias", x, "x");
    linear_descent<T>(device, count, inputs, d.n, x.data, d.delta.data, d.learning_rate, d.weight.data, d.ldw,
                      d.bias.data);
  }
};

// imageDescent(delta, weight, bias, units, ldw, learningRate, images, rows, width, scale, offset, lists |
// null, threads)
template <typename T>
struct ImageDescentCall {
  static constexpr const char* kName = "imageDescent";
  static void run(Arguments& args) {
    const Descent<T> d(args);
    const Images<T> x(args);
    const Device device = last_argument(args);
    d.require(args, x.rows.size, x.matrix.width);
    x.require_disjoint(args, d.weight);
    x.require_disjoint(args, d.bias);
    image_descent<T>(device, x.matrix, d.n, d.delta.data, d.learning_rate, d.weight.data, d.ldw, d.bias.data);
  }
};

// columnSums(x, out, rows, columns, threads)
template <typename T>
struct ColumnSumsCall {
  static constexpr const char* kName = "columnSums";
  static void run(Arguments& args) {
    const View<T> x = args.array<T>("x");
    const View<T> out = args.array<T>("out");
    const int64_t rows = args.size("rows"), columns = args.size("columns");
    const Device device = last_argument(args);
    args.require_size(x, "x", rows * columns);
    args.require_size(out, "out", columns);
    args.require_disjoint(out, "out", x, "x");
    column_sums<T>(device, rows, columns, x.data, T{1}, out.data);
  }
};

// argmaxRows(x, out, rows, columns, threads)
template <typename T>
struct ArgmaxRowsCall {
  static constexpr const char* kName = "argmaxRows";
  static void run(Arguments& args) {
    const View<T> x = args.array<T>("x");
    const View<int32_t> out = args.array<int32_t>("out");
    const int64_t rows = args.size("rows"), columns = args.size("columns", 1);
    const Device device = last_argument(args);
    args.require_size(x, "x", rows * columns);
    args.require_size(out, "out", rows);
    args.require_disjoint(out, "out", x, "x");
    argmax_rows<T>(device, rows, columns, x.data, out.data);
  }
};

// sgdUpdate(parameter, gradient, learningRate, threads)
template <typename T>
struct SgdUpdateCall {
  static constexpr const char* kName = "sgdUpdate";
  static void run(Arguments& args) {
    const View<T> parameter = args.array<T>("parameter");
    const View<T> gradient = args.array<T>("gradient");
    const double learning_rate = args.number("learningRate");
    const Device device = last_argument(args);
    args.require_size(gradient, "gradient", parameter.size);
    args.require_disjoint(parameter, "parameter", gradient, "gradient");
    sgd_update<T>(device, parameter.size, static_cast<T>(learning_rate), gradient.data, parameter.data);
  }
};

}  // namespace mnist

#endif  // MNIST_NATIVE_CALLS_H_
