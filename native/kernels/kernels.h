// The table of functions that each instruction set fills in. Nothing here knows threads or JavaScript: a
// function computes the block it is handed, on the calling thread. Matrices are row-major; sizes count
// elements.
#ifndef MNIST_NATIVE_KERNELS_KERNELS_H_
#define MNIST_NATIVE_KERNELS_KERNELS_H_

#include <stdint.h>

#include "kernels/elementwise.h"
#include "kernels/update_rules.h"

namespace mnist {

// In the order of ACTIVATIONS in src/backend/activation.ts, by whose numbers JavaScript names them.
enum class Activation { kIdentity, kSigmoid, kTanh, kRelu, kLeakyRelu, kElu, kGelu, kSilu };
constexpr int64_t kActivations = 8;

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

// A line of the processor's cache.
constexpr int64_t kLineBytes = 64;

// Images are cut into an upper and a lower half: each has a list of its own, and a sum over pixels is the sum
// of the halves' sums, whoever computes them. So a thread may have half of the pixels to itself in all
// passes, and half of the weights in its cache.
constexpr int64_t kHalves = 2;
inline int64_t first_pixel_of(int64_t half, int64_t width) {
  return half == 0 ? 0 : half == 1 ? width / 2 : width;
}

// Images of which some are taken: half h of image rows[i] is listed in ink[starts[kHalves * rows[i] + h] ..
// ends[kHalves * rows[i] + h]), see ink_lists.h.
template <typename T>
struct InkImages {
  const uint32_t* starts;
  const uint32_t* ends;
  const uint16_t* ink;
  const int32_t* rows;
  const T* values;  // [256], values[byte] = scale * byte
};

// The ink of some images of a minibatch, pixel by pixel: entries[p * room .. ends[p]), in the order of
// images, with the byte in the upper half and the image's number in the lower. A list has room for all
// images.
struct PixelLists {
  uint16_t* entries;  // [pixels, room]
  uint32_t* ends;     // [pixels]
  int64_t room;
};
// The images of a minibatch whose numbers fit.
constexpr int64_t kListedImages = 256;

// The gradient of the first layer, pixel by pixel: g[p, :] = base + sum over the listed ink of values[byte] *
// delta[image, :].
template <typename T>
struct InkGradient {
  const T* values;
  const PixelLists* lists;  // [parts], of kListedImages at most each, that follow each other
  int64_t parts;
  const T* packed;      // deltas of the panel at hand, as ink_pack_delta leaves them
  int64_t part_images;  // so many images of them belong to each part, but the last
  // [stride], zeros behind the units. Without it g is added to what is in `gradient`: so a large minibatch
  // goes by in several calls.
  const T* base;
  T* gradient;  // [pixels, stride], where g is written; or only read, or null with a base, if there is:
  T* weight;    // [pixels, stride] or null: weight[p, :] -= rate * g, with the bits of writing g and of
                // sgd_update
  int64_t stride;
  T rate;
};

// Images whose lists are asked for ahead of time: minibatches are drawn at random, and no hardware foresees
// that.
constexpr int64_t kAskedImages = 12;

// The farthest that one entry of an image's list is from the one before, in pixels.
constexpr int64_t kLongestStep = 255;

// A loss with the activation that gave a, as the derivative with respect to z depends on both; in the order
// of LOSSES in src/backend/operations/losses.ts, by whose numbers JavaScript names them.
enum class LossKind {
  kSquaredError,
  kSquaredErrorOfSigmoid,
  kAbsoluteError,
  kHuber,
  kBinaryCrossEntropy,  // of a sigmoid
  kCrossEntropy,        // of a softmax
};
constexpr int64_t kLossKinds = 6;

// Rows of output activations and what they should be; see Backend.loss in src/backend/operations/losses.ts.
template <typename T>
struct LossRows {
  LossKind kind;
  int64_t rows, outputs;
  const T* a;  // [rows, outputs]
  const T* z;  // [rows, outputs], for the cross-entropies
  // Just one of the three: [rows] classes, in one of two types, or [rows, outputs].
  const uint8_t* byte_labels;
  const int32_t* labels;
  const T* values;
  const T* weights;  // [rows] or null
  double smoothing, threshold, scale;
  T* delta;  // [rows, outputs] or null: then only the sums are computed
};

// The weighted sums of a pass over such rows: of the losses, of the correct rows, and of the weights alone.
struct LossSums {
  double loss, correct, weight;
};

// Which elements a dropout leaves out: element e of block c, of kDropoutBlock, is word e of Philox4x32-10 for
// the counter (c, draw) and the key (seed, stream), and stays if that is above `last_dropped`.
struct DropoutMask {
  uint32_t seed, stream;
  uint64_t draw;
  uint32_t last_dropped;
};
constexpr int64_t kDropoutBlock = 4;

// Batch normalisation of columns that begin at x, [rows, columns] in memory `stride` elements apart.
template <typename T>
struct BatchColumns {
  int64_t rows, stride;
  const T* x;
  const T* gamma;
};

template <typename T>
struct BatchNormalization {
  BatchColumns<T> batch;
  const T* beta;
  T *mean, *inverse_deviation;         // of this batch: written
  T *running_mean, *running_variance;  // updated
  T* out;
  double epsilon, momentum;
};

template <typename T>
struct BatchNormalizationBackward {
  BatchColumns<T> batch;
  const T* upstream;
  const T *mean, *inverse_deviation;
  T *gamma_gradient, *beta_gradient;
  T* out;  // dL/dx; may be upstream
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

  LossSums (*loss)(const LossRows<T>& rows);

  // out[i] = stays ? scale * x[i] : 0, where the first element is that of block `first_block`. out may be x.
  void (*dropout)(const DropoutMask& mask, uint64_t first_block, int64_t size, T scale, const T* x, T* out);

  // Columns [first, last).
  void (*normalize_batch)(const BatchNormalization<T>& p, int64_t first, int64_t last);
  void (*normalize_batch_backward)(const BatchNormalizationBackward<T>& p, int64_t first, int64_t last);
  // out[i, j] = x[i, j] * scale[j] + offset[j]; out may be x.
  void (*scale_columns)(int64_t rows, int64_t columns, const T* x, const T* scale, const T* offset, T* out);

  void (*gather_rows)(int64_t rows, int64_t width, const uint8_t* images, const int32_t* row_numbers, T scale,
                      T offset, T* out);
  // Columns [first, last) of out[j] = alpha * sum_i x[i * stride + j].
  void (*column_sums)(int64_t rows, int64_t stride, int64_t first, int64_t last, const T* x, T alpha, T* out);
  void (*argmax_rows)(int64_t rows, int64_t columns, const T* x, int32_t* out);
  // out may be x.
  void (*softmax)(int64_t rows, int64_t columns, const T* x, T* out);

  // The first layer on images whose ink is listed; ink_lists.h says what each does. Units are those of one
  // panel, of `panel_units` at most.
  int64_t panel_units;
  int64_t (*ink_list)(const uint8_t* bytes, int64_t width, uint16_t* list);
  void (*ink_base)(int64_t pixels, int64_t first_unit, int64_t last_unit, const T* weight, int64_t stride,
                   T offset, const T* bias, T* base);
  void (*ink_sums)(const InkImages<T>& x, int64_t half, int64_t first, int64_t last, int64_t asked_first,
                   int64_t asked_last, int64_t first_unit, int64_t last_unit, const T* weight, int64_t stride,
                   const T* base, T* sums, int64_t sums_stride);
  void (*ink_finish)(int64_t images, int64_t units, const T* upper, const T* lower, int64_t sums_stride,
                     Activation activation, T* out, int64_t out_stride);
  void (*ink_sort)(const InkImages<T>& x, int64_t half, int64_t images, int64_t pixels,
                   const PixelLists& lists);
  void (*ink_pack_delta)(int64_t count, int64_t first_unit, int64_t last_unit, const T* delta,
                         int64_t delta_stride, T* packed);
  void (*ink_gradient)(const InkGradient<T>& gradient, int64_t first, int64_t last, int64_t first_unit,
                       int64_t last_unit);
  int64_t (*count_ink)(const uint8_t* bytes, int64_t count);

  void (*sgd_update)(int64_t size, T learning_rate, const T* gradient, T* parameter);
  // updates.h says what these do.
  void (*update)(const Update<T>& update);
  void (*add_penalty)(int64_t size, T l2, T l1, const T* parameter, T* gradient);
  double (*sum_of_squares)(int64_t size, const T* x);
  void (*limit_norms)(int64_t inputs, int64_t ldw, int64_t first, int64_t last, int64_t units, double most,
                      T* weight);

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
