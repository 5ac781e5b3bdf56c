// What JavaScript can call.
#include <napi.h>

#include <new>
#include <stdexcept>

#include "arguments.h"
#include "calls.h"
#include "cpu.h"
#include "denormals.h"
#include "dropout_calls.h"
#include "loss_calls.h"
#include "normalization_calls.h"
#include "parallel.h"
#include "row_calls.h"
#include "softmax_calls.h"
#include "update_calls.h"

namespace mnist {
namespace {

// Raised whenever a function changes its arguments; src/backend/addon.ts checks it after loading.
constexpr int kAbi = 8;

// Calls Operation<float> or Operation<double>, as the first argument says, an array.
template <template <typename> class Operation>
napi_value call(napi_env env, napi_callback_info info) {
  const FlushDenormals flush;
  // Without Napi::CallbackInfo, which asks for more than six arguments twice and allocates room for them.
  try {
    Arguments arguments(env, info, Operation<float>::kName);
    try {
      if (arguments.element_type() == ElementType::kFloat32) {
        Operation<float>::run(arguments);
      } else {
        Operation<double>::run(arguments);
      }
    } catch (const std::bad_alloc&) {
      arguments.fail("ERR_OUT_OF_MEMORY", "there is not enough memory for the intermediate results");
    }
  } catch (const Napi::Error& error) {
    error.ThrowAsJavaScriptException();
  }
  return nullptr;  // undefined
}

template <template <typename> class Operation>
void export_call(Napi::Object exports) {
  napi_value function = nullptr;
  const napi_status status =
      napi_create_function(exports.Env(), nullptr, 0, call<Operation>, nullptr, &function);
  if (status != napi_ok) throw Napi::Error::New(exports.Env());
  exports.Set(Operation<float>::kName, function);
}

// listImages(images, width, threads): an object that holds the lists of all images' ink, or null where there
// is too much ink for lists, or another thread might change the images
Napi::Value list_images_call(const Napi::CallbackInfo& info) {
  Arguments args(info, "listImages");
  const View<uint8_t> images = args.array<uint8_t>("images");
  const int64_t width = args.size("width", 1);
  const Device device = last_argument(args);
  args.require_size(images, "images", images.size / width * width);
  // The ink is counted and then listed: in between another thread could add some, for which there is no room.
  if (images.is_shared) return info.Env().Null();
  try {
    return args.holder_of(ListedImages::list(device, images.data, images.size / width, width));
  } catch (const std::bad_alloc&) {
    args.fail("ERR_OUT_OF_MEMORY", "there is not enough memory for the lists of the images' ink");
  }
}

// measurePeak(isFloat32, iterations, threads): the number of floating-point operations done
Napi::Value measure_peak_call(const Napi::CallbackInfo& info) {
  Arguments args(info, "measurePeak");
  const bool is_float32 = args.boolean("isFloat32");
  const int64_t iterations = args.size("iterations", 1);
  const Device device = last_argument(args);
  const int64_t operations =
      is_float32 ? measure_peak<float>(device, iterations) : measure_peak<double>(device, iterations);
  return Napi::Number::New(info.Env(), static_cast<double>(operations));
}

// addressModulo(array, bytes): where a Float32Array or a Float64Array begins in memory, as a remainder
Napi::Value address_modulo_call(const Napi::CallbackInfo& info) {
  Arguments args(info, "addressModulo");
  const bool is_float32 = args.element_type() == ElementType::kFloat32;
  const void* const data = is_float32 ? static_cast<void*>(args.array<float>("array").data)
                                      : static_cast<void*>(args.array<double>("array").data);
  const int64_t bytes = args.size("bytes", 1);
  args.finish();
  const uintptr_t remainder = reinterpret_cast<uintptr_t>(data) % static_cast<uintptr_t>(bytes);
  return Napi::Number::New(info.Env(), static_cast<double>(remainder));
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
#define EXPORT(name, js_name) export_call<name##_call>(exports);
  MNIST_UNARY_OPERATIONS(EXPORT)
  MNIST_BINARY_OPERATIONS(EXPORT)
#undef EXPORT
  export_call<GemmCall>(exports);
  export_call<LossCall>(exports);
  export_call<DropoutCall>(exports);
  export_call<NormalizeBatchCall>(exports);
  export_call<NormalizeBatchBackwardCall>(exports);
  export_call<ScaleColumnsCall>(exports);
  export_call<GatherImagesCall>(exports);
  export_call<GatherRowsCall>(exports);
  export_call<ImageLinearCall>(exports);
  export_call<ImageGradientCall>(exports);
  export_call<LinearDescentCall>(exports);
  export_call<ImageDescentCall>(exports);
  export_call<ColumnSumsCall>(exports);
  export_call<ArgmaxRowsCall>(exports);
  export_call<SoftmaxCall>(exports);
  export_call<SgdUpdateCall>(exports);
  export_call<UpdateCall>(exports);
  export_call<AddPenaltyCall>(exports);
  export_call<SumOfSquaresCall>(exports);
  export_call<LimitNormsCall>(exports);
  exports.Set("listImages", Napi::Function::New<list_images_call>(env));
  exports.Set("addressModulo", Napi::Function::New<address_modulo_call>(env));
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
