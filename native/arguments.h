// JavaScript values -> checked numbers and views. Every error that a caller of the addon can cause is raised
// here, before any operation begins: as a JavaScript error with a `code` of src/errors.ts.
#ifndef MNIST_NATIVE_ARGUMENTS_H_
#define MNIST_NATIVE_ARGUMENTS_H_

#include <napi.h>

#include <cstdint>
#include <string>

namespace mnist {

enum class ElementType { kFloat32, kFloat64 };

// A typed array's memory. It belongs to JavaScript and is valid until the call returns.
template <typename T>
struct View {
  T* data;
  int64_t size;
};

// The arguments of one call, read by position.
class Arguments {
 public:
  // Throws unless exactly `count` arguments were passed.
  Arguments(const Napi::CallbackInfo& info, const char* function, size_t count);

  Napi::Env env() const { return info_.Env(); }
  bool boolean(size_t index, const char* name) const;
  double number(size_t index, const char* name) const;
  // A whole number in [least, 2^31 - 1], so that a product of two is exact in 64 bits.
  int64_t size(size_t index, const char* name, int64_t least = 0) const;
  bool is_null(size_t index) const { return info_[index].IsNull(); }

  // Float32 or Float64, whichever the array at `index` is.
  ElementType element_type(size_t index, const char* name) const;
  // A typed array of T.
  template <typename T>
  View<T> array(size_t index, const char* name) const;
  // A typed array of T with exactly `size` elements.
  template <typename T>
  T* array(size_t index, const char* name, int64_t size) const;

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

  // Throws unless every label is below `classes`.
  void require_labels(const uint8_t* labels, int64_t count, int64_t classes) const;
  // Throws unless every row number is in [0, rows).
  void require_rows(View<int32_t> row_numbers, int64_t rows) const;

  [[noreturn]] void fail(const char* code, const std::string& message) const;

 private:
  void require_disjoint(const void* output, int64_t output_bytes, const char* output_name, const void* input,
                        int64_t input_bytes, const char* input_name) const;

  const Napi::CallbackInfo& info_;
  const char* function_;
};

}  // namespace mnist

#endif  // MNIST_NATIVE_ARGUMENTS_H_
