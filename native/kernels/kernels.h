// The table of functions that each instruction set fills in. Nothing here knows threads or JavaScript: a
// function computes the block it is handed, on the calling thread. Matrices are row-major; sizes count
// elements.
#ifndef MNIST_NATIVE_KERNELS_KERNELS_H_
#define MNIST_NATIVE_KERNELS_KERNELS_H_

#include <stdint.h>

#include "kernels/elementwise.h"

namespace mnist {

enum class Activation { kIdentity, kSigmoid };

// One block of C = activation(alpha * A B + beta * C + bias).
// B comes in strips, each a whole number of vectors wide (see strip_vectors in gemm.h).
template <typename T>
struct GemmBlock {
  int64_t m, n, k;
  // Element (i, p) of A stands at a[i * a_row_stride + p * a_k_stride].
  const T* a;
  int64_t a_row_stride, a_k_stride;
  // Packed (b_stride = 0): the strip that begins at column j stands at b[j * k], its rows contiguous and
  // padded with zeros to whole vectors. Otherwise element (p, j) stands at b[p * b_stride + j], and whole
  // vectors are read: each row, the last as well, has n rounded up to whole vectors elements in memory. What
  // stands behind column n can be anything, NaN as well: it reaches lanes only that are not stored.
  const T* b;
  int64_t b_stride;
  T* c;
  int64_t c_stride;
  T alpha, beta;
  const T* bias;  // [n], or null
  Activation activation;
};

// A line of the processor's cache.
constexpr int64_t kLineBytes = 64;

// Images of which some are taken: image rows[i] is listed in ink[starts[rows[i]] .. starts[rows[i] + 1]), see
// ink_lists.h.
template <typename T>
struct InkImages {
  const uint32_t* starts;
  const uint16_t* ink;
  const int32_t* rows;
  const T* values;  // [256], values[byte] = scale * byte
};

// The ink of some images, pixel by pixel: entries[p * room .. ends[p]), in the order of images, with the byte
// in the upper half and the image's number, counted from the first of them, in the lower. For kListedImages
// at most, and no more than `room`.
struct PixelLists {
  uint16_t* entries;  // [width, room]
  uint32_t* ends;     // [width]
  int64_t room;
};
constexpr int64_t kListedImages = 256;

// Weights are summed in blocks of so many pixels.
constexpr int64_t kSummedPixels = 32;

// The most vectors of units that ink_gradient packs of each image.
constexpr int64_t kMostPanelVectors = 8;

// The running sums of a pass over output activations.
struct LossSums {
  double squared_error;
  int64_t correct;
};

template <typename T>
struct Kernels {
  // Width of a vector in elements.
  int64_t lanes;

  // Packs B as GemmBlock wants it, into k * (n + lanes) elements: B(p, j) = b[p * k_stride + j * n_stride],
  // where one of the strides is 1.
  void (*gemm_pack_b)(int64_t k, int64_t n, const T* b, int64_t k_stride, int64_t n_stride, T* packed);
  // Copies A(i, p) = a[i * row_stride + p * k_stride] to packed[i * k + p].
  void (*gemm_pack_a)(int64_t m, int64_t k, const T* a, int64_t row_stride, int64_t k_stride, T* packed);
  void (*gemm_block)(const GemmBlock<T>& block);

#define UNARY(name, js_name) void (*name)(int64_t size, const T* x, T* out);
#define BINARY(name, js_name) void (*name)(int64_t size, const T* a, const T* b, T* out);
  MNIST_UNARY_OPERATIONS(UNARY)
  MNIST_BINARY_OPERATIONS(BINARY)
#undef UNARY
#undef BINARY

  // delta may be null: then only the sums are computed.
  LossSums (*output_delta)(int64_t rows, int64_t columns, const T* a, const uint8_t* labels, T scale,
                           T* delta);

  void (*gather_rows)(int64_t rows, int64_t width, const uint8_t* images, const int32_t* row_numbers, T scale,
                      T offset, T* out);
  // Columns [first, last) of out[j] = alpha * sum_i x[i * stride + j].
  void (*column_sums)(int64_t rows, int64_t stride, int64_t first, int64_t last, const T* x, T alpha, T* out);
  void (*argmax_rows)(int64_t rows, int64_t columns, const T* x, int32_t* out);

  // The first layer on images whose ink is listed; ink_lists.h says what each does.
  int64_t (*ink_list)(const uint8_t* bytes, int64_t width, uint16_t* list);
  void (*ink_sum_weights)(int64_t width, int64_t first, int64_t last, int64_t first_unit, int64_t last_unit,
                          const T* weight, int64_t stride, T* sums);
  void (*ink_base)(int64_t width, int64_t first_unit, int64_t last_unit, const T* sums, int64_t stride,
                   T offset, const T* bias, T* base);
  void (*ink_forward)(const InkImages<T>& x, int64_t first, int64_t last, int64_t first_unit,
                      int64_t last_unit, const T* weight, int64_t stride, const T* base,
                      Activation activation, T* out, int64_t out_stride);
  void (*ink_sort)(const InkImages<T>& x, int64_t first, int64_t last, int64_t first_pixel,
                   int64_t last_pixel, const PixelLists& lists);
  void (*ink_gradient)(const T* values, const PixelLists& lists, int64_t count, int64_t first, int64_t last,
                       int64_t width, int64_t first_unit, int64_t last_unit, const T* delta,
                       int64_t delta_stride, T* packed, const T* base, T* gradient, int64_t stride, T rate,
                       T* weight, T* sums);
  int64_t (*count_ink)(const uint8_t* bytes, int64_t count);

  void (*sgd_update)(int64_t size, T learning_rate, const T* gradient, T* parameter);

  // Multiplies and adds in registers only; returns the number of floating-point operations done.
  int64_t (*peak)(int64_t iterations, T* sink);
};

struct KernelSet {
  const char* name;
  const char* description;
  Kernels<float> f32;
  Kernels<double> f64;

  template <typename T>
  const Kernels<T>& of() const;
};

template <>
inline const Kernels<float>& KernelSet::of<float>() const {
  return f32;
}

template <>
inline const Kernels<double>& KernelSet::of<double>() const {
  return f64;
}

// Each is defined by the file of that name; which of them are linked depends on the architecture.
extern const KernelSet kBaselineKernels;
extern const KernelSet kAvx2Kernels;
extern const KernelSet kAvx512Kernels;
extern const KernelSet kNeonKernels;

}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_KERNELS_H_
