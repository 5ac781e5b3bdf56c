// The first layer on images that stay bytes: x[i, p] = scale * byte + offset, without ever writing x.
//
// Most pixels of a drawing are background, byte 0, where x = offset. With the background taken out,
//   x W' = scale * (bytes W') + offset * (sum of each row of W)
// the sum over pixels needs only those that are not background, a fifth of MNIST's. Rounding apart the result
// is that of the dense product; an infinite weight can give NaN where the dense product stays infinite.
#ifndef MNIST_NATIVE_KERNELS_IMAGES_H_
#define MNIST_NATIVE_KERNELS_IMAGES_H_

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "kernels/activations.h"
#include "kernels/gemm.h"
#include "kernels/kernels.h"
#include "kernels/rows.h"
#include "kernels/vector.h"

namespace mnist {
namespace KERNEL_ISA {

// Vectors of outputs that are summed together in registers.
constexpr int kPanelVectors = 8;
// Numbers of one block of pixels, for all outputs, fill most of the first-level cache. A list holds positions
// within a block in bytes, and eight positions are written at once.
constexpr int64_t kInkBlockBytes = 24 << 10;
constexpr int64_t kMostInkPixels = 224;
// Images whose sums are kept while the blocks of weights pass by.
constexpr int64_t kInkImages = 64;

// The positions of the bits of a byte, lowest first, and how many there are.
struct BitPositions {
  uint8_t positions[256][8];
  uint8_t counts[256];
  constexpr BitPositions() : positions(), counts() {
    for (int byte = 0; byte < 256; ++byte) {
      for (int bit = 0; bit < 8; ++bit) {
        if (byte >> bit & 1) positions[byte][counts[byte]++] = static_cast<uint8_t>(bit);
      }
    }
  }
};
constexpr BitPositions kBitPositions;

constexpr uint64_t kEachByte = 0x0101010101010101;

// One bit for each of eight bytes: whether it is not 0.
inline uint64_t ink_bits(const uint8_t* bytes) {
  constexpr uint64_t kLowBits = 0x7f * kEachByte;
  uint64_t word;
  memcpy(&word, bytes, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  // The top bit of each byte tells whether it is 0; the product gathers the eight into one byte.
  const uint64_t top = (((word & kLowBits) + kLowBits) | word) & ~kLowBits;
  return (top >> 7) * 0x0102040810204080 >> 56;
}

// Lists the positions of bytes that are not 0, in order; `list` has room for `count` + 8. Without a branch on
// the data, which no processor could foresee.
inline int64_t list_ink(const uint8_t* bytes, int64_t count, uint8_t* list) {
  int64_t n = 0, p = 0;
  // Eight positions, of which as many count as the bits have.
  const auto append = [&](uint64_t bits) {
    uint64_t positions;
    memcpy(&positions, kBitPositions.positions[bits], 8);
    positions += static_cast<uint64_t>(p) * kEachByte;
    memcpy(list + n, &positions, 8);
    n += kBitPositions.counts[bits];
    p += 8;
  };
#ifdef __AVX2__
  while (p + 32 <= count) {
    const __m256i part = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + p));
    const uint32_t bits =
        ~static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(part, _mm256_setzero_si256())));
    append(bits & 255);
    append(bits >> 8 & 255);
    append(bits >> 16 & 255);
    append(bits >> 24);
  }
#endif
  while (p + 8 <= count) append(ink_bits(bytes + p));
  for (; p < count; ++p) {
    list[n] = static_cast<uint8_t>(p);
    n += bytes[p] != 0;
  }
  return n;
}

template <typename T>
constexpr int64_t padded(int64_t n) {
  return (n + kLanes<T> - 1) / kLanes<T> * kLanes<T>;
}

// Outputs come in panels of nearly equal width, each a whole number of vectors.
template <typename T>
struct Panels {
  int64_t vectors, count;
  explicit Panels(int64_t n)
      : vectors(padded<T>(n) / kLanes<T>), count((vectors + kPanelVectors - 1) / kPanelVectors) {}
  int64_t first_vector(int64_t panel) const { return vectors * panel / count; }
};

// Calls body.template run<NV>() for the NV that equals `vectors`.
template <int NV, typename Body>
inline void with_vectors(int64_t vectors, const Body& body) {
  if (vectors == NV) {
    body.template run<NV>();
  } else if constexpr (NV > 1) {
    with_vectors<NV - 1>(vectors, body);
  }
}

template <typename T>
inline int64_t ink_block_pixels(int64_t n) {
  const int64_t pixels = kInkBlockBytes / (padded<T>(n) * static_cast<int64_t>(sizeof(T))) / 32 * 32;
  return pixels < 32 ? 32 : pixels > kMostInkPixels ? kMostInkPixels : pixels;
}

// One panel of one image's sums.
template <typename T>
struct AddInk {
  const uint8_t* list;
  int64_t count;
  const uint8_t* bytes;
  const T* values;
  const T* weights;  // [pixels of the block, panel]
  T* sums;           // [panel]
  template <int NV>
  void run() const {
    Vector<T> totals[NV];
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) totals[v] = load(sums + v * kLanes<T>);
    for (int64_t e = 0; e < count; ++e) {
      const int64_t p = list[e];
      const Vector<T> x = broadcast<T>(values[bytes[p]]);
      const T* row = weights + p * NV * kLanes<T>;
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) totals[v] += x * load(row + v * kLanes<T>);
    }
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) store(sums + v * kLanes<T>, totals[v]);
  }
};

// One image's share of the gradient of one panel.
template <typename T>
struct ScatterInk {
  const uint8_t* list;
  int64_t count;
  const uint8_t* bytes;
  const T* values;
  const T* delta;  // [panel]
  T* gradient;     // [pixels of the block, panel]
  template <int NV>
  void run() const {
    Vector<T> row_delta[NV];
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) row_delta[v] = load(delta + v * kLanes<T>);
    for (int64_t e = 0; e < count; ++e) {
      const int64_t p = list[e];
      const Vector<T> x = broadcast<T>(values[bytes[p]]);
      T* row = gradient + p * NV * kLanes<T>;
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) store(row + v * kLanes<T>, load(row + v * kLanes<T>) + x * row_delta[v]);
    }
  }
};

template <typename T>
struct PackPanel {
  int64_t pixels, columns;
  const T* weight;
  int64_t row_stride;
  T* packed;
  template <int NV>
  void run() const {
    pack_columns<T, NV>(pixels, columns, weight, row_stride, packed);
  }
};

// Packs `weight`, [n, width], into panels, and writes the sum of each of its rows to `sums`, [padded n].
template <typename T>
inline void images_pack_kernel(int64_t n, int64_t width, const T* weight, T* packed, T* sums) {
  const Panels<T> panels(n);
  for (int64_t panel = 0; panel < panels.count; ++panel) {
    const int64_t first = panels.first_vector(panel), vectors = panels.first_vector(panel + 1) - first;
    const int64_t j = first * kLanes<T>;
    const int64_t columns = n - j < vectors * kLanes<T> ? n - j : vectors * kLanes<T>;
    T* to = packed + j * width;
    with_vectors<kPanelVectors>(vectors, PackPanel<T>{width, columns, weight + j * width, width, to});
    for (int64_t v = 0; v < vectors; ++v) {
      Vector<T> even = {}, odd = {};
      int64_t p = 0;
      for (; p + 2 <= width; p += 2) {
        even += load(to + (p * vectors + v) * kLanes<T>);
        odd += load(to + ((p + 1) * vectors + v) * kLanes<T>);
      }
      if (p < width) even += load(to + (p * vectors + v) * kLanes<T>);
      store(sums + j + v * kLanes<T>, even + odd);
    }
  }
}

template <typename T>
inline void images_forward_kernel(const ImageRows<T>& x, int64_t first, int64_t last, int64_t n,
                                  const T* packed, const T* base, Activation activation, T* out) {
  const Panels<T> panels(n);
  const int64_t stride = padded<T>(n), block = ink_block_pixels<T>(n);
  uint8_t list[kMostInkPixels + 8];
  for (int64_t i0 = first; i0 < last; i0 += kInkImages) {
    const int64_t i1 = last - i0 < kInkImages ? last : i0 + kInkImages;
    for (int64_t i = i0; i < i1; ++i) {
      for (int64_t j = 0; j < stride; j += kLanes<T>) store(x.sums + (i - i0) * stride + j, load(base + j));
    }
    for (int64_t p = 0; p < x.width; p += block) {
      const int64_t pixels = x.width - p < block ? x.width - p : block;
      for (int64_t i = i0; i < i1; ++i) {
        if (p == 0 && i + 4 < i1) prefetch_row(x.images + x.rows[i + 4] * x.width, x.width);
        const uint8_t* bytes = x.images + x.rows[i] * x.width + p;
        const int64_t count = list_ink(bytes, pixels, list);
        if (count == 0) continue;
        for (int64_t panel = 0; panel < panels.count; ++panel) {
          const int64_t v = panels.first_vector(panel), vectors = panels.first_vector(panel + 1) - v;
          const T* weights = packed + (v * x.width + p * vectors) * kLanes<T>;
          T* sums = x.sums + (i - i0) * stride + v * kLanes<T>;
          with_vectors<kPanelVectors>(vectors, AddInk<T>{list, count, bytes, x.values, weights, sums});
        }
      }
    }
    for (int64_t i = i0; i < i1; ++i) {
      for (int64_t j = 0; j < n; j += kLanes<T>) {
        Vector<T> z = load(x.sums + (i - i0) * stride + j);
        if (activation == Activation::kSigmoid) z = sigmoid<T>(z);
        if (n - j >= kLanes<T>) {
          store(out + i * n + j, z);
        } else {
          store_partial(out + i * n + j, z, n - j);
        }
      }
    }
  }
}

// Transposes one panel of a block's gradient, [pixels, panel], into rows of `out`, with `base` added.
template <typename T>
inline void store_gradient(const T* gradient, int64_t vectors, int64_t pixels, int64_t n, const T* base,
                           T* out, int64_t out_stride) {
  for (int64_t v = 0; v < vectors; ++v) {
    const Vector<T> constant = load(base + v * kLanes<T>);
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
  const Panels<T> panels(n);
  const int64_t stride = padded<T>(n), block = ink_block_pixels<T>(n);
  uint8_t list[kMostInkPixels + 8];
  for (int64_t p = first_pixel; p < last_pixel; p += block) {
    const int64_t pixels = last_pixel - p < block ? last_pixel - p : block;
    // Panel by panel, with whole squares for store_gradient.
    const int64_t rows = padded<T>(pixels);
    for (int64_t e = 0; e < rows * stride; e += kLanes<T>) store(x.sums + e, Vector<T>{});
    for (int64_t i = 0; i < count; ++i) {
      if (i + 8 < count) __builtin_prefetch(x.images + x.rows[i + 8] * x.width + p);
      if (i + 8 < count) __builtin_prefetch(x.images + x.rows[i + 8] * x.width + p + 64);
      const uint8_t* bytes = x.images + x.rows[i] * x.width + p;
      const int64_t ink = list_ink(bytes, pixels, list);
      if (ink == 0) continue;
      for (int64_t panel = 0; panel < panels.count; ++panel) {
        const int64_t v = panels.first_vector(panel), vectors = panels.first_vector(panel + 1) - v;
        const T* row_delta = delta + i * stride + v * kLanes<T>;
        T* gradient = x.sums + v * kLanes<T> * rows;
        with_vectors<kPanelVectors>(vectors, ScatterInk<T>{list, ink, bytes, x.values, row_delta, gradient});
      }
    }
    for (int64_t panel = 0; panel < panels.count; ++panel) {
      const int64_t v = panels.first_vector(panel), vectors = panels.first_vector(panel + 1) - v;
      const int64_t j = v * kLanes<T>;
      store_gradient<T>(x.sums + j * rows, vectors, pixels, n - j, base + j, out + j * x.width + p, x.width);
    }
  }
}

// The number of bytes that are not 0.
inline int64_t count_ink_kernel(const uint8_t* bytes, int64_t count) {
  int64_t total = 0;
  while (count > 0) {
    const int64_t part = count < 1024 ? count : 1024;
    int32_t sum = 0;
    for (int64_t p = 0; p < part; ++p) sum += bytes[p] != 0;
    total += sum;
    bytes += part;
    count -= part;
  }
  return total;
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_IMAGES_H_
