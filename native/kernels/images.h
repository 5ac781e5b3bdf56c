// The first layer on images that stay bytes: x[i, p] = scale * byte + offset, without ever writing x.
//
// Most pixels of a drawing are background, byte 0, where x = offset. With the background taken out,
//   x W' = scale * (bytes W') + offset * (sum of each row of W)
// the sum over pixels needs only those that are not background, a fifth of MNIST's. Rounding apart the result
// is that of the dense product; an infinite weight can give NaN where the dense product stays infinite.
//
// Both products are sums of rows that stay in registers: an image's outputs are a sum of the weights of its
// pixels with ink, and a pixel's gradient is a sum of the deltas of the images with ink there.
#ifndef MNIST_NATIVE_KERNELS_IMAGES_H_
#define MNIST_NATIVE_KERNELS_IMAGES_H_

#include "kernels/activations.h"
#include "kernels/gemm_pack.h"
#include "kernels/ink.h"
#include "kernels/kernels.h"
#include "kernels/rows.h"
#include "kernels/vector.h"

namespace mnist {
namespace KERNEL_ISA {

// Vectors of outputs that are summed together in registers.
constexpr int kPanelVectors = 8;
// The rows that are summed, of one panel of outputs: weights stream from the second-level cache through the
// first, deltas fill most of the first.
constexpr int64_t kWeightBytes = 52 << 10;
constexpr int64_t kDeltaBytes = 28 << 10;
// Gradient: pixels whose sums are kept while the images pass by.
constexpr int64_t kInkPixels = 128;
static_assert(kImageGroup <= kInkSums && kInkPixels <= kInkSums, "the working memory is for so many");

template <typename T>
constexpr int64_t padded(int64_t n) {
  return (n + kLanes<T> - 1) / kLanes<T> * kLanes<T>;
}

// Part `index` of `count` nearly equal parts of [0, n), in multiples of `unit`, begins here.
inline int64_t part_start(int64_t n, int64_t unit, int64_t index, int64_t count) {
  const int64_t start = (n + unit - 1) / unit * index / count * unit;
  return start < n ? start : n;
}

// Outputs come in panels of nearly equal width, each a whole number of vectors. Calls body(first output,
// vectors) for each.
template <typename T, typename Body>
inline void for_each_panel(int64_t n, const Body& body) {
  const int64_t vectors = padded<T>(n) / kLanes<T>, panels = (vectors + kPanelVectors - 1) / kPanelVectors;
  for (int64_t panel = 0; panel < panels; ++panel) {
    const int64_t first = vectors * panel / panels;
    body(first * kLanes<T>, vectors * (panel + 1) / panels - first);
  }
}

// Calls body.template run<NV>() for the NV that equals `vectors`.
template <int NV, typename Body>
inline void with_vectors(int64_t vectors, const Body& body) {
  if (vectors == NV) {
    body.template run<NV>();
  } else if constexpr (NV > 1) {
    with_vectors<NV - 1>(vectors, body);
  }
}

// The rows of one panel that have at most so many bytes, but at least 32.
template <typename T>
inline int64_t ink_rows(int64_t n, int64_t bytes) {
  const int64_t widest = padded<T>(n) < kPanelVectors * kLanes<T> ? padded<T>(n) : kPanelVectors * kLanes<T>;
  const int64_t rows = bytes / (widest * static_cast<int64_t>(sizeof(T))) / 32 * 32;
  return rows < 32 ? 32 : rows > kMostInkRows ? kMostInkRows : rows;
}

// sums += values[bytes[p]] * rows[p, :], over the listed p.
template <typename T>
struct AddInk {
  const uint8_t* list;
  int64_t count;
  const uint8_t* bytes;
  const T* values;
  const T* rows;  // [positions, panel]
  T* sums;        // [panel]
  template <int NV>
  void run() const {
    Vector<T> totals[NV];
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) totals[v] = load(sums + v * kLanes<T>);
    for (int64_t e = 0; e < count; ++e) {
      const int64_t p = list[e];
      const Vector<T> x = broadcast<T>(values[bytes[p]]);
      const T* row = rows + p * NV * kLanes<T>;
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) totals[v] += x * load(row + v * kLanes<T>);
    }
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) store(sums + v * kLanes<T>, totals[v]);
  }
};

// One panel of weights, and the sum of each row.
template <typename T>
struct PackWeights {
  int64_t pixels, columns;
  const T* weight;
  T* packed;  // [pixels, panel]
  T* sums;    // [panel]
  template <int NV>
  void run() const {
    pack_columns<T, NV>(pixels, columns, weight, pixels, packed);
    Vector<T> even[NV] = {}, odd[NV] = {};
    const T* row = packed;
    for (int64_t p = 0; p + 2 <= pixels; p += 2, row += 2 * NV * kLanes<T>) {
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) {
        even[v] += load(row + v * kLanes<T>);
        odd[v] += load(row + (NV + v) * kLanes<T>);
      }
    }
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) {
      if (pixels % 2 == 1) even[v] += load(row + v * kLanes<T>);
      store(sums + v * kLanes<T>, even[v] + odd[v]);
    }
  }
};

template <typename T>
inline void images_pack_kernel(int64_t n, int64_t width, const T* weight, T* packed, T* sums) {
  for_each_panel<T>(n, [&](int64_t j, int64_t vectors) {
    const int64_t columns = n - j < vectors * kLanes<T> ? n - j : vectors * kLanes<T>;
    with_vectors<kPanelVectors>(
        vectors, PackWeights<T>{width, columns, weight + j * width, packed + j * width, sums + j});
  });
}

template <typename T>
inline void images_forward_kernel(const ImageRows<T>& x, int64_t first, int64_t last, int64_t next,
                                  int64_t next_last, int64_t n, const T* packed, const T* base,
                                  Activation activation, T* out) {
  const int64_t stride = padded<T>(n), most_pixels = ink_rows<T>(n, kWeightBytes);
  uint8_t list[kMostInkRows + 8];
  for (int64_t i = first; i < last; ++i) {
    for (int64_t j = 0; j < stride; j += kLanes<T>) store(x.sums + (i - first) * stride + j, load(base + j));
  }
  for (int64_t p = 0; p < x.width; p += most_pixels) {
    const int64_t pixels = x.width - p < most_pixels ? x.width - p : most_pixels;
    for (int64_t i = first; i < last; ++i) {
      const int64_t ahead = next + (i - first);
      if (ahead < next_last) prefetch_row(x.images + x.rows[ahead] * x.width + p, pixels);
      const uint8_t* bytes = x.images + x.rows[i] * x.width + p;
      const int64_t count = list_ink(bytes, pixels, list);
      if (count == 0) continue;
      for_each_panel<T>(n, [&](int64_t j, int64_t vectors) {
        const T* weights = packed + j * x.width + p * vectors * kLanes<T>;
        T* sums = x.sums + (i - first) * stride + j;
        with_vectors<kPanelVectors>(vectors, AddInk<T>{list, count, bytes, x.values, weights, sums});
      });
    }
  }
  for (int64_t i = first; i < last; ++i) {
    for (int64_t j = 0; j < n; j += kLanes<T>) {
      Vector<T> z = load(x.sums + (i - first) * stride + j);
      if (activation == Activation::kSigmoid) z = sigmoid<T>(z);
      if (n - j >= kLanes<T>) {
        store(out + i * n + j, z);
      } else {
        store_partial(out + i * n + j, z, n - j);
      }
    }
  }
}

// Packs `delta`, [count, n], into panels, [count, panel] each.
template <typename T>
inline void images_pack_delta_kernel(int64_t count, int64_t n, const T* delta, T* packed) {
  for_each_panel<T>(n, [&](int64_t j, int64_t vectors) {
    T* to = packed + j * count;
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t v = 0; v < vectors; ++v, to += kLanes<T>) {
        const T* from = delta + i * n + j + v * kLanes<T>;
        const int64_t lanes = n - j - v * kLanes<T>;
        store(to, lanes >= kLanes<T> ? load(from) : load_partial(from, lanes));
      }
    }
  });
}

// A block of bytes of some images, transposed: by_pixel[p * kMostInkRows + i] is pixel `first_pixel` + p of
// image `first` + i. Images are filled up with background to whole squares. Returns their number.
template <typename T>
inline int64_t transpose_images(const ImageRows<T>& x, int64_t first, int64_t images, int64_t first_pixel,
                                int64_t pixels, uint8_t* by_pixel) {
  int64_t i = 0;
  for (; i < images; i += kTransposedImages) {
    const uint8_t* from[kTransposedImages];
    const int64_t present = images - i < kTransposedImages ? images - i : kTransposedImages;
    for (int64_t r = 0; r < present; ++r) {
      from[r] = x.images + x.rows[first + i + r] * x.width + first_pixel;
    }
    for (int64_t p = 0; p < pixels; p += kTransposedPixels) {
      ByteRow square[kTransposedImages];
      if (present == kTransposedImages && pixels - p >= kTransposedPixels) {
#pragma GCC unroll 8
        for (int r = 0; r < kTransposedImages; ++r) memcpy(&square[r], from[r] + p, sizeof(ByteRow));
      } else {
        const int64_t bytes = pixels - p < kTransposedPixels ? pixels - p : kTransposedPixels;
        memset(square, 0, sizeof square);
        for (int64_t r = 0; r < present; ++r) memcpy(&square[r], from[r] + p, static_cast<size_t>(bytes));
      }
      transpose_bytes(square, by_pixel + p * kMostInkRows + i, kMostInkRows);
    }
  }
  return i;
}

// Transposes one panel of a block's gradient, [pixels, panel], into rows of `out`, with `base` added; or
// without one, with what is there.
template <typename T>
inline void store_gradient(const T* gradient, int64_t vectors, int64_t pixels, int64_t n, const T* base,
                           T* out, int64_t out_stride) {
  for (int64_t v = 0; v < vectors; ++v) {
    const Vector<T> constant = base ? load(base + v * kLanes<T>) : Vector<T>{};
    const int64_t rows = n - v * kLanes<T> < kLanes<T> ? n - v * kLanes<T> : kLanes<T>;
    for (int64_t p = 0; p < pixels; p += kLanes<T>) {
      const int64_t present = pixels - p < kLanes<T> ? pixels - p : kLanes<T>;
      Vector<T> square[kLanes<T>];
#pragma GCC unroll 16
      for (int64_t i = 0; i < kLanes<T>; ++i) {
        square[i] = load(gradient + ((p + i) * vectors + v) * kLanes<T>) + constant;
      }
      transpose<T>(square);
      T* to = out + v * kLanes<T> * out_stride + p;
      for (int64_t j = 0; j < rows && !base; ++j) {
        const T* from = to + j * out_stride;
        square[j] += present == kLanes<T> ? load(from) : load_partial(from, present);
      }
      if (present == kLanes<T> && rows == kLanes<T>) {
#pragma GCC unroll 16
        for (int64_t j = 0; j < kLanes<T>; ++j) store(to + j * out_stride, square[j]);
      } else {
        for (int64_t j = 0; j < rows; ++j) {
          if (present == kLanes<T>) {
            store(to + j * out_stride, square[j]);
          } else {
            store_partial(to + j * out_stride, square[j], present);
          }
        }
      }
    }
  }
}

template <typename T>
inline void images_gradient_kernel(const ImageRows<T>& x, int64_t count, int64_t first_pixel,
                                   int64_t last_pixel, int64_t n, const T* delta, const T* base, T* out) {
  const int64_t stride = padded<T>(n), width = last_pixel - first_pixel;
  const int64_t blocks = (width + kInkPixels - 1) / kInkPixels;
  const int64_t most_images = ink_rows<T>(n, kDeltaBytes), chunks = (count + most_images - 1) / most_images;
  constexpr int64_t kListBytes = kMostInkRows + 8;
  static_assert(kInkPixels * (kMostInkRows + kListBytes) <= kInkBytes, "the working memory is for so many");
  uint8_t* const by_pixel = x.bytes;
  uint8_t* const lists = x.bytes + kInkPixels * kMostInkRows;
  int64_t counts[kInkPixels];
  for (int64_t block = 0; block < blocks; ++block) {
    const int64_t p0 = part_start(width, kTransposedPixels, block, blocks);
    const int64_t pixels = part_start(width, kTransposedPixels, block + 1, blocks) - p0;
    // Panel by panel, with whole squares for store_gradient.
    const int64_t rows = padded<T>(pixels);
    for (int64_t e = 0; e < rows * stride; e += kLanes<T>) store(x.sums + e, Vector<T>{});
    for (int64_t chunk = 0; chunk < chunks; ++chunk) {
      const int64_t i0 = part_start(count, 1, chunk, chunks);
      const int64_t images = part_start(count, 1, chunk + 1, chunks) - i0;
      const int64_t filled = transpose_images(x, i0, images, first_pixel + p0, pixels, by_pixel);
      for (int64_t p = 0; p < pixels; ++p) {
        counts[p] = list_ink(by_pixel + p * kMostInkRows, filled, lists + p * kListBytes);
      }
      for_each_panel<T>(n, [&](int64_t j, int64_t vectors) {
        const int64_t panel = vectors * kLanes<T>;
        for (int64_t p = 0; p < pixels; ++p) {
          if (counts[p] == 0) continue;
          with_vectors<kPanelVectors>(
              vectors, AddInk<T>{lists + p * kListBytes, counts[p], by_pixel + p * kMostInkRows, x.values,
                                 delta + j * count + i0 * panel, x.sums + j * rows + p * panel});
        }
      });
    }
    for_each_panel<T>(n, [&](int64_t j, int64_t vectors) {
      store_gradient<T>(x.sums + j * rows, vectors, pixels, n - j, base ? base + j : nullptr,
                        out + j * x.width + first_pixel + p0, x.width);
    });
  }
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_IMAGES_H_
