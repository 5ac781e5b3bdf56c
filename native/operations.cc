#include "operations.h"

#include <algorithm>
#include <atomic>

#include "parallel.h"
#include "scratch.h"

namespace mnist {
namespace {

// The block sizes of GEMM, and the cache that each is for.
constexpr int64_t kBlockK = 528;             // L1: a strip of B, two vectors of 32 bytes wide, just fills it
constexpr int64_t kBlockABytes = 128 << 10;  // L2: a block of A
// The same where a block of B is larger than kBlockBOfL2 and vectors are 64 bytes wide: those processors have
// a larger L2, and the higher a block of A, the less often B passes by from L3.
constexpr int64_t kLargeBlockABytes = 512 << 10;
constexpr int64_t kBlockBOfL2 = 1 << 20;
constexpr int64_t kBlockN = 2048;  // L3: a block of B, at most 4 MiB; a multiple of every vector's width

// Below this many multiplications a second thread costs more than it brings.
constexpr int64_t kParallelGemm = 100'000;
// A product with fewer rows reads B where it lies: copying it would not pay.
constexpr int64_t kPackRowsOfB = 128;
// A product with fewer columns reads A where it lies.
constexpr int64_t kPackColumnsOfA = 128;

// A product whose rows of A and columns of B are contiguous in memory is computed by dots up to so many rows,
// one for each so many bytes of a vector, if the dimension that is summed is so many times as long. With more
// rows it pays to copy B. (Measured at 50 and 784 deep.)
constexpr int64_t kVectorBytesOfDots = 4;
constexpr int64_t kDepthOfDots = 8;

struct Grid {
  int64_t rows, columns;
};

// Cuts the result for `threads` threads such that the largest part is smallest and, among equals, such that a
// thread reads the fewest rows of A and columns of B. Columns are cut between vectors, and no part is empty.
Grid choose_grid(int64_t threads, int64_t rows, int64_t columns, int64_t lanes) {
  Grid best = {1, 1};
  int64_t best_size = INT64_MAX, best_border = INT64_MAX;
  const int64_t vectors = ceil_divide(columns, lanes);
  for (int64_t grid_rows = std::min(threads, rows); grid_rows >= 1; --grid_rows) {
    const int64_t grid_columns = std::min(threads / grid_rows, vectors);
    const int64_t part_rows = ceil_divide(rows, grid_rows);
    const int64_t part_columns = ceil_divide(vectors, grid_columns) * lanes;
    const int64_t size = part_rows * part_columns, border = part_rows + part_columns;
    if (size < best_size || (size == best_size && border < best_border)) {
      best = {grid_rows, grid_columns};
      best_size = size;
      best_border = border;
    }
  }
  return best;
}

// Of each thread: the blocks that it packs.
thread_local Scratch a_scratch;
thread_local Scratch b_scratch;
// Of the thread that calls an operation: a gradient that is not the result.
thread_local Scratch gradient_scratch;

struct Range {
  int64_t first, last;
  int64_t size() const { return last - first; }
};

// Part `index` of `count` nearly equal parts of [0, n), in multiples of `unit`.
Range part_of(int64_t n, int64_t unit, int64_t index, int64_t count) {
  if (count == 1) return {0, n};  // Divisions cost a small product some hundredths of its time.
  const int64_t units = ceil_divide(n, unit);
  return {std::min(n, units * index / count * unit), std::min(n, units * (index + 1) / count * unit)};
}

// The distance of rows of A that are copied: an odd number of cache lines, so that the rows of a tile do not
// compete for the same places in the first cache.
template <typename T>
int64_t packed_stride(int64_t k) {
  constexpr int64_t kLine = kLineBytes / static_cast<int64_t>(sizeof(T));
  return (ceil_divide(k, kLine) | 1) * kLine;
}

// From how many of these rows of B, stored [k, n], whole vectors that begin before column `last` reach over
// its end.
template <typename T>
int64_t rows_at_end_of_b(const Gemm<T>& p, int64_t last, Range rows, int64_t lanes) {
  const int64_t over = ceil_divide(last, lanes) * lanes - p.ldb;
  if (over <= 0) return 0;
  return std::clamp<int64_t>(ceil_divide(over, p.ldb) - (p.k - rows.last), 0, rows.size());
}

// Whether all of a product is computed by dots. No number of threads plays a part, as that would change bits.
template <typename T>
bool prefers_dots(const Gemm<T>& p, int64_t lanes) {
  if (p.transpose_a || !p.transpose_b) return false;
  const int64_t most_rows = lanes * static_cast<int64_t>(sizeof(T)) / kVectorBytesOfDots;
  return p.m == 1 || (p.m <= most_rows && p.m * kDepthOfDots <= p.k);
}

// Whether the columns that whole vectors leave over are: where that is less than half the work of a vector.
template <typename T>
bool prefers_dots_for_rest(const Gemm<T>& p, int64_t rest, int64_t k, int64_t lanes) {
  return p.transpose_b && !p.transpose_a && 2 * rest * (k + 4 * lanes) < k * lanes;
}

// Rows x columns of the product, on one thread: three loops around the block kernel, over columns for the
// last cache, over k for the first, over rows for the second. The sum runs through k in blocks of nearly
// equal length.
template <typename T>
void gemm_part(const Kernels<T>& kernels, const Gemm<T>& p, Range rows, Range columns) {
  const int64_t k_total = p.alpha == 0 ? 0 : p.k;  // as in BLAS, alpha = 0 does not read A and B
  const int64_t a_row_stride = p.transpose_a ? 1 : p.lda, a_k_stride = p.transpose_a ? p.lda : 1;
  const int64_t b_k_stride = p.transpose_b ? 1 : p.ldb, b_n_stride = p.transpose_b ? p.ldb : 1;
  const bool pack_a = columns.size() >= kPackColumnsOfA;
  const bool pack_b = p.transpose_b || rows.size() >= kPackRowsOfB;

  // With k = 0 there is one empty block: what is left is activation(beta * C + bias).
  const int64_t k_blocks = std::max<int64_t>(1, ceil_divide(k_total, kBlockK));
  const int64_t k_longest = ceil_divide(k_total, k_blocks);
  const int64_t n_longest = std::min(columns.size(), kBlockN);
  const int64_t row_bytes = std::max<int64_t>(1, k_longest * sizeof(T));
  const bool is_large = n_longest * row_bytes > kBlockBOfL2 && kernels.lanes * sizeof(T) >= 64;
  const int64_t block_a_bytes = is_large ? kLargeBlockABytes : kBlockABytes;
  const int64_t m_longest = std::max<int64_t>(1, std::min(rows.size(), block_a_bytes / row_bytes));
  const int64_t a_stride = packed_stride<T>(k_longest);
  T* const a_packed = pack_a ? a_scratch.reserve<T>(static_cast<size_t>(a_stride * m_longest)) : nullptr;
  T* const b_packed =
      pack_b ? b_scratch.reserve<T>(static_cast<size_t>(k_longest * (n_longest + kernels.lanes))) : nullptr;

  GemmBlock<T> block = {};
  block.c_stride = p.ldc;
  block.alpha = p.alpha;
  for (int64_t j0 = columns.first; j0 < columns.last; j0 += kBlockN) {
    for (int64_t k_block = 0; k_block < k_blocks; ++k_block) {
      block.n = std::min(kBlockN, columns.last - j0);
      const Range k = part_of(k_total, 1, k_block, k_blocks);
      const bool last = k_block == k_blocks - 1;
      block.k = k.size();
      block.beta = k_block == 0 ? p.beta : T{1};
      block.bias = last && p.bias ? p.bias + j0 : nullptr;
      block.activation = last ? p.activation : Activation::kIdentity;
      block.b = p.b + k.first * b_k_stride + j0 * b_n_stride;
      block.b_stride = p.ldb;
      block.b_ends = pack_b ? 0 : rows_at_end_of_b(p, j0 + block.n, k, kernels.lanes);
      GemmBlock<T> dots = block;
      dots.n = block.n % kernels.lanes;
      if (!prefers_dots_for_rest(p, dots.n, block.k, kernels.lanes)) dots.n = 0;
      block.n -= dots.n;
      dots.b += block.n * b_n_stride;
      if (dots.bias) dots.bias += block.n;
      if (pack_b) {
        kernels.gemm_pack_b(block.k, block.n, block.b, b_k_stride, b_n_stride, b_packed);
        block.b = b_packed;
        block.b_stride = 0;
      }
      for (int64_t i = rows.first; i < rows.last; i += m_longest) {
        block.m = std::min(m_longest, rows.last - i);
        block.c = p.c + i * p.ldc + j0;
        block.a = p.a + i * a_row_stride + k.first * a_k_stride;
        block.a_row_stride = a_row_stride;
        block.a_k_stride = a_k_stride;
        if (pack_a) {
          kernels.gemm_pack_a(block.m, block.k, block.a, a_row_stride, a_k_stride, a_packed, a_stride);
          block.a = a_packed;
          block.a_row_stride = a_stride;
          block.a_k_stride = 1;
        }
        kernels.gemm_block(block);
        if (dots.n > 0) {
          dots.m = block.m;
          dots.a = block.a;
          dots.a_row_stride = block.a_row_stride;
          dots.a_k_stride = 1;
          dots.c = block.c + block.n;
          kernels.gemm_dots(dots);
        }
      }
    }
  }
}

// A product of few rows and long columns, each contiguous in memory: nothing is copied, and no sum is cut.
template <typename T>
void gemm_dots(const Kernels<T>& kernels, const Gemm<T>& p, Range columns) {
  GemmBlock<T> block = {};
  block.m = p.m, block.n = columns.size(), block.k = p.alpha == 0 ? 0 : p.k;
  block.a = p.a, block.a_row_stride = p.lda, block.a_k_stride = 1;
  block.b = p.b + columns.first * p.ldb, block.b_stride = p.ldb;
  block.c = p.c + columns.first, block.c_stride = p.ldc;
  block.alpha = p.alpha, block.beta = p.beta;
  block.bias = p.bias ? p.bias + columns.first : nullptr;
  block.activation = p.activation;
  kernels.gemm_dots(block);
}

// A small product whose B is stored [k, n]: one block, read where it lies.
template <typename T>
void gemm_in_place(const Kernels<T>& kernels, const Gemm<T>& p) {
  GemmBlock<T> block = {};
  block.m = p.m, block.n = p.n, block.k = p.alpha == 0 ? 0 : p.k;
  block.a = p.a;
  block.a_row_stride = p.transpose_a ? 1 : p.lda, block.a_k_stride = p.transpose_a ? p.lda : 1;
  block.b = p.b, block.b_stride = p.ldb;
  block.b_ends = rows_at_end_of_b(p, p.n, {0, block.k}, kernels.lanes);
  block.c = p.c, block.c_stride = p.ldc;
  block.alpha = p.alpha, block.beta = p.beta;
  block.bias = p.bias;
  block.activation = p.activation;
  kernels.gemm_block(block);
}

}  // namespace

// The result is cut into a grid, and each thread computes its part alone: no thread waits for another before
// the end.
template <typename T>
void gemm(const Device& device, const Gemm<T>& p) {
  if (p.m == 0 || p.n == 0) return;
  const Kernels<T>& kernels = device.kernels.of<T>();
  const bool is_small = p.m * p.n * std::max<int64_t>(1, p.k) < kParallelGemm;
  if (is_small && !p.transpose_b && p.m < kPackRowsOfB) return gemm_in_place(kernels, p);
  if (prefers_dots(p, kernels.lanes)) {
    parallel_for(is_small ? 1 : device.threads, p.n, kColumnUnit,
                 [&](int64_t first, int64_t last) { gemm_dots(kernels, p, {first, last}); });
    return;
  }
  if (is_small) return gemm_part(kernels, p, {0, p.m}, {0, p.n});
  const Grid grid = choose_grid(device.threads, p.m, p.n, kernels.lanes);
  parallel_for(device.threads, grid.rows * grid.columns, 1, [&](int64_t first, int64_t last) {
    for (int64_t part = first; part < last; ++part) {
      const Range rows = part_of(p.m, 1, part / grid.columns, grid.rows);
      const Range columns = part_of(p.n, kernels.lanes, part % grid.columns, grid.columns);
      gemm_part(kernels, p, rows, columns);
    }
  });
}

#define UNARY(name, js_name)                                                                 \
  template <typename T>                                                                      \
  void name(const Device& device, int64_t size, const T* x, T* out) {                        \
    parallel_for(device.threads, size, kParallelElements, [&](int64_t first, int64_t last) { \
      device.kernels.of<T>().name(last - first, x + first, out + first);                     \
    });                                                                                      \
  }
#define BINARY(name, js_name)                                                                \
  template <typename T>                                                                      \
  void name(const Device& device, int64_t size, const T* a, const T* b, T* out) {            \
    parallel_for(device.threads, size, kParallelElements, [&](int64_t first, int64_t last) { \
      device.kernels.of<T>().name(last - first, a + first, b + first, out + first);          \
    });                                                                                      \
  }
MNIST_UNARY_OPERATIONS(UNARY)
MNIST_BINARY_OPERATIONS(BINARY)
#undef UNARY
#undef BINARY

template <typename T>
void gather_rows(const Device& device, int64_t rows, int64_t width, const uint8_t* images,
                 const int32_t* row_numbers, T scale, T offset, T* out) {
  parallel_for(device.threads, rows, parallel_rows(width), [&](int64_t first, int64_t last) {
    device.kernels.of<T>().gather_rows(last - first, width, images, row_numbers + first, scale, offset,
                                       out + first * width);
  });
}

template <typename T>
void copy_rows(const Device& device, int64_t rows, int64_t width, const T* x, const int32_t* row_numbers,
               T* out) {
  parallel_for(device.threads, rows, parallel_rows(width), [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) std::copy_n(x + row_numbers[i] * width, width, out + i * width);
  });
}

template <typename T>
void column_sums(const Device& device, int64_t rows, int64_t columns, const T* x, T alpha, T* out) {
  // Each thread takes whole columns: the sum over the rows is never split.
  const int64_t grain = std::max(kColumnUnit, parallel_rows(rows));
  parallel_for(device.threads, columns, grain, [&](int64_t first, int64_t last) {
    device.kernels.of<T>().column_sums(rows, columns, first, last, x, alpha, out);
  });
}

template <typename T>
void argmax_rows(const Device& device, int64_t rows, int64_t columns, const T* x, int32_t* out) {
  parallel_for(device.threads, rows, parallel_rows(columns), [&](int64_t first, int64_t last) {
    device.kernels.of<T>().argmax_rows(last - first, columns, x + first * columns, out + first);
  });
}

template <typename T>
void softmax(const Device& device, int64_t rows, int64_t columns, const T* x, T* out) {
  parallel_for(device.threads, rows, parallel_rows(columns), [&](int64_t first, int64_t last) {
    device.kernels.of<T>().softmax(last - first, columns, x + first * columns, out + first * columns);
  });
}

template <typename T>
void sgd_update(const Device& device, int64_t size, T learning_rate, const T* gradient, T* parameter) {
  parallel_for(device.threads, size, kParallelElements, [&](int64_t first, int64_t last) {
    device.kernels.of<T>().sgd_update(last - first, learning_rate, gradient + first, parameter + first);
  });
}

template <typename T>
void linear_descent(const Device& device, int64_t count, int64_t inputs, int64_t n, const T* x,
                    const T* delta, T learning_rate, T* weight, int64_t ldw, T* bias) {
  const int64_t size = inputs * ldw;
  T* const gradient = gradient_scratch.reserve<T>(static_cast<size_t>(size + n));
  T* const sums = gradient + size;
  // The product leaves out what lies behind the units.
  for (int64_t p = 0; p < inputs && n < ldw; ++p)
    std::fill(gradient + p * ldw + n, gradient + (p + 1) * ldw, T{0});
  gemm<T>(device, {true, false, inputs, n, count, T{1}, x, inputs, delta, n, T{0}, gradient, ldw, nullptr,
                   Activation::kIdentity});
  column_sums<T>(device, count, n, delta, T{1}, sums);
  sgd_update<T>(device, size, learning_rate, gradient, weight);
  sgd_update<T>(device, n, learning_rate, sums, bias);
  gradient_scratch.trim();
}

template <typename T>
int64_t measure_peak(const Device& device, int64_t iterations) {
  std::atomic<int64_t> operations{0};
  parallel_for(device.threads, device.threads, 1, [&](int64_t first, int64_t last) {
    for (int64_t part = first; part < last; ++part) {
      T sink = T{1} / 2;
      operations += device.kernels.of<T>().peak(iterations, &sink);
    }
  });
  return operations;
}

#define UNARY(name, js_name)                                               \
  template void name<float>(const Device&, int64_t, const float*, float*); \
  template void name<double>(const Device&, int64_t, const double*, double*);
#define BINARY(name, js_name)                                                            \
  template void name<float>(const Device&, int64_t, const float*, const float*, float*); \
  template void name<double>(const Device&, int64_t, const double*, const double*, double*);
MNIST_UNARY_OPERATIONS(UNARY)
MNIST_BINARY_OPERATIONS(BINARY)
#undef UNARY
#undef BINARY

#define INSTANTIATE(T)                                                                                     \
  template void gemm<T>(const Device&, const Gemm<T>&);                                                    \
  template void gather_rows<T>(const Device&, int64_t, int64_t, const uint8_t*, const int32_t*, T, T, T*); \
  template void copy_rows<T>(const Device&, int64_t, int64_t, const T*, const int32_t*, T*);               \
  template void column_sums<T>(const Device&, int64_t, int64_t, const T*, T, T*);                          \
  template void argmax_rows<T>(const Device&, int64_t, int64_t, const T*, int32_t*);                       \
  template void softmax<T>(const Device&, int64_t, int64_t, const T*, T*);                                 \
  template void sgd_update<T>(const Device&, int64_t, T, const T*, T*);                                    \
  template void linear_descent<T>(const Device&, int64_t, int64_t, int64_t, const T*, const T*, T, T*,     \
                                  int64_t, T*);                                                            \
  template int64_t measure_peak<T>(const Device&, int64_t)
INSTANTIATE(float);
INSTANTIATE(double);
#undef INSTANTIATE

}  // namespace mnist
