#include "image_layer.h"

#include <algorithm>

#include "parallel.h"
#include "scratch.h"

namespace mnist {
namespace {

// Below this number of multiplications, counted as for dense images, a second thread costs more than it
// brings.
constexpr int64_t kParallel = 300'000;
// In the forward pass over a minibatch of fewer images each thread takes half of the pixels, so that it finds
// its half of the weights in its cache, where it left them when it updated them. In larger ones it takes
// images.
constexpr int64_t kImagesByHalves = 256;
// Images that a thread takes at a time; more where the weights of all units have no room in the second-level
// cache.
constexpr int64_t kImageGroup = 32;
constexpr int64_t kWideGroup = 128;
// Images that are listed at use at a time, for the forward pass.
constexpr int64_t kForwardImages = 512;
// Images whose ink is sorted together, so that the lists stay in the second-level cache; and images whose
// gradient is summed before it is written.
constexpr int64_t kDeltaImages = 128;
constexpr int64_t kChunkImages = 2 * kDeltaImages;
static_assert(kDeltaImages <= kListedImages, "the lists of a pixel have numbers for so many");
static_assert(std::max(kForwardImages, kDeltaImages) * kWidestListed <= UINT32_MAX, "see kWidestListed");
// Pixels that a thread takes at a time in the gradient.
constexpr int64_t kPixelGroup = 32;
// Images with more ink than this go through the dense product: where it is ahead, measured with 50 to 300
// units.
constexpr double kMostInkForward = 0.4;
constexpr double kMostInkGradient = 0.5;
// Images whose bytes are asked for before they are listed.
constexpr int64_t kAskedBytes = 4;
// Below this number of pixels a second thread costs more than it brings to a listing.
constexpr int64_t kParallelPixels = 16 * 1024;
// Images that are looked at to tell how much ink there is.
constexpr int64_t kSample = 16;
// The most numbers of x that the dense product writes out at once.
constexpr int64_t kDenseNumbers = 1 << 20;

// Of each thread: what sums begin with, and sums of halves.
thread_local Scratch base_scratch;
thread_local Scratch half_scratch;
// Of the thread that calls an operation: lists made at use; lists by pixel; deltas of a panel of units, for
// each thread; sums of deltas; the images scaled; the gradient where it is not the result.
thread_local Scratch rows_scratch;
thread_local Scratch sorted_scratch;
thread_local Scratch packed_scratch;
thread_local Scratch delta_sums_scratch;
thread_local Scratch dense_scratch;
thread_local Scratch gradient_scratch;

int64_t round_up(int64_t n, int64_t unit) { return ceil_divide(n, unit) * unit; }

template <typename T>
struct ByteValues {
  T values[256];
  explicit ByteValues(T scale) {
    for (int byte = 0; byte < 256; ++byte) values[byte] = scale * static_cast<T>(byte);
  }
};

// The answer depends on nothing but the images: it is the same for every number of threads, with lists and
// without. Where there are enough images, one shows its upper half, the next its lower one, and so on.
template <typename T>
bool has_less_ink(const Kernels<T>& kernels, const ImageMatrix<T>& x, double most) {
  if (x.width > kWidestListed) return false;
  const int64_t sample = std::min(x.count, kSample), step = x.count < kSample ? 1 : kHalves;
  int64_t ink = 0, pixels = 0;
  for (int64_t s = 0; s < kHalves * sample; s += step) {
    // With a step of 2: the upper half of image 0, the lower one of image 1, and so on.
    const int64_t half = step == 1 ? s % kHalves : s / step % kHalves;
    const int64_t image = x.rows[x.count * (s / kHalves) / sample];
    const int64_t p = first_pixel_of(half, x.width), count = first_pixel_of(half + 1, x.width) - p;
    ink += x.lists ? x.lists->ink_counts()[kHalves * image + half]
                   : kernels.count_ink(x.images + image * x.width + p, count);
    pixels += count;
  }
  return static_cast<double>(ink) <= most * static_cast<double>(pixels);
}

// Hands rows of x with their ink listed to body(first, images, ink), all at once where there are lists, and
// otherwise `most` at a time; row `first` + i of x is image i of the listed ones.
template <typename T, typename Body>
void for_listed_chunks(const Device& device, const ImageMatrix<T>& x, int64_t most, const T* values,
                       const Body& body) {
  if (x.lists) {
    body(int64_t{0}, x.count,
         InkImages<T>{x.lists->starts(), x.lists->ends(), x.lists->ink(), x.rows, values});
    return;
  }
  most = std::min(most, x.count);
  const int64_t numbers = round_up(most * kHalves * int64_t{sizeof(uint32_t)}, kLineBytes);
  char* const memory = rows_scratch.reserve<char>(
      static_cast<size_t>(3 * numbers + most * x.width * int64_t{sizeof(uint16_t)}));
  uint32_t* const starts = reinterpret_cast<uint32_t*>(memory);
  uint32_t* const ends = reinterpret_cast<uint32_t*>(memory + numbers);
  int32_t* const positions = reinterpret_cast<int32_t*>(memory + 2 * numbers);
  uint16_t* const ink = reinterpret_cast<uint16_t*>(memory + 3 * numbers);
  for (int64_t i = 0; i < x.count; i += most) {
    const int64_t images = std::min(most, x.count - i);
    const auto bytes_of = [&](int64_t image) { return x.images + x.rows[i + image] * x.width; };
    const int64_t grain = std::max<int64_t>(1, kParallelPixels / x.width);
    parallel_for(device.threads, images, grain, [&](int64_t first, int64_t last) {
      for (int64_t image = first; image < last; ++image) {
        // Minibatches are drawn at random, and no hardware foresees that.
        for (int64_t p = 0; image + kAskedBytes < last && p < x.width; p += kLineBytes) {
          __builtin_prefetch(bytes_of(image + kAskedBytes) + p);
        }
        positions[image] = static_cast<int32_t>(image);
        for (int64_t half = 0; half < kHalves; ++half) {
          const int64_t p = first_pixel_of(half, x.width), start = image * x.width + p;
          const int64_t pixels = first_pixel_of(half + 1, x.width) - p;
          const int64_t n = device.kernels.of<T>().ink_list(bytes_of(image) + p, pixels, ink + start);
          starts[kHalves * image + half] = static_cast<uint32_t>(start);
          ends[kHalves * image + half] = static_cast<uint32_t>(start + n);
        }
      }
    });
    body(i, images, InkImages<T>{starts, ends, ink, positions, values});
  }
  rows_scratch.trim();
}

// Units in panels of nearly equal width, each a whole number of vectors.
template <typename T>
class Panels {
 public:
  Panels(const Kernels<T>& kernels, int64_t n)
      : n_(n),
        lanes_(kernels.lanes),
        vectors_(ceil_divide(n, lanes_)),
        count_(ceil_divide(n, kernels.panel_units)) {}
  int64_t count() const { return count_; }
  int64_t first(int64_t panel) const { return vectors_ * panel / count_ * lanes_; }
  int64_t last(int64_t panel) const { return std::min(n_, first(panel + 1)); }
  // All units, as far as the last vector reaches.
  int64_t padded() const { return vectors_ * lanes_; }

 private:
  int64_t n_, lanes_, vectors_, count_;
};

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

template <typename T>
void dense_gradient(const Device& device, const ImageMatrix<T>& x, int64_t n, const T* delta, T* out,
                    int64_t ldo) {
  for_dense_chunks(device, x, [&](int64_t first, int64_t images, const T* numbers) {
    gemm<T>(device, {true, false, x.width, n, images, T{1}, numbers, x.width, delta + first * n, n,
                     first == 0 ? T{0} : T{1}, out, ldo, nullptr, Activation::kIdentity});
  });
}

// The gradient, where `weight` is null, and delta_sums. Otherwise its descent; then `gradient` may be null
// for kChunkImages at most.
template <typename T>
void ink_gradient(const Device& device, const ImageMatrix<T>& x, int64_t n, const T* delta, T* delta_sums,
                  T* gradient, int64_t stride, T learning_rate, T* weight) {
  const Kernels<T>& kernels = device.kernels.of<T>();
  const ByteValues<T> values(x.scale);
  column_sums<T>(device, x.count, n, delta, T{1}, delta_sums);
  T* const base = base_scratch.reserve<T>(static_cast<size_t>(stride));
  for (int64_t j = 0; j < n; ++j) base[j] = x.offset * delta_sums[j];
  std::fill(base + n, base + stride, T{0});

  const int64_t most = std::min(x.count, kChunkImages);
  const int64_t most_parts = ceil_divide(most, kDeltaImages), room = std::min(most, kDeltaImages);
  const int64_t threads = x.count * x.width * n < kParallel ? 1 : device.threads;
  // Lists of half h and part s stand at h * most_parts + s.
  PixelLists lists[kHalves * (kChunkImages / kDeltaImages)];
  const int64_t longest = first_pixel_of(kHalves, x.width) - first_pixel_of(kHalves - 1, x.width);
  const int64_t list_bytes = round_up(longest * room * int64_t{sizeof(uint16_t)}, kLineBytes);
  const int64_t end_bytes = round_up(longest * int64_t{sizeof(uint32_t)}, kLineBytes);
  char* const memory =
      sorted_scratch.reserve<char>(static_cast<size_t>(kHalves * most_parts * (list_bytes + end_bytes)));
  for (int64_t s = 0; s < kHalves * most_parts; ++s) {
    char* const own = memory + s * (list_bytes + end_bytes);
    lists[s] = {reinterpret_cast<uint16_t*>(own), reinterpret_cast<uint32_t*>(own + list_bytes), room};
  }
  const int64_t panel_size = most * kernels.panel_units;
  T* const packed = packed_scratch.reserve<T>(static_cast<size_t>(threads * panel_size));
  const Panels<T> panels(kernels, n);
  const int64_t groups = ceil_divide(longest, kPixelGroup);

  const auto add_chunk = [&](int64_t first, int64_t images, const InkImages<T>& ink) {
    const bool is_first = first == 0, is_last = first + images == x.count;
    const int64_t parts = ceil_divide(images, kDeltaImages);
    const auto pixels_of = [&](int64_t half) {
      return first_pixel_of(half + 1, x.width) - first_pixel_of(half, x.width);
    };
    parallel_phases(
        static_cast<int>(threads), kHalves * panels.count() * groups,
        [&](int64_t rank, int64_t size, const auto& next_task, const auto& wait) {
          // A part of a half is sorted by one thread: of two, each sorts a half.
          for (int64_t s = kHalves * parts * rank / size; s < kHalves * parts * (rank + 1) / size; ++s) {
            const int64_t half = s / parts, part = s % parts, begin = part * kDeltaImages;
            InkImages<T> own = ink;
            own.rows += begin;
            kernels.ink_sort(own, half, std::min(kDeltaImages, images - begin), pixels_of(half),
                             lists[half * most_parts + part]);
          }
          wait();
          T* const own_packed = packed + rank * panel_size;
          int64_t packed_panel = -1;
          // Half by half and panel by panel, so that a thread has the same weights in its cache each time.
          for (int64_t task; (task = next_task()) >= 0;) {
            const int64_t half = task / groups / panels.count(), panel = task / groups % panels.count();
            const int64_t unit = panels.first(panel), last_unit = panels.last(panel);
            if (panel != packed_panel) {
              kernels.ink_pack_delta(images, unit, last_unit, delta + first * n, n, own_packed);
              packed_panel = panel;
            }
            const int64_t p = first_pixel_of(half, x.width) * stride, pixels = pixels_of(half);
            const int64_t group = task % groups;
            kernels.ink_gradient({values.values, lists + half * most_parts, parts, own_packed, kDeltaImages,
                                  is_first ? base : nullptr, gradient ? gradient + p : nullptr,
                                  is_last && weight ? weight + p : nullptr, stride, learning_rate},
                                 pixels * group / groups, pixels * (group + 1) / groups, unit, last_unit);
          }
        });
  };
  if (x.count == 0) {  // Then what is written are zeros.
    add_chunk(0, 0, {});
    return;
  }
  for_listed_chunks<T>(device, x, most, values.values,
                       [&](int64_t first, int64_t images, const InkImages<T>& ink) {
                         for (int64_t i = 0; i < images; i += most) {
                           InkImages<T> chunk = ink;
                           chunk.rows += i;
                           add_chunk(first + i, std::min(most, images - i), chunk);
                         }
                       });
}

}  // namespace

template <typename T>
void image_linear(const Device& device, const ImageMatrix<T>& x, int64_t n, const T* weight, int64_t ldw,
                  const T* bias, Activation activation, T* out) {
  const Kernels<T>& kernels = device.kernels.of<T>();
  if (x.count == 0 || n == 0) return;
  if (!has_less_ink(kernels, x, kMostInkForward)) {
    for_dense_chunks(device, x, [&](int64_t first, int64_t images, const T* numbers) {
      gemm<T>(device, {false, false, images, n, x.width, T{1}, numbers, x.width, weight, ldw, T{0},
                       out + first * n, n, bias, activation});
    });
    return;
  }
  const ByteValues<T> values(x.scale);
  const int64_t threads = x.count * x.width * n < kParallel ? 1 : device.threads;
  const Panels<T> panels(kernels, n);
  // What the sums of half h begin with stands at h * ldw: the bias is in the upper half's.
  const auto find_base = [&](int64_t half, int64_t panel, T* base) {
    const int64_t p = first_pixel_of(half, x.width), pixels = first_pixel_of(half + 1, x.width) - p;
    kernels.ink_base(pixels, panels.first(panel), panels.last(panel), weight + p * ldw, ldw, x.offset,
                     half == 0 ? bias : nullptr, base + half * ldw);
  };
  for_listed_chunks<T>(
      device, x, kForwardImages, values.values,
      [&](int64_t chunk_first, int64_t images, const InkImages<T>& ink) {
        T* const chunk_out = out + chunk_first * n;
        const auto add_sums = [&](int64_t half, int64_t panel, int64_t first, int64_t last, int64_t asked,
                                  const T* base, T* sums, int64_t sums_stride) {
          kernels.ink_sums(ink, half, first, last, asked, images, panels.first(panel), panels.last(panel),
                           weight + first_pixel_of(half, x.width) * ldw, ldw, base + half * ldw, sums,
                           sums_stride);
        };
        // Some images have more ink than others, so that groups of them are dealt out. All of a group go
        // through the weights of a panel, which stay in the second-level cache meanwhile.
        const int64_t group = panels.count() == 1 ? kImageGroup : kWideGroup,
                      groups = ceil_divide(images, group);
        const auto first_of = [&](int64_t g) { return images * g / groups; };
        if (threads > 1 && images < kImagesByHalves) {
          const int64_t size = images * panels.padded();
          T* const sums = half_scratch.reserve<T>(static_cast<size_t>(kHalves * size));
          T* const bases = base_scratch.reserve<T>(static_cast<size_t>(threads * kHalves * ldw));
          parallel_phases(
              static_cast<int>(threads), kHalves * panels.count() * groups,
              [&](int64_t rank, int64_t team, const auto& next_part, const auto& wait) {
                T* const base = bases + rank * kHalves * ldw;
                int64_t base_part = -1, end = -1;
                for (int64_t part; (part = next_part()) >= 0;) {
                  const int64_t half = part / groups / panels.count(), panel = part / groups % panels.count();
                  if (part / groups != base_part) {
                    find_base(half, panel, base);
                    base_part = part / groups;
                    end = -1;
                  }
                  const int64_t first = first_of(part % groups);
                  const int64_t asked = first == end ? std::min(images, first + kAskedImages) : first;
                  end = first_of(part % groups + 1);
                  add_sums(half, panel, first, end, asked, base,
                           sums + half * size + first * panels.padded() + panels.first(panel),
                           panels.padded());
                }
                wait();
                const int64_t first = images * rank / team, last = images * (rank + 1) / team;
                const T* const upper = sums + first * panels.padded();
                kernels.ink_finish(last - first, n, upper, upper + size, panels.padded(), activation,
                                   chunk_out + first * n, n);
              });
          half_scratch.trim();
          return;
        }
        parallel_deal(static_cast<int>(threads), groups, [&](const auto& next_part) {
          int64_t part = next_part();
          if (part < 0) return;
          const int64_t stride = kernels.panel_units, size = group * stride;
          T* const sums = half_scratch.reserve<T>(static_cast<size_t>(kHalves * size));
          T* const base = base_scratch.reserve<T>(static_cast<size_t>(kHalves * ldw));
          for (int64_t panel = 0; panel < panels.count(); ++panel) {
            for (int64_t half = 0; half < kHalves; ++half) find_base(half, panel, base);
          }
          for (int64_t end = -1; part >= 0; part = next_part()) {
            const int64_t first = first_of(part);
            const int64_t asked = first == end ? std::min(images, first + kAskedImages) : first;
            end = first_of(part + 1);
            for (int64_t panel = 0; panel < panels.count(); ++panel) {
              const int64_t unit = panels.first(panel);
              for (int64_t half = 0; half < kHalves; ++half) {
                add_sums(half, panel, first, end, asked, base, sums + half * size, stride);
              }
              kernels.ink_finish(end - first, panels.last(panel) - unit, sums, sums + size, stride,
                                 activation, chunk_out + first * n + unit, n);
            }
          }
          half_scratch.trim();
        });
      });
}

template <typename T>
void image_gradient(const Device& device, const ImageMatrix<T>& x, int64_t n, const T* delta, T* out,
                    int64_t ldo) {
  if (n == 0) return;
  if (x.count > 0 && !has_less_ink(device.kernels.of<T>(), x, kMostInkGradient)) {
    dense_gradient(device, x, n, delta, out, ldo);
    return;
  }
  T* const sums = delta_sums_scratch.reserve<T>(static_cast<size_t>(n));
  ink_gradient<T>(device, x, n, delta, sums, out, ldo, T{0}, nullptr);
}

template <typename T>
void image_descent(const Device& device, const ImageMatrix<T>& x, int64_t n, const T* delta, T learning_rate,
                   T* weight, int64_t ldw, T* bias) {
  if (n == 0) return;
  T* const sums = delta_sums_scratch.reserve<T>(static_cast<size_t>(n));
  const bool is_dense = x.count > 0 && !has_less_ink(device.kernels.of<T>(), x, kMostInkGradient);
  T* const gradient = is_dense || x.count > kChunkImages
                          ? gradient_scratch.reserve<T>(static_cast<size_t>(x.width * ldw))
                          : nullptr;
  if (is_dense) {
    column_sums<T>(device, x.count, n, delta, T{1}, sums);
    std::fill(gradient, gradient + x.width * ldw,
              T{0});  // The product leaves out what lies behind the units.
    dense_gradient(device, x, n, delta, gradient, ldw);
    sgd_update<T>(device, x.width * ldw, learning_rate, gradient, weight);
  } else {
    ink_gradient<T>(device, x, n, delta, sums, gradient, ldw, learning_rate, weight);
  }
  gradient_scratch.trim();
  sgd_update<T>(device, n, learning_rate, sums, bias);
}

#define INSTANTIATE(T)                                                                                      \
  template void image_linear<T>(const Device&, const ImageMatrix<T>&, int64_t, const T*, int64_t, const T*, \
                                Activation, T*);                                                            \
  template void image_gradient<T>(const Device&, const ImageMatrix<T>&, int64_t, const T*, T*, int64_t);    \
  template void image_descent<T>(const Device&, const ImageMatrix<T>&, int64_t, const T*, T, T*, int64_t, T*)
INSTANTIATE(float);
INSTANTIATE(double);
#undef INSTANTIATE

}  // namespace mnist
