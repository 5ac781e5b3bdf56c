#include "arguments.h"

#include <cmath>
#include <type_traits>

namespace mnist {
namespace {

constexpr const char* kInvalidArgument = "ERR_INVALID_ARGUMENT";
constexpr const char* kShape = "ERR_SHAPE";
constexpr const char* kLabelRange = "ERR_LABEL_RANGE";

// Marks the objects that hold a ListedImages: any number that nobody else uses.
constexpr napi_type_tag kListedImagesTag = {0x5d1c2f2b7a0e4b61, 0x9b83c6f00d2e4a17};

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

// All values at once, whatever their number: those that are missing are undefined.
Arguments::Arguments(napi_env env, napi_callback_info info, const char* function)
    : env_(env), function_(function) {
  napi_get_cb_info(env, info, &count_, values_, nullptr, nullptr);
}

void Arguments::fail(const char* code, const std::string& message) const {
  Napi::Error error = Napi::Error::New(env(), std::string(function_) + ": " + message);
  error.Set("code", Napi::String::New(env(), code));
  throw error;
}

// Each of these asks Node-API once: the call that reads a value also says whether it has the type. A call
// costs as much as some hundred multiplications, and one for an array as much as some thousand.
bool Arguments::boolean(const char* name) {
  bool value = false;
  if (napi_get_value_bool(env_, values_[next_++], &value) != napi_ok) {
    fail(kInvalidArgument, std::string("expected true or false for ") + name + ".");
  }
  return value;
}

double Arguments::number(const char* name) {
  double value = 0;
  if (napi_get_value_double(env_, values_[next_++], &value) != napi_ok) {
    fail(kInvalidArgument, std::string("expected a number for ") + name + ".");
  }
  return value;
}

int64_t Arguments::whole(const char* name, int64_t least, int64_t most) {
  const double value = number(name);
  if (!(value >= static_cast<double>(least) && value <= static_cast<double>(most)) ||
      value != std::floor(value)) {
    fail(kInvalidArgument, "expected a whole number from " + std::to_string(least) + " to " +
                               std::to_string(most) + " for " + name + " but received " +
                               Napi::Value(env_, values_[next_ - 1]).ToString().Utf8Value() + ".");
  }
  return static_cast<int64_t>(value);
}

Arguments::TypedArray Arguments::read_array(size_t index, napi_value* buffer) const {
  TypedArray array;
  napi_get_typedarray_info(env_, values_[index], &array.type, &array.length, &array.data, buffer, nullptr);
  return array;
}

ElementType Arguments::element_type() {
  first_ = read_array(0);
  if (first_.type == napi_float32_array) return ElementType::kFloat32;
  if (first_.type == napi_float64_array) return ElementType::kFloat64;
  fail(kInvalidArgument, "expected a Float32Array or a Float64Array for the first array.");
}

template <typename T>
View<T> Arguments::array(const char* name) {
  // What is used as an index after it was checked must not lie where another thread could change it.
  constexpr bool kIsIndex = !std::is_floating_point_v<T>;
  napi_value buffer = nullptr;
  const bool is_known = next_ == 0 && first_.type == ArrayType<T>::kType;
  const TypedArray array = is_known ? first_ : read_array(next_, kIsIndex ? &buffer : nullptr);
  ++next_;
  if (array.type != ArrayType<T>::kType) {
    fail(kInvalidArgument, std::string("expected a ") + ArrayType<T>::kName + " for " + name + ".");
  }
  if (array.length == 0) require_attached(values_[next_ - 1], name);
  bool is_own = true;
  if (kIsIndex) napi_is_arraybuffer(env_, buffer, &is_own);
  return {static_cast<T*>(array.data), static_cast<int64_t>(array.length), !is_own};
}

void Arguments::require_attached(napi_value array, const char* name) const {
  napi_value buffer = nullptr;
  bool is_detached = false;
  napi_get_typedarray_info(env(), array, nullptr, nullptr, nullptr, &buffer, nullptr);
  if (napi_is_detached_arraybuffer(env(), buffer, &is_detached) == napi_ok && is_detached) {
    fail(kShape, std::string("expected memory behind ") + name + ", but its buffer was transferred.");
  }
}

template <typename T>
View<T> Arguments::array_or_null(const char* name) {
  if (!Napi::Value(env_, values_[next_]).IsNull()) return array<T>(name);
  ++next_;
  return {nullptr, -1};
}

Labels Arguments::labels_or_null(const char* name) {
  napi_typedarray_type type = napi_int8_array;
  napi_get_typedarray_info(env_, values_[next_], &type, nullptr, nullptr, nullptr, nullptr);
  Labels labels;
  if (type == napi_int32_array) {
    labels.numbers = array<int32_t>(name);
  } else {
    labels.bytes = array_or_null<uint8_t>(name);
  }
  return labels;
}

const ListedImages* Arguments::listed_images_or_null(const char* name, int64_t count, int64_t width) {
  const napi_value value = values_[next_++];
  napi_valuetype type = napi_undefined;
  napi_typeof(env_, value, &type);
  if (type == napi_null) return nullptr;
  bool is_tagged = false;
  void* data = nullptr;
  if (type != napi_object ||
      napi_check_object_type_tag(env(), value, &kListedImagesTag, &is_tagged) != napi_ok || !is_tagged ||
      napi_unwrap(env(), value, &data) != napi_ok) {
    fail(kInvalidArgument, std::string("expected what listImages returned, or null, for ") + name + ".");
  }
  const ListedImages* const lists = static_cast<const ListedImages*>(data);
  if (lists->count() != count || lists->width() != width) {
    fail(kShape, std::string("expected the lists of ") + std::to_string(count) + " images of " +
                     std::to_string(width) + " pixels for " + name + ".");
  }
  return lists;
}

Napi::Value Arguments::holder_of(std::unique_ptr<ListedImages> lists) const {
  if (!lists) return env().Null();
  const Napi::Object holder = Napi::Object::New(env());
  const auto release = [](napi_env env, void* data, void*) {
    const std::unique_ptr<ListedImages> owned(static_cast<ListedImages*>(data));
    int64_t total = 0;
    napi_adjust_external_memory(env, -owned->bytes(), &total);  // A failure is no matter for what is freed.
  };
  if (napi_wrap(env(), holder, lists.get(), release, nullptr, nullptr) != napi_ok) {
    fail("ERR_OUT_OF_MEMORY", "no object could be made for the lists");
  }
  // Weighed, so that JavaScript knows what it frees with the object.
  Napi::MemoryManagement::AdjustExternalMemory(env(), lists.release()->bytes());
  if (napi_type_tag_object(env(), holder, &kListedImagesTag) != napi_ok) {
    fail("ERR_OUT_OF_MEMORY", "no object could be made for the lists");
  }
  return holder;
}

void Arguments::finish() const {
  if (count_ != next_) {
    fail(kInvalidArgument,
         "expected " + std::to_string(next_) + " arguments but received " + std::to_string(count_) + ".");
  }
}

void Arguments::fail_size(const char* name, int64_t received, int64_t expected) const {
  fail(kShape, "expected " + std::to_string(expected) + " elements in " + name + " but received " +
                   std::to_string(received) + (received == 0 ? " (was its buffer transferred?)." : "."));
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

template <typename T>
void Arguments::require_labels(View<T> labels, int64_t classes) const {
  if (labels.is_shared) fail_shared("labels");
  for (int64_t i = 0; i < labels.size; ++i) {
    if (labels.data[i] < T{0} || labels.data[i] >= classes) {
      fail(kLabelRange, "label " + std::to_string(labels.data[i]) + " of example " + std::to_string(i) +
                            " is out of range; with " + std::to_string(classes) +
                            " classes it must be from 0 to " + std::to_string(classes - 1) + ".");
    }
  }
}

void Arguments::require_rows(View<int32_t> row_numbers, int64_t rows) const {
  if (row_numbers.is_shared) fail_shared("rows");
  for (int64_t i = 0; i < row_numbers.size; ++i) {
    if (row_numbers.data[i] < 0 || row_numbers.data[i] >= rows) {
      fail(kInvalidArgument, "row number " + std::to_string(row_numbers.data[i]) + " at position " +
                                 std::to_string(i) + " is out of range; there are " + std::to_string(rows) +
                                 " rows.");
    }
  }
}

void Arguments::fail_shared(const char* name) const {
  fail(kInvalidArgument, std::string("expected ") + name +
                             " that no other thread can change, but they are on a SharedArrayBuffer.");
}

#define INSTANTIATE(T)                                    \
  template View<T> Arguments::array<T>(const char* name); \
  template View<T> Arguments::array_or_null<T>(const char* name)
INSTANTIATE(float);
INSTANTIATE(double);
INSTANTIATE(uint8_t);
INSTANTIATE(int32_t);
#undef INSTANTIATE
template void Arguments::require_labels<uint8_t>(View<uint8_t> labels, int64_t classes) const;
template void Arguments::require_labels<int32_t>(View<int32_t> labels, int64_t classes) const;

}  // namespace mnist
