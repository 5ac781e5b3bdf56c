#include "arguments.h"

#include <cmath>

namespace mnist {
namespace {

constexpr const char* kInvalidArgument = "ERR_INVALID_ARGUMENT";
constexpr const char* kShape = "ERR_SHAPE";
constexpr const char* kLabelRange = "ERR_LABEL_RANGE";

template <typename T>
struct ArrayType;
template <>
struct ArrayType<float> {
  static constexpr napi_typedarray_type kType = napi_float32_array;
  static constexpr const char* kName = "Float32Array";
};
template <>
struct ArrayType<double> {
  static constexpr napi_typedarray_type kType = napi_float64_array;
  static constexpr const char* kName = "Float64Array";
};
template <>
struct ArrayType<uint8_t> {
  static constexpr napi_typedarray_type kType = napi_uint8_array;
  static constexpr const char* kName = "Uint8Array";
};
template <>
struct ArrayType<int32_t> {
  static constexpr napi_typedarray_type kType = napi_int32_array;
  static constexpr const char* kName = "Int32Array";
};

}  // namespace

Arguments::Arguments(const Napi::CallbackInfo& info, const char* function, size_t count)
    : info_(info), function_(function) {
  if (info.Length() != count) {
    fail(kInvalidArgument, "expected " + std::to_string(count) + " arguments but received " +
                               std::to_string(info.Length()) + ".");
  }
}

void Arguments::fail(const char* code, const std::string& message) const {
  Napi::Error error = Napi::Error::New(env(), std::string(function_) + ": " + message);
  error.Set("code", Napi::String::New(env(), code));
  throw error;
}

// Each of these asks Node-API once: the call that reads a value also says whether it has the type. A call
// costs as much as some hundred multiplications.
bool Arguments::boolean(size_t index, const char* name) const {
  bool value = false;
  if (napi_get_value_bool(env(), info_[index], &value) != napi_ok) {
    fail(kInvalidArgument, std::string("expected true or false for ") + name + ".");
  }
  return value;
}

double Arguments::number(size_t index, const char* name) const {
  double value = 0;
  if (napi_get_value_double(env(), info_[index], &value) != napi_ok) {
    fail(kInvalidArgument, std::string("expected a number for ") + name + ".");
  }
  return value;
}

int64_t Arguments::size(size_t index, const char* name, int64_t least) const {
  double value = number(index, name);
  if (!(value >= static_cast<double>(least) && value <= INT32_MAX) || value != std::floor(value)) {
    fail(kInvalidArgument, "expected a whole number from " + std::to_string(least) + " to 2147483647 for " +
                               name + " but received " + info_[index].ToString().Utf8Value() + ".");
  }
  return static_cast<int64_t>(value);
}

ElementType Arguments::element_type(size_t index, const char* name) const {
  napi_typedarray_type type = napi_int8_array;
  napi_get_typedarray_info(env(), info_[index], &type, nullptr, nullptr, nullptr, nullptr);
  if (type == napi_float32_array) return ElementType::kFloat32;
  if (type == napi_float64_array) return ElementType::kFloat64;
  fail(kInvalidArgument, std::string("expected a Float32Array or a Float64Array for ") + name + ".");
}

template <typename T>
View<T> Arguments::array(size_t index, const char* name) const {
  napi_typedarray_type type = napi_int8_array;  // which no argument has
  size_t length = 0;
  void* data = nullptr;
  napi_get_typedarray_info(env(), info_[index], &type, &length, &data, nullptr, nullptr);
  if (type != ArrayType<T>::kType) {
    fail(kInvalidArgument, std::string("expected a ") + ArrayType<T>::kName + " for " + name + ".");
  }
  return {static_cast<T*>(data), static_cast<int64_t>(length)};
}

template <typename T>
T* Arguments::array(size_t index, const char* name, int64_t size) const {
  View<T> view = array<T>(index, name);
  if (view.size != size) {
    fail(kShape, "expected " + std::to_string(size) + " elements in " + name + " but received " +
                     std::to_string(view.size) + (view.size == 0 ? " (was its buffer transferred?)." : "."));
  }
  return view.data;
}

void Arguments::require_disjoint(const void* output, int64_t output_bytes, const char* output_name,
                                 const void* input, int64_t input_bytes, const char* input_name) const {
  auto output_address = reinterpret_cast<uintptr_t>(output),
       input_address = reinterpret_cast<uintptr_t>(input);
  if (output_bytes > 0 && input_bytes > 0 &&
      output_address < input_address + static_cast<uintptr_t>(input_bytes) &&
      input_address < output_address + static_cast<uintptr_t>(output_bytes)) {
    fail(kInvalidArgument,
         std::string("the output ") + output_name + " shares memory with the input " + input_name + ".");
  }
}

void Arguments::require_labels(const uint8_t* labels, int64_t count, int64_t classes) const {
  for (int64_t i = 0; i < count; ++i) {
    if (labels[i] >= classes) {
      fail(kLabelRange, "label " + std::to_string(labels[i]) + " of example " + std::to_string(i) +
                            " is out of range; with " + std::to_string(classes) +
                            " classes it must be below " + std::to_string(classes) + ".");
    }
  }
}

void Arguments::require_rows(View<int32_t> row_numbers, int64_t rows) const {
  for (int64_t i = 0; i < row_numbers.size; ++i) {
    if (row_numbers.data[i] < 0 || row_numbers.data[i] >= rows) {
      fail(kInvalidArgument, "row number " + std::to_string(row_numbers.data[i]) + " at position " +
                                 std::to_string(i) + " is out of range; there are " + std::to_string(rows) +
                                 " rows.");
    }
  }
}

template View<float> Arguments::array<float>(size_t, const char*) const;
template View<double> Arguments::array<double>(size_t, const char*) const;
template View<uint8_t> Arguments::array<uint8_t>(size_t, const char*) const;
template View<int32_t> Arguments::array<int32_t>(size_t, const char*) const;
template float* Arguments::array<float>(size_t, const char*, int64_t) const;
template double* Arguments::array<double>(size_t, const char*, int64_t) const;
template uint8_t* Arguments::array<uint8_t>(size_t, const char*, int64_t) const;
template int32_t* Arguments::array<int32_t>(size_t, const char*, int64_t) const;

}  // namespace mnist
