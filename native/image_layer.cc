#include "image_layer.h"

#include <algorithm>
#include <cstring>

#include "parallel.h"
#include "scratch.h"

namespace mnist {
namespace {

// Below this number of multiplications, counted as for dense images, a second thread costs more than it
// brings. In the forward pass each thread packs all weights.
constexpr int64_t kParallel = 500'000;
// Pixels of which a thread sums the gradient: as many as are summed together, or fewer, a multiple of 16.
constexpr int64_t kFewestPixels = 64;
constexpr int64_t kMostPixels = 128;
// The most bytes of deltas that are packed at once.
constexpr int64_t kDeltaBytes = 4 << 20;
// Images with more ink than this go through the dense product: where it is ahead, measured with 50 to 300
// units.
constexpr double kMostInkForward = 0.4;
constexpr double kMostInkGradient = 0.5;
// Images that are looked at to tell how much ink there is.
constexpr int64_t kSample = 16;
// The most numbers of x that the dense product writes out at once.
constexpr int64_t kDenseNumbers = 1 << 20;

thread_local Scratch packed_scratch;
thread_local Scratch base_scratch;
thread_local Scratch sums_scratch;
thread_local Scratch bytes_scratch;
// Of the thread that calls an operation: the images scaled.
thread_local Scratch dense_scratch;

int64_t ceil_divide(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t round_up(int64_t n, int64_t unit) { return ceil_divide(n, unit) * unit; }

template <typename T>
struct ByteValues {
  T values[256];
  explicit ByteValues(T scale) {
    for (int byte = 0; byte < 256; ++byte) values[byte] = scale * static_cast<T>(byte);
  }
};

// The images, and what images_forward and images_gradient work in.
template <typename T>
ImageRows<T> with_scratch(const ImageMatrix<T>& x, const ByteValues<T>& values, int64_t padded) {
  return {x.images,
          x.width,
          x.rows,
          values.values,
          sums_scratch.reserve<T>(static_cast<size_t>(kInkSums * padded)),
          bytes_scratch.reserve<uint8_t>(kInkBytes)};
}

// The answer depends on nothing but the images: it is the same for every number of threads. Where there are
// enough images, one shows its first quarter, the next its second, and so on.
template <typename T>
bool has_less_ink(const Kernels<T>& kernels, const ImageMatrix<T>& x, double most) {
  const int64_t sample = std::min(x.count, kSample), quarters = x.count < kSample ? 1 : 4;
  int64_t ink = 0, pixels = 0;
  for (int64_t s = 0; s < sample; ++s) {
    const int64_t first = x.width * (s % quarters) / quarters;
    const int64_t count = x.width * (s % quarters + 1) / quarters - first;
    ink += kernels.count_ink(x.images + x.rows[x.count * s / sample] * x.width + first, count);
    pixels += count;
  }
  return static_cast<double>(ink) <= most * static_cast<double>(pixels);
}

// Asks for images while there is other work.
template <typename T>
void prefetch_images(const ImageMatrix<T>& x, int64_t first, int64_t last) {
  for (int64_t i = first; i < last; ++i) {
    for (int64_t p = 0; p < x.width; p += 64) __builtin_prefetch(x.images + x.rows[i] * x.width + p);
  }
}

// Writes out some images at a time as numbers, and hands them to body(first_image, images, numbers).
template <typename T, typename Body>
void for_dense_chunks(const Device& device, const ImageMatrix<T>& x, const Body& body) {
  const int64_t most = std::min(x.count, std::max<int64_t>(1, kDenseNumbers / x.width));
  T* const numbers = dense_scratch.reserve<T>(static_cast<size_t>(most * x.width));
  for (int64_t i = 0; i < x.count; i += most) {
    const int64_t images = std::min(most, x.count - i);
    gather_rows<T>(device, images, x.width, x.images, x.rows + i, x.scale, x.offset, numbers);
    body(i, images, numbers);
  }
}

}  // namespace

template <typename T>
void image_linear(const Device& device, const ImageMatrix<T>& x, int64_t n, const T* weight, const T* bias,
                  Activation activation, T* out) {
  const Kernels<T>& kernels = device.kernels.of<T>();
  if (x.count == 0 || n == 0) return;
  if (!has_less_ink(kernels, x, kMostInkForward)) {
    for_dense_chunks(device, x, [&](int64_t first, int64_t images, const T* numbers) {
      gemm<T>(device, {false, true, images, n, x.width, T{1}, numbers, x.width, weight, x.width, T{0},
                       out + first * n, n, bias, activation});
    });
    return;
  }
  const ByteValues<T> values(x.scale);
  const int64_t padded = round_up(n, kernels.lanes);
  const int64_t threads = x.count * x.width * n < kParallel ? 1 : device.threads;
  const int64_t group = std::min(kImageGroup, ceil_divide(x.count, 2 * threads));
  parallel_deal(static_cast<int>(threads), ceil_divide(x.count, group), [&](const auto& next_part) {
    int64_t part = next_part();
    if (part < 0) return;
    const auto end_of = [&](int64_t p) { return std::min(x.count, (p + 1) * group); };
    const ImageRows<T> images = with_scratch(x, values, padded);
    T* const packed = packed_scratch.reserve<T>(static_cast<size_t>(x.width * padded));
    T* const base = base_scratch.reserve<T>(static_cast<size_t>(padded));
    prefetch_images(x, part * group, end_of(part));
    kernels.images_pack(n, x.width, weight, packed, base);
    for (int64_t j = 0; j < n; ++j) base[j] = x.offset * base[j] + (bias ? bias[j] : T{0});
    while (part >= 0) {
      const int64_t next = next_part(), next_first = next < 0 ? 0 : next * group;
      kernels.images_forward(images, part * group, end_of(part), next_first, next < 0 ? 0 : end_of(next), n,
                             packed, base, activation, out);
      part = next;
    }
    packed_scratch.trim();
  });
}

template <typename T>
void image_gradient(const Device& device, const ImageMatrix<T>& x, int64_t n, const T* delta, T* out) {
  const Kernels<T>& kernels = device.kernels.of<T>();
  if (n == 0) return;
  if (x.count > 0 && !has_less_ink(kernels, x, kMostInkGradient)) {
    for_dense_chunks(device, x, [&](int64_t first, int64_t images, const T* numbers) {
      gemm<T>(device, {true, false, n, x.width, images, T{1}, delta + first * n, n, numbers, x.width,
                       first == 0 ? T{0} : T{1}, out, x.width, nullptr, Activation::kIdentity});
    });
    return;
  }
  const ByteValues<T> values(x.scale);
  const int64_t padded = round_up(n, kernels.lanes);
  const int64_t most = std::max<int64_t>(1, kDeltaBytes / (padded * static_cast<int64_t>(sizeof(T))));
  T* const packed = packed_scratch.reserve<T>(static_cast<size_t>(std::min(x.count, most) * padded));
  T* const base = base_scratch.reserve<T>(static_cast<size_t>(padded));
  column_sums<T>(device, x.count, n, delta, x.offset, base);
  std::fill(base + n, base + padded, T{0});
  const int64_t threads = x.count * x.width * n < kParallel ? 1 : device.threads;
  const int64_t pixels = threads == 1 ? kMostPixels : kFewestPixels;
  // Even without images there is a first pass: it writes zeros.
  for (int64_t i = 0; i == 0 || i < x.count; i += most) {
    const int64_t images = std::min(most, x.count - i);
    const ImageMatrix<T> part_of_x = {x.images, x.rows + i, images, x.width, x.scale, x.offset};
    kernels.images_pack_delta(images, n, delta + i * n, packed);
    parallel_deal(static_cast<int>(threads), ceil_divide(x.width, pixels), [&](const auto& next_part) {
      const ImageRows<T> rows = with_scratch(part_of_x, values, padded);
      for (int64_t part; (part = next_part()) >= 0;) {
        kernels.images_gradient(rows, images, part * pixels, std::min(x.width, (part + 1) * pixels), n,
                                packed, i == 0 ? base : nullptr, out);
      }
    });
  }
}

#define INSTANTIATE(T)                                                                             \
  template void image_linear<T>(const Device&, const ImageMatrix<T>&, int64_t, const T*, const T*, \
                                Activation, T*);                                                   \
  template void image_gradient<T>(const Device&, const ImageMatrix<T>&, int64_t, const T*, T*)
INSTANTIATE(float);
INSTANTIATE(double);
#undef INSTANTIATE

}  // namespace mnist
