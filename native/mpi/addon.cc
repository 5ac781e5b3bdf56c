// What JavaScript can call of MPI.
#include <napi.h>

#include <climits>
#include <exception>
#include <initializer_list>
#include <string>
#include <vector>

#include "collective.h"

namespace mnist_mpi {
namespace {

// Raised whenever a function changes its arguments; src/communicator/mpi-addon.ts checks it after loading.
constexpr int kAbi = 1;

// The arrays of the operation that is under way stay alive by these. They belong to the environment that
// started it.
struct Instance {
  std::vector<Napi::Reference<Napi::TypedArray>> held;
};

[[noreturn]] void fail(Napi::Env env, const char* code, const std::string& message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  throw error;
}

[[noreturn]] void refuse(Napi::Env env, const std::string& message) {
  fail(env, "ERR_INVALID_ARGUMENT", message);
}

// Runs what throws std::exception, which becomes an error of JavaScript.
template <typename Body>
auto guarded(Napi::Env env, Body body) {
  try {
    return body();
  } catch (const std::exception& error) {
    fail(env, "ERR_COMMUNICATOR", error.what());
  }
}

bool is(napi_typedarray_type type, std::initializer_list<napi_typedarray_type> types) {
  for (const napi_typedarray_type candidate : types) {
    if (type == candidate) return true;
  }
  return false;
}

struct Array {
  napi_typedarray_type type;
  size_t length, bytes;
  void* data;
};

// A typed array of one of these types, of no more bytes than MPI counts.
Array read_array(const Napi::CallbackInfo& info, size_t index, const char* expected,
                 std::initializer_list<napi_typedarray_type> types) {
  const Napi::Value value = info[index];
  Array array{};
  if (!value.IsTypedArray() ||
      napi_get_typedarray_info(info.Env(), value, &array.type, &array.length, &array.data, nullptr,
                               nullptr) != napi_ok ||
      !is(array.type, types)) {
    refuse(info.Env(), std::string("expected ") + expected + ".");
  }
  array.bytes = value.As<Napi::TypedArray>().ByteLength();
  if (array.bytes > INT_MAX) {
    refuse(info.Env(), "expected an array of fewer than 2 GiB, which is what MPI counts.");
  }
  return array;
}

int64_t read_whole(const Napi::CallbackInfo& info, size_t index, const char* name, int64_t most) {
  const Napi::Value value = info[index];
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!(number >= 0 && number <= static_cast<double>(most)) ||
      number != static_cast<double>(static_cast<int64_t>(number))) {
    refuse(info.Env(),
           std::string("expected a whole number from 0 to ") + std::to_string(most) + " for " + name + ".");
  }
  return static_cast<int64_t>(number);
}

// Before an operation starts: should that fail, the array is merely kept until the next one is done.
void hold(const Napi::CallbackInfo& info, size_t index) {
  info.Env().GetInstanceData<Instance>()->held.push_back(
      Napi::Persistent(info[index].As<Napi::TypedArray>()));
}

// start(): { rank, size, localSize }
Napi::Value start_call(const Napi::CallbackInfo& info) {
  const Membership membership = guarded(info.Env(), [] { return start(); });
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("rank", membership.rank);
  result.Set("size", membership.size);
  result.Set("localSize", membership.local_size);
  return result;
}

// startSum(data: Float32Array | Float64Array)
void start_sum_call(const Napi::CallbackInfo& info) {
  const Array data =
      read_array(info, 0, "a Float32Array or a Float64Array", {napi_float32_array, napi_float64_array});
  const MPI_Datatype type = data.type == napi_float32_array ? MPI_FLOAT : MPI_DOUBLE;
  hold(info, 0);
  guarded(info.Env(), [&] { start_sum(data.data, static_cast<int>(data.length), type); });
}

// startBroadcast(data: Float32Array | Float64Array | Uint8Array | Int32Array)
void start_broadcast_call(const Napi::CallbackInfo& info) {
  const Array data = read_array(info, 0, "a Float32Array, a Float64Array, a Uint8Array or an Int32Array",
                                {napi_float32_array, napi_float64_array, napi_uint8_array, napi_int32_array});
  hold(info, 0);
  guarded(info.Env(), [&] { start_broadcast(data.data, static_cast<int>(data.bytes)); });
}

// startGather(own: Uint8Array, all: Uint8Array, counts: Int32Array): counts[i] bytes of each rank i, in this
// order
void start_gather_call(const Napi::CallbackInfo& info) {
  const Array own = read_array(info, 0, "a Uint8Array of one's own", {napi_uint8_array});
  const Array all = read_array(info, 1, "a Uint8Array for all", {napi_uint8_array});
  const Array given = read_array(info, 2, "an Int32Array of counts", {napi_int32_array});
  const int32_t* const first = static_cast<const int32_t*>(given.data);
  const std::vector<int> counts(first, first + given.length);
  size_t total = 0;
  for (const int count : counts) {
    if (count < 0) refuse(info.Env(), "expected counts of at least 0.");
    total += static_cast<size_t>(count);
  }
  if (total != all.bytes) refuse(info.Env(), "expected room for as many bytes as the counts add up to.");
  const size_t rank = static_cast<size_t>(guarded(info.Env(), [] { return own_rank(); }));
  if (rank >= counts.size() || static_cast<size_t>(counts[rank]) != own.bytes) {
    refuse(info.Env(), "expected as many bytes of one's own as the counts say.");
  }
  hold(info, 0);
  hold(info, 1);
  guarded(info.Env(), [&] { start_gather(own.data, all.data, counts); });
}

// wait(microseconds): whether the operation that was started is done
Napi::Value wait_call(const Napi::CallbackInfo& info) {
  const int64_t microseconds = read_whole(info, 0, "microseconds", 1'000'000);
  const bool done = guarded(info.Env(), [&] { return wait(microseconds); });
  if (done) info.Env().GetInstanceData<Instance>()->held.clear();
  return Napi::Boolean::New(info.Env(), done);
}

// finish()
void finish_call(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [] { finish(); });
}

// abort(exitCode), which does not return
void abort_call(const Napi::CallbackInfo& info) {
  abort(static_cast<int>(read_whole(info, 0, "exitCode", 255)));
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Instance{});
  exports.Set("abi", kAbi);
  exports.Set("library", guarded(env, [] { return library_version(); }));
  exports.Set("start", Napi::Function::New<start_call>(env));
  exports.Set("startSum", Napi::Function::New<start_sum_call>(env));
  exports.Set("startBroadcast", Napi::Function::New<start_broadcast_call>(env));
  exports.Set("startGather", Napi::Function::New<start_gather_call>(env));
  exports.Set("wait", Napi::Function::New<wait_call>(env));
  exports.Set("finish", Napi::Function::New<finish_call>(env));
  exports.Set("abort", Napi::Function::New<abort_call>(env));
  return exports;
}

NODE_API_MODULE(mnist_native_mpi, initialize)

}  // namespace
}  // namespace mnist_mpi
