// The first layer on images whose ink is listed once for a whole run: x[i, p] = scale * byte + offset, of
// which most pixels are background, byte 0.
//
//   x W' = sum over ink of (scale * byte) W'[p, :] + offset * (sum over all p of W'[p, :])
//   x' delta = for each p: sum over images with ink at p of (scale * byte) delta[i, :] + offset * (column
//   sums)
//
// The list of an image has one uint16 for each pixel with ink, in order: the byte in the upper half, in the
// lower one the distance from the pixel before, from pixel 0 for the first. Where the distance is more than
// 255, entries with byte 0 lie between; they add 0 times a row. An infinite weight or delta can so give NaN
// where the dense product stays infinite, as can the background that is taken out. Any width can be listed.
//
// Weights lie pixel by pixel: W'[p, j] = weight[p * stride + j], where `stride` is a whole number of cache
// lines, and numbers between n and `stride` are zeros and stay so. An odd number of lines is best for many
// units: with 32 lines, a panel of eight finds room in a quarter of the first-level cache only.
//
// Bits: a result is one chain of multiplications with additions, over the pixels of an image or the images of
// a minibatch, both in order, whatever part of units, images and pixels a call is asked for. So they depend
// neither on threads nor on the width of vectors.
#ifndef MNIST_NATIVE_KERNELS_INK_LISTS_H_
#define MNIST_NATIVE_KERNELS_INK_LISTS_H_

#ifdef __AVX2__
#include <immintrin.h>
#endif
#include <stdint.h>
#include <string.h>

#include "kernels/activations.h"
#include "kernels/ink.h"
#include "kernels/kernels.h"
#include "kernels/vector.h"

namespace mnist {
namespace KERNEL_ISA {

// Vectors of units that are summed in registers, for each of two images, or for one pixel with the sums of
// weights.
constexpr int kPanelUnitVectors = kRegisters / 2 - 1 < 8 ? kRegisters / 2 - 1 : 8;

// Images whose lists are asked for ahead of time: minibatches are drawn at random, and no hardware foresees
// that.
constexpr int64_t kAskedImages = 12;

template <int NV, typename Body>
inline void run_with_vectors(int64_t vectors, int64_t unit, const Body& body) {
  if (vectors == NV) {
    body.template run<NV>(unit);
  } else if constexpr (NV > 1) {
    run_with_vectors<NV - 1>(vectors, unit, body);
  }
}

// Units [first, last), of which `first` begins a cache line, in panels of nearly equal width, each a whole
// number of vectors, `Most` at most. Calls body.template run<vectors>(first unit) for each.
template <typename T, int Most, typename Body>
inline void for_each_unit_panel(int64_t first, int64_t last, const Body& body) {
  const int64_t vectors = (last - first + kLanes<T> - 1) / kLanes<T>, panels = (vectors + Most - 1) / Most;
  for (int64_t panel = 0; panel < panels; ++panel) {
    const int64_t start = vectors * panel / panels;
    run_with_vectors<Most>(vectors * (panel + 1) / panels - start, first + start * kLanes<T>, body);
  }
}

// One bit for each of `count` bytes, 64 at most: whether it is not 0.
inline uint64_t ink_bits_of(const uint8_t* bytes, int64_t count) {
  uint64_t bits = 0;
#ifdef __AVX2__
  if (count == 64) {
    const __m256i zero = _mm256_setzero_si256();
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + 32));
    const uint32_t low_zeros = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, zero)));
    const uint32_t high_zeros = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, zero)));
    return ~(static_cast<uint64_t>(high_zeros) << 32 | low_zeros);
  }
#endif
  int64_t p = 0;
  for (; p + 8 <= count; p += 8) bits |= ink_bits(bytes + p) << p;
  for (; p < count; ++p) bits |= static_cast<uint64_t>(bytes[p] != 0) << p;
  return bits;
}

// Lists the ink of one image; `list` has room for `width` entries. Returns their number.
inline int64_t ink_list_kernel(const uint8_t* bytes, int64_t width, uint16_t* list) {
  int64_t n = 0, last = 0;
  for (int64_t p = 0; p < width; p += 64) {
    uint64_t bits = ink_bits_of(bytes + p, width - p < 64 ? width - p : 64);
    for (; bits != 0; bits &= bits - 1) {
      const int64_t at = p + __builtin_ctzll(bits);
      for (; at - last > 255; last += 255) list[n++] = 255;
      list[n++] = static_cast<uint16_t>(bytes[at] << 8 | (at - last));
      last = at;
    }
  }
  return n;
}

// Inlined always, and early: GCC 12 takes a function that only prefetches for one without effect, and removes
// the calls.
template <typename T>
__attribute__((always_inline)) inline void ask_for_ink(const InkImages<T>& x, int64_t i) {
  const int64_t first = x.starts[x.rows[i]], last = x.starts[x.rows[i] + 1];
  for (int64_t e = first; e < last; e += 32) __builtin_prefetch(x.ink + e);
  __builtin_prefetch(x.ink + last);
}

template <typename T>
struct ForwardOnInk {
  const InkImages<T>& x;
  int64_t first, last, first_unit, last_unit;
  const T* weight;
  int64_t stride;
  const T* base;
  Activation activation;
  T* out;
  int64_t out_stride;

  struct List {
    const uint16_t* ink;
    int64_t count;
  };
  List list_of(int64_t i) const {
    const int64_t start = x.starts[x.rows[i]];
    return {x.ink + start, x.starts[x.rows[i] + 1] - start};
  }

  // sums += x W', one entry; moves `row` to the entry's pixel.
  template <int NV>
  void add(Vector<T> (&sums)[NV], const T*& row, int64_t entry) const {
    row += (entry & 255) * stride;
    const Vector<T> value = broadcast<T>(x.values[entry >> 8]);
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) sums[v] += value * load(row + v * kLanes<T>);
  }

  template <int NV>
  void finish(const Vector<T> (&sums)[NV], int64_t i, int64_t unit) const {
    T* to = out + i * out_stride + unit;
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) {
      const Vector<T> z = activation == Activation::kSigmoid ? sigmoid<T>(sums[v]) : sums[v];
      const int64_t lanes = last_unit - unit - v * kLanes<T>;
      if (lanes >= kLanes<T>) {
        store(to + v * kLanes<T>, z);
      } else {
        store_partial(to + v * kLanes<T>, z, lanes);
      }
    }
  }

  template <int NV>
  void run(int64_t unit) const {
    const T* const rows = weight + unit;
    const bool asks = unit == first_unit;
    for (int64_t i = first; asks && i < last && i < first + kAskedImages; ++i) ask_for_ink(x, i);
    int64_t i = first;
    for (; i + 2 <= last; i += 2) {
      if (asks && i + kAskedImages < last) ask_for_ink(x, i + kAskedImages);
      if (asks && i + 1 + kAskedImages < last) ask_for_ink(x, i + 1 + kAskedImages);
      Vector<T> sums_a[NV], sums_b[NV];
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) sums_a[v] = sums_b[v] = load(base + unit + v * kLanes<T>);
      const List a = list_of(i), b = list_of(i + 1);
      const T *row_a = rows, *row_b = rows;
      const int64_t both = a.count < b.count ? a.count : b.count;
      for (int64_t e = 0; e < both; ++e) {
        add<NV>(sums_a, row_a, a.ink[e]);
        add<NV>(sums_b, row_b, b.ink[e]);
      }
      for (int64_t e = both; e < a.count; ++e) add<NV>(sums_a, row_a, a.ink[e]);
      for (int64_t e = both; e < b.count; ++e) add<NV>(sums_b, row_b, b.ink[e]);
      finish<NV>(sums_a, i, unit);
      finish<NV>(sums_b, i + 1, unit);
    }
    if (i < last) {
      Vector<T> sums[NV];
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) sums[v] = load(base + unit + v * kLanes<T>);
      const List list = list_of(i);
      const T* row = rows;
      for (int64_t e = 0; e < list.count; ++e) add<NV>(sums, row, list.ink[e]);
      finish<NV>(sums, i, unit);
    }
  }
};

// out[i, j] = activation(base[j] + sum over ink of values[byte] * weight[p, j]) for images [first, last) and
// units [first_unit, last_unit); `first_unit` begins a cache line. weight: [width, stride], see above; base:
// [stride]; out: rows of `out_stride`, of which nothing but these units is written. No alignment is needed,
// 64 bytes are quickest.
template <typename T>
inline void ink_forward_kernel(const InkImages<T>& x, int64_t first, int64_t last, int64_t first_unit,
                               int64_t last_unit, const T* weight, int64_t stride, const T* base,
                               Activation activation, T* out, int64_t out_stride) {
  for_each_unit_panel<T, kPanelUnitVectors>(first_unit, last_unit,
                                            ForwardOnInk<T>{x, first, last, first_unit, last_unit, weight,
                                                            stride, base, activation, out, out_stride});
}

// Sorts the ink of images [first, last), kListedImages at most, in pixels [first_pixel, last_pixel). Writes
// nothing of `lists` that belongs to other pixels, so that threads can share one.
template <typename T>
inline void ink_sort_kernel(const InkImages<T>& x, int64_t first, int64_t last, int64_t first_pixel,
                            int64_t last_pixel, const PixelLists& lists) {
  for (int64_t p = first_pixel; p < last_pixel; ++p) lists.ends[p] = static_cast<uint32_t>(p * lists.room);
  uint32_t* const ends_end = lists.ends + last_pixel;
  for (int64_t i = first; i < last && i < first + kAskedImages; ++i) ask_for_ink(x, i);
  for (int64_t i = first; i < last; ++i) {
    if (i + kAskedImages < last) ask_for_ink(x, i + kAskedImages);
    const uint16_t* entry = x.ink + x.starts[x.rows[i]];
    const uint16_t* const end = x.ink + x.starts[x.rows[i] + 1];
    const uint32_t number = static_cast<uint32_t>(i - first);
    int64_t p = 0;
    while (entry < end && p + (*entry & 255) < first_pixel) p += *entry++ & 255;
    uint32_t* pixel_end = lists.ends + p;
    for (; entry < end; ++entry) {
      const uint32_t ink = *entry;
      pixel_end += ink & 255;
      if (pixel_end >= ends_end) break;
      const uint32_t at = *pixel_end;
      *pixel_end = at + 1;
      lists.entries[at] = static_cast<uint16_t>((ink & 0xff00) | number);
    }
  }
}

// sums[block * stride + j] = sum over the block's pixels of weight[p * stride + j], pixel by pixel.
template <typename T>
struct SumWeights {
  int64_t width, first, last;
  const T* weight;
  int64_t stride;
  T* sums;
  template <int NV>
  void run(int64_t unit) const {
    for (int64_t block = first; block < last; ++block) {
      const int64_t end = (block + 1) * kSummedPixels < width ? (block + 1) * kSummedPixels : width;
      Vector<T> totals[NV] = {};
      for (int64_t p = block * kSummedPixels; p < end; ++p) {
#pragma GCC unroll 8
        for (int v = 0; v < NV; ++v) totals[v] += load(weight + p * stride + unit + v * kLanes<T>);
      }
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) store(sums + block * stride + unit + v * kLanes<T>, totals[v]);
    }
  }
};

// For blocks [first, last) and units [first_unit, last_unit), and as far as their last vector reaches; sums:
// [blocks of the width, stride].
template <typename T>
inline void ink_sum_weights_kernel(int64_t width, int64_t first, int64_t last, int64_t first_unit,
                                   int64_t last_unit, const T* weight, int64_t stride, T* sums) {
  for_each_unit_panel<T, 8>(first_unit, last_unit, SumWeights<T>{width, first, last, weight, stride, sums});
}

// base[j] = bias[j] + offset * (sum of the blocks' sums), for units [first_unit, last_unit) and as far as
// their last vector reaches. bias: [last_unit] or null.
template <typename T>
inline void ink_base_kernel(int64_t width, int64_t first_unit, int64_t last_unit, const T* sums,
                            int64_t stride, T offset, const T* bias, T* base) {
  const int64_t blocks = (width + kSummedPixels - 1) / kSummedPixels;
  for (int64_t j = first_unit; j < last_unit; j += kLanes<T>) {
    Vector<T> total = {};
    for (int64_t block = 0; block < blocks; ++block) total += load(sums + block * stride + j);
    const int64_t lanes = last_unit - j;
    Vector<T> constant = {};
    if (bias) constant = lanes >= kLanes<T> ? load(bias + j) : load_partial(bias + j, lanes);
    store(base + j, constant + total * offset);
  }
}

template <typename T>
struct GradientOnInk {
  const T* values;
  const PixelLists& lists;
  int64_t count, first, last, width, first_unit, last_unit;
  const T* delta;
  int64_t delta_stride;
  T* packed;
  const T* base;
  T* gradient;
  int64_t stride;
  T rate;
  T* weight;
  T* sums;

  // The first `lanes` lanes, zeros behind them.
  static Vector<T> keep_lanes(Vector<T> x, int64_t lanes) {
    T ones[2 * kLanes<T>];
    for (int64_t l = 0; l < 2 * kLanes<T>; ++l) ones[l] = static_cast<T>(l < kLanes<T>);
    return select<T>(load(ones + kLanes<T> - lanes) != 0, x, Vector<T>{});
  }

  // The deltas of one panel: packed[i * NV * lanes + ...], so that they lie close and are whole vectors.
  template <int NV>
  void pack(int64_t unit) const {
    if (count == 0) return;
    const T* const end = delta + (count - 1) * delta_stride + last_unit;
    for (int64_t i = 0; i < count; ++i) {
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) {
        const T* from = delta + i * delta_stride + unit + v * kLanes<T>;
        const int64_t lanes = last_unit - unit - v * kLanes<T>;
        Vector<T> x;
        if (lanes >= kLanes<T>) {
          x = load(from);
        } else if (end - from >= kLanes<T>) {  // reads on into the next image
          x = keep_lanes(load(from), lanes);
        } else {
          x = load_partial(from, lanes);
        }
        store(packed + (i * NV + v) * kLanes<T>, x);
      }
    }
  }

  template <int NV>
  void run(int64_t unit) const {
    pack<NV>(unit);
    Vector<T> totals[NV] = {};
    for (int64_t p = first; p < last; ++p) {
      const T* const start = base ? base + unit : gradient + p * stride + unit;
      Vector<T> g[NV];
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) g[v] = load(start + v * kLanes<T>);
      const uint16_t* entry = lists.entries + p * lists.room;
      const uint16_t* const end = lists.entries + lists.ends[p];
      for (; entry < end; ++entry) {
        const int64_t ink = *entry;
        const Vector<T> value = broadcast<T>(values[ink >> 8]);
        const T* from = packed + (ink & 255) * (NV * kLanes<T>);
#pragma GCC unroll 8
        for (int v = 0; v < NV; ++v) g[v] += value * load(from + v * kLanes<T>);
      }
      if (!weight) {
        T* const to = gradient + p * stride + unit;
#pragma GCC unroll 8
        for (int v = 0; v < NV; ++v) store(to + v * kLanes<T>, g[v]);
        continue;
      }
      T* const weights = weight + p * stride + unit;
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) {
        const Vector<T> updated = load(weights + v * kLanes<T>) - g[v] * rate;
        store(weights + v * kLanes<T>, updated);
        totals[v] += updated;
      }
      if (!sums || ((p + 1) % kSummedPixels != 0 && p + 1 != width)) continue;
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) {
        store(sums + p / kSummedPixels * stride + unit + v * kLanes<T>, totals[v]);
        totals[v] = Vector<T>{};
      }
    }
  }
};

// The gradient of pixels [first, last) and units [first_unit, last_unit), and as far as their last vector
// reaches:
//   g[p, :] = base + sum over the listed ink of values[byte] * delta[image, :]
// Without `base` the sums are added to `gradient`, [width, stride]: so a minibatch of more than
// kListedImages, or one whose deltas do not fit the first-level cache, goes by in several calls, of which
// only the first has a base. Without `weight` g is stored in `gradient`; else weight[p, :] -= rate * g, with
// the bits that storing g and sgd_update give, and `gradient` is only read, and may be null with a base.
// `sums`, null or [blocks, stride], then gets what ink_sum_weights_kernel would give for the new weights;
// `first` is a multiple of kSummedPixels and `last` one or the width. delta: [count, delta_stride], for the
// listed images, of which nothing but the units are used; base: [stride], zeros behind the units; packed:
// count * kPanelUnitVectors vectors, aligned to 64 bytes, needed during the call only.
template <typename T>
inline void ink_gradient_kernel(const T* values, const PixelLists& lists, int64_t count, int64_t first,
                                int64_t last, int64_t width, int64_t first_unit, int64_t last_unit,
                                const T* delta, int64_t delta_stride, T* packed, const T* base, T* gradient,
                                int64_t stride, T rate, T* weight, T* sums) {
  for_each_unit_panel<T, kPanelUnitVectors>(
      first_unit, last_unit,
      GradientOnInk<T>{values, lists, count, first, last, width, first_unit, last_unit, delta, delta_stride,
                       packed, base, gradient, stride, rate, weight, sums});
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_INK_LISTS_H_
