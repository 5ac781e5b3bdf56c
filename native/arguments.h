// JavaScript values -> checked numbers and views. Every error that a caller of the addon can cause is raised
// here, before any operation begins: as a JavaScript error with a `code` of src/errors.ts.
#ifndef MNIST_NATIVE_ARGUMENTS_H_
#define MNIST_NATIVE_ARGUMENTS_H_

#include <napi.h>

#include <cstdint>
#include <memory>
#include <string>

#include "listed_images.h"

namespace mnist {

enum class ElementType { kFloat32, kFloat64 };

// A typed array's memory. It belongs to JavaScript and is valid until the call returns.
template <typename T>
struct View {
  T* data;
  int64_t size;            // -1 for null
  bool is_shared = false;  // for what is an index: another thread may change it meanwhile
};

// Classes in one of two types. Both are null where there are none.
struct Labels {
  View<uint8_t> bytes = {nullptr, -1};
  View<int32_t> numbers = {nullptr, -1};
};

// The arguments of one call. Each function that names one reads the next.
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info, const char* function);
  Arguments(const Napi::CallbackInfo& info, const char* function)
      : Arguments(info.Env(), static_cast<napi_callback_info>(info), function) {}

  Napi::Env env() const { return env_; }
  // Float32 or Float64, whichever the first argument is; it is still to be read.
  ElementType element_type();

  bool boolean(const char* name);
  double number(const char* name);
  // A whole number in [least, 2^31 - 1], so that a product of two is exact in 64 bits.
  int64_t size(const char* name, int64_t least = 0) { return whole(name, least, INT32_MAX); }
  // A whole number in [least, most], where most is below 2^53.
  int64_t whole(const char* name, int64_t least, int64_t most);
  // A typed array of T.
  template <typename T>
  View<T> array(const char* name);
  // The same, or null: no array, which is not an empty one.
  template <typename T>
  View<T> array_or_null(const char* name);
  // An array of bytes or of whole numbers, or null.
  Labels labels_or_null(const char* name);
  // What an object of holder_of() holds, for so many images of this width; or null.
  const ListedImages* listed_images_or_null(const char* name, int64_t count, int64_t width);
  // Throws unless every argument has been read.
  void finish() const;

  // Throws unless the array has `size` elements.
  template <typename T>
  void require_size(View<T> view, const char* name, int64_t size) const {
    if (view.size != size) fail_size(name, view.size, size);
  }
  // The same, unless it is null.
  template <typename T>
  void require_size_or_null(View<T> view, const char* name, int64_t size) const {
    if (view.size >= 0) require_size(view, name, size);
  }

  // Throws if an output shares memory with an input.
  template <typename A, typename B>
  void require_disjoint(View<A> output, const char* output_name, View<B> input,
                        const char* input_name) const {
    require_disjoint(output.data, output.size * sizeof(A), output_name, input.data, input.size * sizeof(B),
                     input_name);
  }
  // The same for element-wise operations, which may write exactly onto their input.
  template <typename A, typename B>
  void require_same_or_disjoint(View<A> output, const char* output_name, View<B> input,
                                const char* input_name) const {
    if (static_cast<const void*>(output.data) != static_cast<const void*>(input.data)) {
      require_disjoint(output, output_name, input, input_name);
    }
  }

  // A JavaScript object that owns these lists, or null. No other object is taken for one.
  Napi::Value holder_of(std::unique_ptr<ListedImages> lists) const;

  // Throws unless every label is at least 0 and below `classes`, and no other thread can change it.
  template <typename T>
  void require_labels(View<T> labels, int64_t classes) const;
  // Throws unless every row number is in [0, rows).
  void require_rows(View<int32_t> row_numbers, int64_t rows) const;

  [[noreturn]] void fail(const char* code, const std::string& message) const;

 private:
  // The most arguments that a call has.
  static constexpr size_t kMost = 16;

  // What Node-API tells of a typed array; no argument is of the type that stands here for no array.
  struct TypedArray {
    napi_typedarray_type type = napi_int8_array;
    size_t length = 0;
    void* data = nullptr;
  };
  TypedArray read_array(size_t index, napi_value* buffer = nullptr) const;

  // Throws if the memory of an array without elements was transferred elsewhere.
  void require_attached(napi_value array, const char* name) const;
  [[noreturn]] void fail_size(const char* name, int64_t received, int64_t expected) const;
  [[noreturn]] void fail_shared(const char* name) const;
  void require_disjoint(const void* output, int64_t output_bytes, const char* output_name, const void* input,
                        int64_t input_bytes, const char* input_name) const;

  const napi_env env_;
  const char* const function_;
  napi_value values_[kMost];
  size_t count_ = kMost, next_ = 0;
  TypedArray first_;  // what element_type read
};

}  // namespace mnist

#endif  // MNIST_NATIVE_ARGUMENTS_H_
