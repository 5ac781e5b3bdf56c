// The first layer on images whose ink is listed once for a whole run: x[i, p] = scale * byte + offset, of
// which most pixels are background, byte 0.
//
//   x W' = sum over ink of (scale * byte) W'[p, :] + offset * (sum over all p of W'[p, :])
//   x' delta = for each p: sum over images with ink at p of (scale * byte) delta[i, :] + offset * (column
//   sums)
//
// Each half of an image has a list of its own, with one uint16 for each pixel with ink, in order: the byte in
// the upper eight bits, in the lower ones the distance from the pixel before, for the first from the first
// pixel of the half. Where the distance is more than 255, entries with byte 0 lie between; they add 0 times a
// row. An infinite weight or delta can so give NaN where the dense product stays infinite, as can the
// background that is taken out. Any width can be listed.
//
// Weights lie pixel by pixel: W'[p, j] = weight[p * stride + j], where `stride` is a whole number of cache
// lines, and numbers between n and `stride` are zeros and stay so. An odd number of lines is best for many
// units: with 32 lines, a panel of eight finds room in a quarter of the first-level cache only.
//
// Bits: a result is one chain of multiplications with additions, over the pixels of half an image or the
// images of a minibatch, both in order, whatever part of units, images and pixels a call is asked for. So
// they depend neither on threads nor on the width of vectors.
#ifndef MNIST_NATIVE_KERNELS_INK_LISTS_H_
#define MNIST_NATIVE_KERNELS_INK_LISTS_H_

#include <stdint.h>

#include "kernels/elementwise_loops.h"
#include "kernels/ink.h"
#include "kernels/kernels.h"
#include "kernels/vector.h"

namespace mnist {
namespace KERNEL_ISA {

// The vectors of a panel of units, at most: they are summed in registers, for each of two images.
constexpr int kPanelUnitVectors = kRegisters / 2 - 1 < 8 ? kRegisters / 2 - 1 : 8;

// Units [first, last) of one panel: calls body.template run<vectors>(first).
template <typename T, int Most = kPanelUnitVectors, typename Body>
inline void run_panel(int64_t first, int64_t last, const Body& body) {
  if (last - first > (Most - 1) * kLanes<T>) {
    body.template run<Most>(first);
  } else if constexpr (Most > 1) {
    run_panel<T, Most - 1>(first, last, body);
  }
}

// Lists the ink of one half of an image. Returns the number of entries: one for each byte that is not 0, and
// at most pixels / kLongestStep more.
inline int64_t ink_list_kernel(const uint8_t* bytes, int64_t pixels, uint16_t* list) {
  uint8_t positions[kMostListedBytes + 8];
  int64_t n = 0, last = 0;
  for (int64_t p = 0; p < pixels; p += kMostListedBytes) {
    const int64_t found =
        list_ink(bytes + p, pixels - p < kMostListedBytes ? pixels - p : kMostListedBytes, positions);
    if (found == 0) continue;
    for (; p + positions[0] - last > kLongestStep; last += kLongestStep) list[n++] = kLongestStep;
    for (int64_t e = 0; e < found; ++e) {
      const int64_t at = p + positions[e];
      list[n++] = static_cast<uint16_t>(bytes[at] << 8 | (at - last));
      last = at;
    }
  }
  return n;
}

// Inlined always, and early: GCC 12 takes a function that only prefetches for one without effect, and removes
// the calls.
template <typename T>
__attribute__((always_inline)) inline void ask_for_ink(const InkImages<T>& x, int64_t i, int64_t half) {
  const int64_t list = kHalves * x.rows[i] + half, first = x.starts[list], last = x.ends[list];
  for (int64_t e = first; e < last; e += 32) __builtin_prefetch(x.ink + e);
  __builtin_prefetch(x.ink + last);
}

// The images whose sums go on together, so that one need not wait for the other's weights.
template <int NV>
constexpr int kTogether = 4 * NV + 2 <= kRegisters ? 4 : 2;

template <typename T>
struct SumsOfInk {
  const InkImages<T>& x;
  int64_t half, first, last, asked_first, asked_last;
  const T* weight;
  int64_t stride;
  const T* base;
  T* sums;
  int64_t sums_stride;

  template <int NV, int Images>
  void sum(int64_t i, int64_t unit) const {
    Vector<T> totals[Images][NV];
    const uint16_t* ink[Images];
    int64_t counts[Images];
    const T* rows[Images];
    int64_t shortest = INT64_MAX;
#pragma GCC unroll 4
    for (int g = 0; g < Images; ++g) {
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) totals[g][v] = load(base + unit + v * kLanes<T>);
      const int64_t list = kHalves * x.rows[i + g] + half;
      ink[g] = x.ink + x.starts[list];
      counts[g] = x.ends[list] - x.starts[list];
      rows[g] = weight + unit;
      shortest = counts[g] < shortest ? counts[g] : shortest;
    }
    // totals += x W', one entry.
    const auto add = [&](int g, int64_t e) __attribute__((always_inline)) {
      const int64_t entry = ink[g][e];
      rows[g] += (entry & 255) * stride;
      const Vector<T> value = broadcast<T>(x.values[entry >> 8]);
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) totals[g][v] += value * load(rows[g] + v * kLanes<T>);
    };
    for (int64_t e = 0; e < shortest; ++e) {
#pragma GCC unroll 4
      for (int g = 0; g < Images; ++g) add(g, e);
    }
#pragma GCC unroll 4
    for (int g = 0; g < Images; ++g) {
      for (int64_t e = shortest; e < counts[g]; ++e) add(g, e);
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) store(sums + (i + g - first) * sums_stride + v * kLanes<T>, totals[g][v]);
    }
  }

  template <int NV>
  void run(int64_t unit) const {
    constexpr int kImages = kTogether<NV>;
    int64_t asked = asked_first, i = first;
    for (; asked < asked_last && asked < first + kAskedImages; ++asked) ask_for_ink(x, asked, half);
    for (; i + kImages <= last; i += kImages) {
      for (int g = 0; g < kImages && asked < asked_last; ++g) ask_for_ink(x, asked++, half);
      sum<NV, kImages>(i, unit);
    }
    for (; i < last; ++i) sum<NV, 1>(i, unit);
  }
};

// sums[i - first, j - first_unit] = base[j] + sum over ink of one half of values[byte] * weight[p, j] for
// images [first, last) and the units of one panel, as far as their last vector reaches. Meanwhile the lists
// of images [asked_first, asked_last) are asked for, kAskedImages at most before they are needed. weight:
// [pixels of the half, stride], see above; base: [stride]; sums: rows of `sums_stride`, with room for whole
// vectors. No alignment is needed, 64 bytes are quickest.
template <typename T>
inline void ink_sums_kernel(const InkImages<T>& x, int64_t half, int64_t first, int64_t last,
                            int64_t asked_first, int64_t asked_last, int64_t first_unit, int64_t last_unit,
                            const T* weight, int64_t stride, const T* base, T* sums, int64_t sums_stride) {
  run_panel<T>(
      first_unit, last_unit,
      SumsOfInk<T>{x, half, first, last, asked_first, asked_last, weight, stride, base, sums, sums_stride});
}

// out[i, :] = activation(upper[i, :] + lower[i, :]) for some units: the halves' sums in rows of
// `sums_stride`, with room for whole vectors, out in rows of `out_stride`.
template <typename T>
inline void ink_finish_kernel(int64_t images, int64_t units, const T* upper, const T* lower,
                              int64_t sums_stride, Activation activation, T* out, int64_t out_stride) {
  const bool is_sigmoid = activation == Activation::kSigmoid;  // the chapter's, in the same pass
  const UnaryKernel<T> left = is_sigmoid ? nullptr : activation_left<T>(activation);
  for (int64_t i = 0; i < images; ++i, upper += sums_stride, lower += sums_stride, out += out_stride) {
    for (int64_t j = 0; j < units; j += kLanes<T>) {
      const Vector<T> z = load(upper + j) + load(lower + j);
      const Vector<T> a = is_sigmoid ? sigmoid<T>(z) : activate_in_registers<T>(activation, z);
      if (units - j >= kLanes<T>) {
        store(out + j, a);
      } else {
        store_partial(out + j, a, units - j);
      }
    }
    if (left) left(units, out, out);
  }
}

// Sorts the ink of one half of the first images by pixel.
template <typename T>
inline void ink_sort_kernel(const InkImages<T>& x, int64_t half, int64_t images, int64_t pixels,
                            const PixelLists& lists) {
  for (int64_t p = 0; p < pixels; ++p) lists.ends[p] = static_cast<uint32_t>(p * lists.room);
  for (int64_t i = 0; i < images && i < kAskedImages; ++i) ask_for_ink(x, i, half);
  for (int64_t i = 0; i < images; ++i) {
    if (i + kAskedImages < images) ask_for_ink(x, i + kAskedImages, half);
    const uint16_t* entry = x.ink + x.starts[kHalves * x.rows[i] + half];
    const uint16_t* const end = x.ink + x.ends[kHalves * x.rows[i] + half];
    const uint32_t number = static_cast<uint32_t>(i);
    uint32_t* pixel_end = lists.ends;
    for (; entry < end; ++entry) {
      const uint32_t ink = *entry;
      pixel_end += ink & 255;
      const uint32_t at = *pixel_end;
      *pixel_end = at + 1;
      lists.entries[at] = static_cast<uint16_t>((ink & 0xff00) | number);
    }
  }
}

// Weights are summed in blocks of so many pixels, and then the sums, which keeps rounding small.
constexpr int64_t kSummedPixels = 32;

template <typename T>
struct BaseOfImages {
  int64_t all_pixels, last_unit;
  const T* weight;
  int64_t stride;
  T offset;
  const T* bias;
  T* base;
  template <int NV>
  void run(int64_t unit) const {
    const T* row = weight + unit;
    Vector<T> totals[NV] = {};
    for (int64_t p = 0; p < all_pixels; p += kSummedPixels) {
      const int64_t pixels = all_pixels - p < kSummedPixels ? all_pixels - p : kSummedPixels;
      Vector<T> sums[NV] = {};
      for (int64_t q = 0; q < pixels; ++q, row += stride) {
#pragma GCC unroll 8
        for (int v = 0; v < NV; ++v) sums[v] += load(row + v * kLanes<T>);
      }
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) totals[v] += sums[v];
    }
#pragma GCC unroll 8
    for (int v = 0; v < NV; ++v) {
      const int64_t j = unit + v * kLanes<T>, lanes = last_unit - j;
      Vector<T> constant = {};
      if (bias) constant = lanes >= kLanes<T> ? load(bias + j) : load_partial(bias + j, lanes);
      store(base + j, constant + totals[v] * offset);
    }
  }
};

// base[j] = bias[j] + offset * (sum over all pixels of weight[p, j]), which the sums begin with, for
// units [first_unit, last_unit) of one panel and as far as their last vector reaches. bias: [last_unit] or
// null.
template <typename T>
inline void ink_base_kernel(int64_t pixels, int64_t first_unit, int64_t last_unit, const T* weight,
                            int64_t stride, T offset, const T* bias, T* base) {
  run_panel<T>(first_unit, last_unit, BaseOfImages<T>{pixels, last_unit, weight, stride, offset, bias, base});
}

// The first `lanes` lanes, zeros behind them.
template <typename T>
inline Vector<T> keep_lanes(Vector<T> x, int64_t lanes) {
  T ones[2 * kLanes<T>];
  for (int64_t l = 0; l < 2 * kLanes<T>; ++l) ones[l] = static_cast<T>(l < kLanes<T>);
  return select<T>(load(ones + kLanes<T> - lanes) != 0, x, Vector<T>{});
}

template <typename T>
struct PackDelta {
  int64_t count, last_unit;
  const T* delta;
  int64_t delta_stride;
  T* packed;
  template <int NV>
  void run(int64_t unit) const {
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
          x = keep_lanes<T>(load(from), lanes);
        } else {
          x = load_partial(from, lanes);
        }
        store(packed + (i * NV + v) * kLanes<T>, x);
      }
    }
  }
};

// The deltas of one panel's units, whole vectors that lie close: packed has room for count *
// kPanelUnitVectors vectors. delta: [count, delta_stride], of which nothing but the units is used.
template <typename T>
inline void ink_pack_delta_kernel(int64_t count, int64_t first_unit, int64_t last_unit, const T* delta,
                                  int64_t delta_stride, T* packed) {
  run_panel<T>(first_unit, last_unit, PackDelta<T>{count, last_unit, delta, delta_stride, packed});
}

template <typename T>
struct GradientOnInk {
  const InkGradient<T>& g;
  int64_t first, last;

  template <int NV>
  void run(int64_t unit) const {
    for (int64_t p = first; p < last; ++p) {
      const T* const start = g.base ? g.base + unit : g.gradient + p * g.stride + unit;
      Vector<T> sums[NV];
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) sums[v] = load(start + v * kLanes<T>);
      for (int64_t part = 0; part < g.parts; ++part) {
        const PixelLists& lists = g.lists[part];
        const T* const packed = g.packed + part * g.part_images * (NV * kLanes<T>);
        const uint16_t* entry = lists.entries + p * lists.room;
        const uint16_t* const end = lists.entries + lists.ends[p];
        for (; entry < end; ++entry) {
          const int64_t ink = *entry;
          const Vector<T> value = broadcast<T>(g.values[ink >> 8]);
          const T* from = packed + (ink & 255) * (NV * kLanes<T>);
#pragma GCC unroll 8
          for (int v = 0; v < NV; ++v) sums[v] += value * load(from + v * kLanes<T>);
        }
      }
      if (!g.weight) {
        T* const to = g.gradient + p * g.stride + unit;
#pragma GCC unroll 8
        for (int v = 0; v < NV; ++v) store(to + v * kLanes<T>, sums[v]);
        continue;
      }
      T* const weights = g.weight + p * g.stride + unit;
#pragma GCC unroll 8
      for (int v = 0; v < NV; ++v) {
        store(weights + v * kLanes<T>, load(weights + v * kLanes<T>) - sums[v] * g.rate);
      }
    }
  }
};

// Pixels [first, last) of one panel's gradient, see InkGradient.
template <typename T>
inline void ink_gradient_kernel(const InkGradient<T>& gradient, int64_t first, int64_t last,
                                int64_t first_unit, int64_t last_unit) {
  run_panel<T>(first_unit, last_unit, GradientOnInk<T>{gradient, first, last});
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_INK_LISTS_H_
