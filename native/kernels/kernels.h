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
  // vectors are read, but of the last b_ends rows, behind whose columns the memory of B ends. What stands
  // behind column n, a part of the next row or padding, can be anything, NaN as well: it reaches lanes only
  // that are not stored.
  const T* b;
  int64_t b_stride;
  int64_t b_ends;
  T* c;
  int64_t c_stride;
  T alpha, beta;
  const T* bias;  // [n], or null
  Activation activation;
};

// Images that go through the blocks of weights together, at most.
constexpr int64_t kImageGroup = 32;

// Images or pixels whose sums are in the working memory at a time, at most.
constexpr int64_t kInkSums = 128;

// The most rows that a list of ink tells of: it holds positions in bytes, and eight are written at once.
constexpr int64_t kMostInkRows = 224;

// The bytes of kInkSums pixels of so many images, and as many lists.
constexpr int64_t kInkBytes = kInkSums * (2 * kMostInkRows + 8);

// Images of one byte a pixel, of which some rows are taken: x[i, p] = values[images[rows[i] * width + p]] +
// offset, with values[byte] = scale * byte.
template <typename T>
struct ImageRows {
  const uint8_t* images;
  int64_t width;
  const int32_t* rows;
  const T* values;  // [256]
  // Working memory, which a thread with a small stack would not have room for.
  T* sums;         // kInkSums * padded n elements
  uint8_t* bytes;  // kInkBytes; images_forward needs none
};

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
  // Copies A(i, p) = a[i * row_stride + p * k_stride], where one of the strides is 1, to packed[i *
  // packed_stride + p], in whole vectors: packed_stride is at least k rounded up to them.
  void (*gemm_pack_a)(int64_t m, int64_t k, const T* a, int64_t row_stride, int64_t k_stride, T* packed,
                      int64_t packed_stride);
  void (*gemm_block)(const GemmBlock<T>& block);
  // The same where columns of B and rows of A are contiguous in memory: element (p, j) of B stands at
  // b[j * b_stride + p], and a_k_stride is 1.
  void (*gemm_dots)(const GemmBlock<T>& block);

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

  // The first layer on images, see images.h; padded n is n rounded up to whole vectors. `packed` has width *
  // padded n elements, `sums` padded n: the sum of each row of `weight`, [n, width].
  void (*images_pack)(int64_t n, int64_t width, const T* weight, T* packed, T* sums);
  // out[i, :] = activation(base + values W'), for kImageGroup images [first, last) at most; base has padded n
  // elements. Meanwhile images [next, next_last) are asked for, which come after them.
  void (*images_forward)(const ImageRows<T>& x, int64_t first, int64_t last, int64_t next, int64_t next_last,
                         int64_t n, const T* packed, const T* base, Activation activation, T* out);
  // Packs `delta`, [count, n], into count * padded n elements.
  void (*images_pack_delta)(int64_t count, int64_t n, const T* delta, T* packed);
  // out[:, p] = base + sum over images of delta[i, :] values[i, p], for pixels [first, last), where `first`
  // is a multiple of 16; base has padded n elements. Without a base the sums are added to `out`.
  void (*images_gradient)(const ImageRows<T>& x, int64_t count, int64_t first, int64_t last, int64_t n,
                          const T* packed_delta, const T* base, T* out);
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
