#include "operations.h"

#include <algorithm>

#include "parallel.h"
#include "scratch.h"

namespace mnist {
namespace {

// The block sizes of GEMM, and the cache that each is for.
constexpr int64_t kBlockK = 264;          // L1: a strip of B, 264 x 16 floats or 264 x 8 doubles, is 17 KiB
constexpr int64_t kBlockMBytes = 128 << 10;  // L2: a block of A
constexpr int64_t kBlockN = 2048;         // L3: a block of B, at most 4 MiB; a multiple of every vector's width
constexpr int64_t kRowUnit = 6;           // rows of a register tile, about; only the grid of threads depends on it

// Below this many multiplications a second thread costs more than it brings.
constexpr int64_t kParallelGemm = 100'000;
// The same for operations that touch each element once or twice.
constexpr int64_t kParallelElements = 16 * 1024;
// Columns that a thread sums together, a cache line's worth.
constexpr int64_t kColumnUnit = 16;
// A product with fewer rows reads B where it lies: copying it would not pay.
constexpr int64_t kPackRowsOfB = 128;
// A product with fewer columns reads A where it lies.
constexpr int64_t kPackColumnsOfA = 128;

// Rows of the partial loss sums, which are then added in order whatever the number of threads.
constexpr int64_t kLossRows = 256;

struct Grid {
  int64_t rows, columns;
};

// Cuts the result for `threads` threads such that the largest part is smallest, preferring to cut rows.
Grid choose_grid(int64_t threads, int64_t row_units, int64_t column_units) {
  Grid best = {1, 1};
  int64_t best_cost = INT64_MAX;
  for (int64_t rows = threads; rows >= 1; --rows) {
    int64_t columns = threads / rows;
    int64_t cost = ((row_units + rows - 1) / rows) * ((column_units + columns - 1) / columns);
    if (cost < best_cost) {
      best = {rows, columns};
      best_cost = cost;
    }
  }
  return best;
}

int64_t ceil_divide(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Of the thread that calls an operation; its team shares what is in it.
thread_local Scratch a_scratch;
thread_local Scratch b_scratch;

}  // namespace

// Three loops around the block kernel: columns for the last cache, k for the first, rows for the second. Within a
// block of columns the result is cut into a grid, a part for each thread; threads whose parts share columns pack them together.
template <typename T>
void gemm(const Device& device, const Gemm<T>& p) {
  if (p.m == 0 || p.n == 0) return;
  const Kernels<T>& kernels = device.kernels.of<T>();
  const int64_t lanes = kernels.lanes;
  const int64_t k_total = p.alpha == 0 ? 0 : p.k;  // as in BLAS, alpha = 0 does not read A and B
  const int64_t a_row_stride = p.transpose_a ? 1 : p.k, a_k_stride = p.transpose_a ? p.m : 1;
  const int64_t b_k_stride = p.transpose_b ? 1 : p.n, b_n_stride = p.transpose_b ? p.k : 1;
  const bool pack_a = p.n >= kPackColumnsOfA;
  const bool pack_b = p.transpose_b || p.m >= kPackRowsOfB || p.n % lanes != 0;
  const int threads = p.m * p.n * std::max<int64_t>(1, k_total) < kParallelGemm ? 1 : device.threads;

  // The sum runs through k in blocks of nearly equal length, the same for every number of threads. With k = 0 there
  // is one empty block: what is left is activation(beta * C + bias).
  const int64_t k_blocks = std::max<int64_t>(1, ceil_divide(k_total, kBlockK));
  const int64_t k_longest = ceil_divide(k_total, k_blocks);
  const int64_t m_longest = std::min(p.m, kBlockMBytes / std::max<int64_t>(1, k_longest * sizeof(T)));
  // B has two buffers in turn: while a slow thread still reads one, the others may fill the next.
  const int64_t b_buffer = pack_b ? k_longest * (std::min(p.n, kBlockN) + lanes) : 0;
  const int64_t a_buffer = pack_a ? k_longest * m_longest : 0;
  T* const b_packed = b_scratch.reserve<T>(static_cast<size_t>(2 * b_buffer));
  T* const a_packed = a_scratch.reserve<T>(static_cast<size_t>(threads * a_buffer));

  run_team(threads, [&](const Team& team) {
    int64_t turn = 0;
    for (int64_t j0 = 0; j0 < p.n; j0 += kBlockN) {
      const int64_t n = std::min(kBlockN, p.n - j0);
      const Grid grid = choose_grid(team.size(), ceil_divide(p.m, kRowUnit), ceil_divide(n, 2 * lanes));
      const bool idle = team.rank() >= grid.rows * grid.columns;
      const int64_t grid_row = team.rank() / grid.columns, grid_column = team.rank() % grid.columns;
      const Team::Range rows = idle ? Team::Range{0, 0} : Team::part_of(p.m, 1, grid_row, grid.rows);
      const Team::Range columns = idle ? Team::Range{0, 0} : Team::part_of(n, lanes, grid_column, grid.columns);

      GemmBlock<T> block = {};
      block.n = columns.last - columns.first;
      block.c_stride = p.n;
      block.alpha = p.alpha;

      for (int64_t k_block = 0; k_block < k_blocks; ++k_block, ++turn) {
        const int64_t k0 = k_total * k_block / k_blocks;
        block.k = k_total * (k_block + 1) / k_blocks - k0;
        const bool first = k_block == 0, last = k_block == k_blocks - 1;
        block.beta = first ? p.beta : T{1};
        block.bias = last && p.bias ? p.bias + j0 + columns.first : nullptr;
        block.activation = last ? p.activation : Activation::kIdentity;

        const T* b = p.b + k0 * b_k_stride + (j0 + columns.first) * b_n_stride;
        if (pack_b) {
          T* panel = b_packed + (turn % 2) * b_buffer + columns.first * block.k;
          int64_t strip = 0;
          for (int64_t j = 0, width; j < block.n; j += width, ++strip) {
            width = kernels.gemm_strip_columns(block.n, j);
            if (strip % grid.rows != grid_row) continue;
            kernels.gemm_pack_b(block.k, width, b + j * b_n_stride, b_k_stride, b_n_stride, panel + j * block.k);
          }
          team.barrier();
          block.b = panel;
          block.b_stride = 0;
        } else {
          block.b = b;
          block.b_stride = p.n;
        }

        for (int64_t i = rows.first; i < rows.last; i += m_longest) {
          block.m = std::min(m_longest, rows.last - i);
          block.c = p.c + i * p.n + j0 + columns.first;
          block.a = p.a + i * a_row_stride + k0 * a_k_stride;
          block.a_row_stride = a_row_stride;
          block.a_k_stride = a_k_stride;
          if (pack_a) {
            T* packed = a_packed + team.rank() * a_buffer;
            kernels.gemm_pack_a(block.m, block.k, block.a, a_row_stride, a_k_stride, packed);
            block.a = packed;
            block.a_row_stride = block.k;
            block.a_k_stride = 1;
          }
          kernels.gemm_block(block);
        }
      }
    }
  });
}

template <typename T>
void sigmoid(const Device& device, int64_t size, const T* x, T* out) {
  parallel_for(device.threads, size, kParallelElements, [&](int64_t first, int64_t last) {
    device.kernels.of<T>().sigmoid(last - first, x + first, out + first);
  });
}

template <typename T>
void sigmoid_backward(const Device& device, int64_t size, const T* upstream, const T* a, T* out) {
  parallel_for(device.threads, size, kParallelElements, [&](int64_t first, int64_t last) {
    device.kernels.of<T>().sigmoid_backward(last - first, upstream + first, a + first, out + first);
  });
}

template <typename T>
LossSums output_delta(const Device& device, int64_t rows, int64_t columns, const T* a, const uint8_t* labels, T scale,
                      T* delta) {
  const int64_t parts = ceil_divide(rows, kLossRows);
  LossSums* const sums = b_scratch.reserve<LossSums>(static_cast<size_t>(parts));
  const int64_t grain = std::max<int64_t>(1, kParallelElements / (kLossRows * std::max<int64_t>(1, columns)));
  parallel_for(device.threads, parts, grain, [&](int64_t first, int64_t last) {
    for (int64_t part = first; part < last; ++part) {
      const int64_t i = part * kLossRows, count = std::min(kLossRows, rows - i);
      sums[part] = device.kernels.of<T>().output_delta(count, columns, a + i * columns, labels + i, scale,
                                                       delta ? delta + i * columns : nullptr);
    }
  });
  LossSums total = {0, 0};
  for (int64_t part = 0; part < parts; ++part) {
    total.squared_error += sums[part].squared_error;
    total.correct += sums[part].correct;
  }
  return total;
}

template <typename T>
void gather_rows(const Device& device, int64_t rows, int64_t width, const uint8_t* images, const int32_t* row_numbers,
                 T scale, T offset, T* out) {
  const int64_t grain = ceil_divide(kParallelElements, std::max<int64_t>(1, width));
  parallel_for(device.threads, rows, grain, [&](int64_t first, int64_t last) {
    device.kernels.of<T>().gather_rows(last - first, width, images, row_numbers + first, scale, offset,
                                       out + first * width);
  });
}

template <typename T>
void column_sums(const Device& device, int64_t rows, int64_t columns, const T* x, T alpha, T* out) {
  // Each thread takes whole columns: the sum over the rows is never split.
  const int64_t grain = std::max(kColumnUnit, ceil_divide(kParallelElements, std::max<int64_t>(1, rows)));
  parallel_for(device.threads, columns, grain, [&](int64_t first, int64_t last) {
    device.kernels.of<T>().column_sums(rows, columns, first, last, x, alpha, out);
  });
}

template <typename T>
void argmax_rows(const Device& device, int64_t rows, int64_t columns, const T* x, int32_t* out) {
  const int64_t grain = ceil_divide(kParallelElements, std::max<int64_t>(1, columns));
  parallel_for(device.threads, rows, grain, [&](int64_t first, int64_t last) {
    device.kernels.of<T>().argmax_rows(last - first, columns, x + first * columns, out + first);
  });
}

template <typename T>
void sgd_update(const Device& device, int64_t size, T learning_rate, const T* gradient, T* parameter) {
  parallel_for(device.threads, size, kParallelElements, [&](int64_t first, int64_t last) {
    device.kernels.of<T>().sgd_update(last - first, learning_rate, gradient + first, parameter + first);
  });
}

#define INSTANTIATE(T)                                                                                              \
  template void gemm<T>(const Device&, const Gemm<T>&);                                                             \
  template void sigmoid<T>(const Device&, int64_t, const T*, T*);                                                   \
  template void sigmoid_backward<T>(const Device&, int64_t, const T*, const T*, T*);                                \
  template LossSums output_delta<T>(const Device&, int64_t, int64_t, const T*, const uint8_t*, T, T*);              \
  template void gather_rows<T>(const Device&, int64_t, int64_t, const uint8_t*, const int32_t*, T, T, T*);          \
  template void column_sums<T>(const Device&, int64_t, int64_t, const T*, T, T*);                                   \
  template void argmax_rows<T>(const Device&, int64_t, int64_t, const T*, int32_t*);                                \
  template void sgd_update<T>(const Device&, int64_t, T, const T*, T*)
INSTANTIATE(float);
INSTANTIATE(double);
#undef INSTANTIATE

}  // namespace mnist
