// What JavaScript can call. Each function reads its arguments, which checks them, and calls one operation.
#include <napi.h>

#include <new>
#include <stdexcept>

#include "arguments.h"
#include "cpu.h"
#include "image_layer.h"
#include "operations.h"
#include "parallel.h"

namespace mnist {
namespace {

// Raised whenever a function below changes its arguments; src/backend/native.ts checks it after loading.
constexpr int kAbi = 3;

// What belongs to one environment, such as the main thread's or a worker's: each may use another kernel set.
struct Instance {
  const KernelSet* kernels;
};

Device device(const Arguments& arguments, size_t threads_index) {
  int64_t threads = std::min<int64_t>(arguments.size(threads_index, "threads", 1), kMostThreads);
  return {*arguments.env().GetInstanceData<Instance>()->kernels, static_cast<int>(threads)};
}

// Calls Operation<float> or Operation<double>, as the array at ArrayIndex says.
template <template <typename> class Operation, size_t ArrayIndex, size_t Count>
Napi::Value call(const Napi::CallbackInfo& info) {
  Arguments arguments(info, Operation<float>::kName, Count);
  try {
    if (arguments.element_type(ArrayIndex, "the first array") == ElementType::kFloat32) {
      Operation<float>::run(arguments);
    } else {
      Operation<double>::run(arguments);
    }
  } catch (const std::bad_alloc&) {
    arguments.fail("ERR_OUT_OF_MEMORY", "there is not enough memory for the intermediate results");
  }
  return info.Env().Undefined();
}

// gemm(transposeA, transposeB, m, n, k, alpha, a, b, beta, c, bias | null, activation, threads)
template <typename T>
struct GemmCall {
  static constexpr const char* kName = "gemm";
  static void run(const Arguments& args) {
    const int64_t m = args.size(2, "m"), n = args.size(3, "n"), k = args.size(4, "k");
    View<T> a = {args.array<T>(6, "a", m * k), m * k};
    View<T> b = {args.array<T>(7, "b", k * n), k * n};
    View<T> c = {args.array<T>(9, "c", m * n), m * n};
    View<T> bias = {args.is_null(10) ? nullptr : args.array<T>(10, "bias", n), args.is_null(10) ? 0 : n};
    args.require_disjoint(c, "c", a, "a");
    args.require_disjoint(c, "c", b, "b");
    args.require_disjoint(c, "c", bias, "bias");
    gemm<T>(
        device(args, 12),
        {args.boolean(0, "transposeA"), args.boolean(1, "transposeB"), m, n, k,
         static_cast<T>(args.number(5, "alpha")), a.data, b.data, static_cast<T>(args.number(8, "beta")),
         c.data, bias.data, args.boolean(11, "activation") ? Activation::kSigmoid : Activation::kIdentity});
  }
};

// sigmoid(x, out, threads)
template <typename T>
struct SigmoidCall {
  static constexpr const char* kName = "sigmoid";
  static void run(const Arguments& args) {
    View<T> x = args.array<T>(0, "x");
    View<T> out = {args.array<T>(1, "out", x.size), x.size};
    args.require_same_or_disjoint(out, "out", x, "x");
    sigmoid<T>(device(args, 2), x.size, x.data, out.data);
  }
};

// sigmoidBackward(upstream, a, out, threads)
template <typename T>
struct SigmoidBackwardCall {
  static constexpr const char* kName = "sigmoidBackward";
  static void run(const Arguments& args) {
    View<T> upstream = args.array<T>(0, "upstream");
    View<T> a = {args.array<T>(1, "a", upstream.size), upstream.size};
    View<T> out = {args.array<T>(2, "out", upstream.size), upstream.size};
    args.require_same_or_disjoint(out, "out", upstream, "upstream");
    args.require_same_or_disjoint(out, "out", a, "a");
    sigmoid_backward<T>(device(args, 3), upstream.size, upstream.data, a.data, out.data);
  }
};

// outputDelta(a, labels, classes, totals, scale, delta | null, threads); without delta only the totals are
// computed.
template <typename T>
struct OutputDeltaCall {
  static constexpr const char* kName = "outputDelta";
  static void run(const Arguments& args) {
    View<uint8_t> labels = args.array<uint8_t>(1, "labels");
    const int64_t classes = args.size(2, "classes", 1), size = labels.size * classes;
    View<T> a = {args.array<T>(0, "a", size), size};
    View<double> totals = {args.array<double>(3, "totals", 2), 2};
    args.require_disjoint(totals, "totals", a, "a");
    args.require_disjoint(totals, "totals", labels, "labels");
    T scale = static_cast<T>(args.number(4, "scale"));
    T* delta = nullptr;
    if (!args.is_null(5)) {
      delta = args.array<T>(5, "delta", size);
      args.require_disjoint(View<T>{delta, size}, "delta", labels, "labels");
      args.require_disjoint(View<T>{delta, size}, "delta", totals, "totals");
      args.require_same_or_disjoint(View<T>{delta, size}, "delta", a, "a");
    }
    args.require_labels(labels.data, labels.size, classes);
    LossSums sums = output_delta<T>(device(args, 6), labels.size, classes, a.data, labels.data, scale, delta);
    totals.data[0] += sums.squared_error;
    totals.data[1] += static_cast<double>(sums.correct);
  }
};

// The images of the two calls below: images, rows, width, scale, offset, from `first` on.
template <typename T>
ImageMatrix<T> image_matrix(const Arguments& args, size_t first) {
  View<uint8_t> images = args.array<uint8_t>(first, "images");
  View<int32_t> rows = args.array<int32_t>(first + 1, "rows");
  const int64_t width = args.size(first + 2, "width", 1);
  args.require_rows(rows, images.size / width);
  return {images.data,
          rows.data,
          rows.size,
          width,
          static_cast<T>(args.number(first + 3, "scale")),
          static_cast<T>(args.number(first + 4, "offset"))};
}

// imageLinear(weight, bias | null, out, units, activation, images, rows, width, scale, offset, threads)
template <typename T>
struct ImageLinearCall {
  static constexpr const char* kName = "imageLinear";
  static void run(const Arguments& args) {
    const int64_t n = args.size(3, "units");
    const ImageMatrix<T> x = image_matrix<T>(args, 5);
    View<T> weight = {args.array<T>(0, "weight", n * x.width), n * x.width};
    View<T> bias = {args.is_null(1) ? nullptr : args.array<T>(1, "bias", n), args.is_null(1) ? 0 : n};
    View<T> out = {args.array<T>(2, "out", x.count * n), x.count * n};
    args.require_disjoint(out, "out", weight, "weight");
    args.require_disjoint(out, "out", bias, "bias");
    args.require_disjoint(out, "out", args.array<uint8_t>(5, "images"), "images");
    args.require_disjoint(out, "out", args.array<int32_t>(6, "rows"), "rows");
    image_linear<T>(device(args, 10), x, n, weight.data, bias.data,
                    args.boolean(4, "activation") ? Activation::kSigmoid : Activation::kIdentity, out.data);
  }
};

// imageGradient(delta, out, units, images, rows, width, scale, offset, threads)
template <typename T>
struct ImageGradientCall {
  static constexpr const char* kName = "imageGradient";
  static void run(const Arguments& args) {
    const int64_t n = args.size(2, "units");
    const ImageMatrix<T> x = image_matrix<T>(args, 3);
    View<T> delta = {args.array<T>(0, "delta", x.count * n), x.count * n};
    View<T> out = {args.array<T>(1, "out", n * x.width), n * x.width};
    args.require_disjoint(out, "out", delta, "delta");
    args.require_disjoint(out, "out", args.array<uint8_t>(3, "images"), "images");
    args.require_disjoint(out, "out", args.array<int32_t>(4, "rows"), "rows");
    image_gradient<T>(device(args, 8), x, n, delta.data, out.data);
  }
};

// columnSums(x, rows, columns, alpha, out, threads)
template <typename T>
struct ColumnSumsCall {
  static constexpr const char* kName = "columnSums";
  static void run(const Arguments& args) {
    const int64_t rows = args.size(1, "rows"), columns = args.size(2, "columns");
    View<T> x = {args.array<T>(0, "x", rows * columns), rows * columns};
    View<T> out = {args.array<T>(4, "out", columns), columns};
    args.require_disjoint(out, "out", x, "x");
    column_sums<T>(device(args, 5), rows, columns, x.data, static_cast<T>(args.number(3, "alpha")), out.data);
  }
};

// argmaxRows(x, rows, columns, out, threads)
template <typename T>
struct ArgmaxRowsCall {
  static constexpr const char* kName = "argmaxRows";
  static void run(const Arguments& args) {
    const int64_t rows = args.size(1, "rows"), columns = args.size(2, "columns", 1);
    View<T> x = {args.array<T>(0, "x", rows * columns), rows * columns};
    View<int32_t> out = {args.array<int32_t>(3, "out", rows), rows};
    args.require_disjoint(out, "out", x, "x");
    argmax_rows<T>(device(args, 4), rows, columns, x.data, out.data);
  }
};

// sgdUpdate(parameter, gradient, learningRate, threads)
template <typename T>
struct SgdUpdateCall {
  static constexpr const char* kName = "sgdUpdate";
  static void run(const Arguments& args) {
    View<T> parameter = args.array<T>(0, "parameter");
    View<T> gradient = {args.array<T>(1, "gradient", parameter.size), parameter.size};
    args.require_disjoint(parameter, "parameter", gradient, "gradient");
    sgd_update<T>(device(args, 3), parameter.size, static_cast<T>(args.number(2, "learningRate")),
                  gradient.data, parameter.data);
  }
};

// measurePeak(isFloat32, iterations, threads): the number of floating-point operations done
Napi::Value measure_peak_call(const Napi::CallbackInfo& info) {
  Arguments args(info, "measurePeak", 3);
  const int64_t iterations = args.size(1, "iterations", 1);
  const int64_t operations = args.boolean(0, "isFloat32") ? measure_peak<float>(device(args, 2), iterations)
                                                          : measure_peak<double>(device(args, 2), iterations);
  return Napi::Number::New(info.Env(), static_cast<double>(operations));
}

void set_kernel_set(Napi::Env env, Napi::Object exports, const KernelSet& kernels) {
  env.GetInstanceData<Instance>()->kernels = &kernels;
  exports.Set("kernelSet", kernels.name);
  exports.Set("kernelSetDescription", kernels.description);
}

// useKernelSet(name): the one that this environment computes with from now on; the best for an empty name.
// JavaScript passes the name, as a worker's process.env is not the process's.
Napi::Value use_kernel_set_call(const Napi::CallbackInfo& info) {
  try {
    set_kernel_set(info.Env(), info.This().As<Napi::Object>(),
                   select_kernel_set(info[0].IsString() ? info[0].As<Napi::String>().Utf8Value() : ""));
  } catch (const std::runtime_error& error) {
    Napi::Error invalid = Napi::Error::New(info.Env(), error.what());
    invalid.Set("code", Napi::String::New(info.Env(), "ERR_INVALID_ARGUMENT"));
    throw invalid;
  }
  return info.Env().Undefined();
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Instance{nullptr});
  set_kernel_set(env, exports, select_kernel_set(""));
  Napi::Array runnable = Napi::Array::New(env);
  for (const KernelSet* set : runnable_kernel_sets()) runnable.Set(runnable.Length(), set->name);

  exports.Set("abi", kAbi);
  exports.Set("runnableKernelSets", runnable);
  exports.Set("threading", parallel_available() ? "OpenMP" : "none");
  exports.Set("defaultThreads", default_threads());
  exports.Set("gemm", Napi::Function::New<call<GemmCall, 6, 13>>(env));
  exports.Set("sigmoid", Napi::Function::New<call<SigmoidCall, 0, 3>>(env));
  exports.Set("sigmoidBackward", Napi::Function::New<call<SigmoidBackwardCall, 0, 4>>(env));
  exports.Set("outputDelta", Napi::Function::New<call<OutputDeltaCall, 0, 7>>(env));
  exports.Set("imageLinear", Napi::Function::New<call<ImageLinearCall, 0, 11>>(env));
  exports.Set("imageGradient", Napi::Function::New<call<ImageGradientCall, 0, 9>>(env));
  exports.Set("columnSums", Napi::Function::New<call<ColumnSumsCall, 0, 6>>(env));
  exports.Set("argmaxRows", Napi::Function::New<call<ArgmaxRowsCall, 0, 5>>(env));
  exports.Set("sgdUpdate", Napi::Function::New<call<SgdUpdateCall, 0, 4>>(env));
  exports.Set("useKernelSet", Napi::Function::New<use_kernel_set_call>(env));
  exports.Set("measurePeak", Napi::Function::New<measure_peak_call>(env));
  return exports;
}

}  // namespace
}  // namespace mnist

static Napi::Object initialize_addon(Napi::Env env, Napi::Object exports) {
  return mnist::initialize(env, exports);
}

NODE_API_MODULE(mnist_native, initialize_addon)
