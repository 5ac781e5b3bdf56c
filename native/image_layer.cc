#include "image_layer.h"

#include <algorithm>
#include <cstring>

#include "parallel.h"
#include "scratch.h"

namespace mnist {
namespace {

// Below this number of multiplications, counted as for dense images, a second thread costs more than it
// brings.
constexpr int64_t kParallel = 500'000;
// Images that a thread takes at a time in the forward pass, at most.
constexpr int64_t kImageGroup = 32;
// Images that are asked for before they are listed.
constexpr int64_t kAskedImages = 4;
// Images whose deltas are gone through together, so that those of a panel of units stay in the first-level
// cache, and as many lists in the second.
constexpr int64_t kDeltaImages = 128;
static_assert(kDeltaImages <= kListedImages, "a list of a pixel has room for so many");
// Images with more ink than this go through the dense product: where it is ahead, measured with 50 to 300
// units.
constexpr double kMostInkForward = 0.4;
constexpr double kMostInkGradient = 0.5;
// Images that are looked at to tell how much ink there is.
constexpr int64_t kSample = 16;
// The most numbers of x that the dense product writes out at once.
constexpr int64_t kDenseNumbers = 1 << 20;

// Of each thread: the deltas of a panel of units; lists of images that come without any; sums of weights, and
// what every image begins with.
thread_local Scratch packed_scratch;
thread_local Scratch listed_scratch;
thread_local Scratch sums_scratch;
thread_local Scratch base_scratch;
// Of the thread that calls an operation: lists by pixel.
thread_local Scratch entries_scratch;
thread_local Scratch ends_scratch;
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

int64_t round_up_to_lines(int64_t bytes) { return round_up(bytes, kLineBytes); }

// Lists of images that come without any, made at use, with numbers from 0 for their rows. They are where
// the calling thread keeps its lists, until it makes others.
template <typename T>
class Listed {
 public:
  Listed(const Kernels<T>& kernels, const ImageMatrix<T>& x, int64_t most) : kernels_(kernels), x_(x) {
    const int64_t starts = round_up_to_lines((most + 1) * int64_t{sizeof(uint32_t)});
    const int64_t rows = round_up_to_lines(most * int64_t{sizeof(int32_t)});
    char* const memory = listed_scratch.reserve<char>(
        static_cast<size_t>(starts + rows + most * x.width * int64_t{sizeof(uint16_t)}));
    starts_ = reinterpret_cast<uint32_t*>(memory);
    rows_ = reinterpret_cast<int32_t*>(memory + starts);
    ink_ = reinterpret_cast<uint16_t*>(memory + starts + rows);
  }

  // Images [first, last) become images 0 and so on.
  InkImages<T> list(int64_t first, int64_t last, const T* values) {
    int64_t end = 0;
    for (int64_t i = first; i < last; ++i) {
      // Minibatches are drawn at random, and no hardware foresees that.
      for (int64_t p = 0; i + kAskedImages < last && p < x_.width; p += kLineBytes) {
        __builtin_prefetch(x_.images + x_.rows[i + kAskedImages] * x_.width + p);
      }
      starts_[i - first] = static_cast<uint32_t>(end);
      rows_[i - first] = static_cast<int32_t>(i - first);
      end += kernels_.ink_list(x_.images + x_.rows[i] * x_.width, x_.width, ink_ + end);
    }
    starts_[last - first] = static_cast<uint32_t>(end);
    return {starts_, ink_, rows_, values};
  }

 private:
  const Kernels<T>& kernels_;
  const ImageMatrix<T>& x_;
  uint32_t* starts_;
  int32_t* rows_;
  uint16_t* ink_;
};

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
void image_linear(const Device& device, const ImageMatrix<T>& x, int64_t n, const T* weight, int64_t ldw,
                  const T* bias, Activation activation, T* out) {
  const Kernels<T>& kernels = device.kernels.of<T>();
  if (x.count == 0 || n == 0) return;
  if (!x.starts && !has_less_ink(kernels, x, kMostInkForward)) {
    for_dense_chunks(device, x, [&](int64_t first, int64_t images, const T* numbers) {
      gemm<T>(device, {false, false, images, n, x.width, T{1}, numbers, x.width, weight, ldw, T{0},
                       out + first * n, n, bias, activation});
    });
    return;
  }
  const ByteValues<T> values(x.scale);
  const int64_t blocks = ceil_divide(x.width, kSummedPixels);
  const int64_t threads = x.count * x.width * n < kParallel ? 1 : device.threads;
  // Some images have more ink than others, so that groups of them are dealt out. Each thread sums all
  // weights: to share the sums, the threads would have to wait for each other.
  const int64_t group = std::min(kImageGroup, ceil_divide(x.count, 2 * threads));
  Deal groups(ceil_divide(x.count, group));
  parallel_ranks(static_cast<int>(threads), [&](int64_t, int64_t) {
    int64_t part = groups.next();
    if (part < 0) return;
    T* const sums = sums_scratch.reserve<T>(static_cast<size_t>(blocks * ldw));
    T* const base = base_scratch.reserve<T>(static_cast<size_t>(ldw));
    kernels.ink_sum_weights(x.width, 0, blocks, 0, n, weight, ldw, sums);
    kernels.ink_base(x.width, 0, n, sums, ldw, x.offset, bias, base);
    for (; part >= 0; part = groups.next()) {
      const int64_t first = part * group, last = std::min(x.count, first + group);
      if (x.starts) {
        kernels.ink_forward({x.starts, x.ink, x.rows, values.values}, first, last, 0, n, weight, ldw, base,
                            activation, out, n);
      } else {
        Listed<T> listed(kernels, x, group);
        kernels.ink_forward(listed.list(first, last, values.values), 0, last - first, 0, n, weight, ldw, base,
                            activation, out + first * n, n);
      }
    }
  });
}

template <typename T>
void image_gradient(const Device& device, const ImageMatrix<T>& x, int64_t n, const T* delta, T* out,
                    int64_t ldo) {
  const Kernels<T>& kernels = device.kernels.of<T>();
  if (n == 0) return;
  if (x.count > 0 && !x.starts && !has_less_ink(kernels, x, kMostInkGradient)) {
    for_dense_chunks(device, x, [&](int64_t first, int64_t images, const T* numbers) {
      gemm<T>(device, {true, false, x.width, n, images, T{1}, numbers, x.width, delta + first * n, n,
                       first == 0 ? T{0} : T{1}, out, ldo, nullptr, Activation::kIdentity});
    });
    return;
  }
  const ByteValues<T> values(x.scale);
  const int64_t chunks = std::max<int64_t>(1, ceil_divide(x.count, kDeltaImages));
  const int64_t room = ceil_divide(x.count, chunks);
  T* const base = base_scratch.reserve<T>(static_cast<size_t>(ldo));
  column_sums<T>(device, x.count, n, delta, x.offset, base);
  std::fill(base + n, base + ldo, T{0});
  const PixelLists lists = {entries_scratch.reserve<uint16_t>(static_cast<size_t>(x.width * room)),
                            ends_scratch.reserve<uint32_t>(static_cast<size_t>(x.width)), room};
  const int64_t threads = x.count * x.width * n < kParallel ? 1 : device.threads;
  const int64_t blocks = ceil_divide(x.width, kSummedPixels);
  // Each thread has pixels of its own, of which it sorts the ink and sums the gradient.
  parallel_for(static_cast<int>(threads), blocks, 1, [&](int64_t first_block, int64_t last_block) {
    const int64_t first = first_block * kSummedPixels, last = std::min(x.width, last_block * kSummedPixels);
    T* const packed =
        packed_scratch.reserve<T>(static_cast<size_t>(room * kMostPanelVectors * kernels.lanes));
    for (int64_t chunk = 0; chunk < chunks; ++chunk) {
      const int64_t i = x.count * chunk / chunks, images = x.count * (chunk + 1) / chunks - i;
      if (x.starts) {
        kernels.ink_sort({x.starts, x.ink, x.rows, values.values}, i, i + images, first, last, lists);
      } else {
        Listed<T> listed(kernels, x, room);
        kernels.ink_sort(listed.list(i, i + images, values.values), 0, images, first, last, lists);
      }
      kernels.ink_gradient(values.values, lists, images, first, last, x.width, 0, n, delta + i * n, n, packed,
                           chunk == 0 ? base : nullptr, out, ldo, T{0}, nullptr, nullptr);
    }
  });
}

#define INSTANTIATE(T)                                                                                      \
  template void image_linear<T>(const Device&, const ImageMatrix<T>&, int64_t, const T*, int64_t, const T*, \
                                Activation, T*);                                                            \
  template void image_gradient<T>(const Device&, const ImageMatrix<T>&, int64_t, const T*, T*, int64_t)
INSTANTIATE(float);
INSTANTIATE(double);
#undef INSTANTIATE

}  // namespace mnist
