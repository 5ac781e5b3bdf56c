// A fixed-width vector of float or double, over the compiler's vector extensions (GCC, Clang).
//
// Compiled once for each instruction set: the including file defines KERNEL_ISA (a namespace),
// KERNEL_VECTOR_BYTES and KERNEL_REGISTERS (the number of vector registers).
#ifndef MNIST_NATIVE_KERNELS_VECTOR_H_
#define MNIST_NATIVE_KERNELS_VECTOR_H_

#ifndef KERNEL_ISA
#error "Include this header from a file that defines KERNEL_ISA."
#endif

#include <stdint.h>
#include <string.h>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

// A vector of lanes of `a`, counted from 0, and of `b`, counted on. Mask is the vector of integers of their
// size. GCC has Clang's builtin only from version 12 on.
#ifdef __clang__
#define SHUFFLE(Mask, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(Mask, a, b, ...) __builtin_shuffle(a, b, Mask{__VA_ARGS__})
#endif

// Returns SHUFFLE of n lanes, 2 to 16, where lane l comes from LANE(l).
#define SHUFFLE_LANES(n, Mask, a, b, LANE)                                                              \
  if constexpr (n == 2) {                                                                               \
    return SHUFFLE(Mask, a, b, LANE(0), LANE(1));                                                       \
  } else if constexpr (n == 4) {                                                                        \
    return SHUFFLE(Mask, a, b, LANE(0), LANE(1), LANE(2), LANE(3));                                     \
  } else if constexpr (n == 8) {                                                                        \
    return SHUFFLE(Mask, a, b, LANE(0), LANE(1), LANE(2), LANE(3), LANE(4), LANE(5), LANE(6), LANE(7)); \
  } else {                                                                                              \
    static_assert(n == 16, "write the lanes of this width");                                            \
    return SHUFFLE(Mask, a, b, LANE(0), LANE(1), LANE(2), LANE(3), LANE(4), LANE(5), LANE(6), LANE(7),  \
                   LANE(8), LANE(9), LANE(10), LANE(11), LANE(12), LANE(13), LANE(14), LANE(15));       \
  }

namespace mnist {
namespace KERNEL_ISA {

constexpr int64_t kVectorBytes = KERNEL_VECTOR_BYTES;
constexpr int kRegisters = KERNEL_REGISTERS;

template <typename T>
struct VectorTypes;

template <>
struct VectorTypes<float> {
  typedef float Value __attribute__((vector_size(KERNEL_VECTOR_BYTES)));
  typedef float Unaligned __attribute__((vector_size(KERNEL_VECTOR_BYTES), aligned(4), may_alias));
  typedef uint32_t Bits __attribute__((vector_size(KERNEL_VECTOR_BYTES)));
};

template <>
struct VectorTypes<double> {
  typedef double Value __attribute__((vector_size(KERNEL_VECTOR_BYTES)));
  typedef double Unaligned __attribute__((vector_size(KERNEL_VECTOR_BYTES), aligned(8), may_alias));
  typedef uint64_t Bits __attribute__((vector_size(KERNEL_VECTOR_BYTES)));
};

template <typename T>
using Vector = typename VectorTypes<T>::Value;

template <typename T>
constexpr int64_t kLanes = kVectorBytes / static_cast<int64_t>(sizeof(T));

template <typename T>
inline Vector<T> load(const T* p) {
  return *reinterpret_cast<const typename VectorTypes<T>::Unaligned*>(p);
}

template <typename T>
inline void store(T* p, Vector<T> v) {
  *reinterpret_cast<typename VectorTypes<T>::Unaligned*>(p) = v;
}

// Copies fewer than kLanes<T> elements by powers of two: sizes that are known when this is compiled, so that
// no call of memcpy remains.
template <typename T, int64_t Part = kLanes<T> / 2>
inline void copy_partial(T* to, const T* from, int64_t count) {
  if (count & Part) {
    memcpy(to, from, Part * sizeof(T));
    to += Part;
    from += Part;
  }
  if constexpr (Part > 1) copy_partial<T, Part / 2>(to, from, count);
}

// Fewer than kLanes<T> elements: load_partial reads the first `count` lanes and puts zeros behind them. AVX2
// has an instruction for stores, too, but it takes tens of cycles on AMD's processors.
#if defined(__AVX512F__)
inline __mmask16 first_lanes(int64_t count) { return static_cast<__mmask16>((1u << count) - 1); }
inline Vector<float> load_partial(const float* p, int64_t count) {
  return reinterpret_cast<Vector<float>>(_mm512_maskz_loadu_ps(first_lanes(count), p));
}
inline Vector<double> load_partial(const double* p, int64_t count) {
  return reinterpret_cast<Vector<double>>(
      _mm512_maskz_loadu_pd(static_cast<__mmask8>(first_lanes(count)), p));
}
inline void store_partial(float* p, Vector<float> v, int64_t count) {
  _mm512_mask_storeu_ps(p, first_lanes(count), reinterpret_cast<__m512>(v));
}
inline void store_partial(double* p, Vector<double> v, int64_t count) {
  _mm512_mask_storeu_pd(p, static_cast<__mmask8>(first_lanes(count)), reinterpret_cast<__m512d>(v));
}
#else
#if defined(__AVX2__)
inline __m256i first_bytes(int64_t count) {
  static const int32_t masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(masks + 8 - count / 4));
}
inline Vector<float> load_partial(const float* p, int64_t count) {
  return reinterpret_cast<Vector<float>>(_mm256_maskload_ps(p, first_bytes(4 * count)));
}
inline Vector<double> load_partial(const double* p, int64_t count) {
  return reinterpret_cast<Vector<double>>(_mm256_maskload_pd(p, first_bytes(8 * count)));
}
#else
template <typename T>
inline Vector<T> load_partial(const T* p, int64_t count) {
  T lanes[kLanes<T>] = {};
  copy_partial(lanes, p, count);
  return load(lanes);
}
#endif
template <typename T>
inline void store_partial(T* p, Vector<T> v, int64_t count) {
  T lanes[kLanes<T>];
  store(lanes, v);
  copy_partial(p, lanes, count);
}
#endif

template <typename T>
inline Vector<T> broadcast(T value) {
  return value - Vector<T>{};  // x - 0 is x for every x, NaN and -0 included
}

// Lane by lane: condition ? yes : no.
template <typename T, typename Mask>
inline Vector<T> select(Mask condition, Vector<T> yes, Vector<T> no) {
  return condition ? yes : no;
}

inline float square_root(float x) { return __builtin_sqrtf(x); }
inline double square_root(double x) { return __builtin_sqrt(x); }

// The square root of each lane. The compiler makes one instruction of the loop.
template <typename T>
inline Vector<T> square_roots(Vector<T> x) {
#pragma GCC unroll 16
  for (int64_t lane = 0; lane < kLanes<T>; ++lane) x[lane] = square_root(x[lane]);
  return x;
}

// A vector in double: lane l of a float vector is lane l % kLanes<double> of part l / kLanes<double>.
template <typename T>
struct Wide {
  static constexpr int64_t kParts = kLanes<T> / kLanes<double>;
  Vector<double> part[kParts];
};

inline Wide<float> widen(Vector<float> x) {
  typedef float Half __attribute__((vector_size(KERNEL_VECTOR_BYTES / 2)));
  Half halves[2];
  memcpy(halves, &x, sizeof x);
  return {{__builtin_convertvector(halves[0], Vector<double>),
           __builtin_convertvector(halves[1], Vector<double>)}};
}
inline Wide<double> widen(Vector<double> x) { return {{x}}; }

inline Vector<float> narrow(const Wide<float>& x) {
  typedef float Half __attribute__((vector_size(KERNEL_VECTOR_BYTES / 2)));
  const Half halves[2] = {__builtin_convertvector(x.part[0], Half), __builtin_convertvector(x.part[1], Half)};
  Vector<float> result;
  memcpy(&result, halves, sizeof result);
  return result;
}
inline Vector<double> narrow(const Wide<double>& x) { return x.part[0]; }

// The sum of the lanes, from the first to the last.
inline double sum_of_lanes(Vector<double> x) {
  double sum = 0;
#pragma GCC unroll 16
  for (int64_t lane = 0; lane < kLanes<double>; ++lane) sum += x[lane];
  return sum;
}

// 0, 1, 2, ...
template <typename T>
inline Vector<T> lane_numbers() {
  T numbers[kLanes<T>];
  for (int64_t lane = 0; lane < kLanes<T>; ++lane) numbers[lane] = static_cast<T>(lane);
  return load(numbers);
}

// sums += x * x, in double.
template <typename V>
inline void add_squares(V x, Vector<double>& sums) {
  const auto wide = widen(x);
  for (const Vector<double> part : wide.part) sums += part * part;
}

// sums += x, in double.
template <typename V>
inline void add_lanes(V x, Vector<double>& sums) {
  const auto wide = widen(x);
  for (const Vector<double> part : wide.part) sums += part;
}

// Whether a comparison of two vectors holds in any lane.
template <typename Mask>
inline bool any_lane(Mask mask) {
  typedef uint64_t Words __attribute__((vector_size(KERNEL_VECTOR_BYTES)));
  const Words words = reinterpret_cast<Words>(mask);
  uint64_t any = 0;
#pragma GCC unroll 8
  for (int64_t w = 0; w < kVectorBytes / 8; ++w) any |= words[w];
  return any != 0;
}

// Where lane `l` of the first or second result of exchange_blocks comes from: lanes of `a`, then lanes of
// `b`.
template <int Lanes, int Block, bool Second>
constexpr int exchanged_lane(int l) {
  const bool from_b = (l / Block) % 2 == 1;
  if (Second) return from_b ? Lanes + l : l + Block;
  return from_b ? Lanes + l - Block : l;
}

template <typename T, int Block, bool Second>
inline Vector<T> exchanged(Vector<T> a, Vector<T> b) {
  using Mask [[maybe_unused]] = typename VectorTypes<T>::Bits;
  constexpr int n = static_cast<int>(kLanes<T>);
#define LANE(l) exchanged_lane<n, Block, Second>(l)
  SHUFFLE_LANES(n, Mask, a, b, LANE)
#undef LANE
}

// Where lane `l` of a result of interleaving comes from: within each 16 bytes, blocks from the first or
// second half of `a` and `b` in turn.
template <int Lanes, int Piece, int Block, bool Second>
constexpr int interleaved_lane(int l) {
  const int in_piece = l % Piece;
  const int from =
      l - in_piece + in_piece / (2 * Block) * Block + in_piece % Block + (Second ? Piece / 2 : 0);
  return (in_piece / Block) % 2 == 1 ? Lanes + from : from;
}

template <typename T, int Block, bool Second>
inline Vector<T> interleaved(Vector<T> a, Vector<T> b) {
  using Mask [[maybe_unused]] = typename VectorTypes<T>::Bits;
  constexpr int n = static_cast<int>(kLanes<T>), piece = 16 / static_cast<int>(sizeof(T));
#define LANE(l) interleaved_lane<n, piece, Block, Second>(l)
  SHUFFLE_LANES(n, Mask, a, b, LANE)
#undef LANE
}

// Transposes each column of pieces of 16 bytes: lane l of piece i of vector j goes to lane j of piece i of
// vector l.
inline void transpose_pieces(Vector<double> (&rows)[2]) {
  const Vector<double> a = rows[0], b = rows[1];
  rows[0] = interleaved<double, 1, false>(a, b);
  rows[1] = interleaved<double, 1, true>(a, b);
}

inline void transpose_pieces(Vector<float> (&rows)[4]) {
  const Vector<float> a = interleaved<float, 1, false>(rows[0], rows[1]);
  const Vector<float> b = interleaved<float, 1, true>(rows[0], rows[1]);
  const Vector<float> c = interleaved<float, 1, false>(rows[2], rows[3]);
  const Vector<float> d = interleaved<float, 1, true>(rows[2], rows[3]);
  rows[0] = interleaved<float, 2, false>(a, c);
  rows[1] = interleaved<float, 2, true>(a, c);
  rows[2] = interleaved<float, 2, false>(b, d);
  rows[3] = interleaved<float, 2, true>(b, d);
}

// Transposes a square of lanes x lanes elements: each stage exchanges the odd blocks of one row with the even
// blocks of another, in blocks of half the last stage's size.
template <typename T, int Block = static_cast<int>(kLanes<T> / 2)>
inline void transpose(Vector<T> (&square)[kLanes<T>]) {
#pragma GCC unroll 16
  for (int i = 0; i < kLanes<T>; ++i) {
    if ((i / Block) % 2 == 1) continue;
    const Vector<T> a = square[i], b = square[i + Block];
    square[i] = exchanged<T, Block, false>(a, b);
    square[i + Block] = exchanged<T, Block, true>(a, b);
  }
  if constexpr (Block > 1) transpose<T, Block / 2>(square);
}

// Applies `body(first_index, lanes)` to [0, size) in whole vectors, then once to the rest with fewer lanes.
template <typename T, typename Whole, typename Rest>
inline void for_each_vector(int64_t size, Whole whole, Rest rest) {
  int64_t i = 0;
  for (; i + kLanes<T> <= size; i += kLanes<T>) whole(i);
  if (i < size) rest(i, size - i);
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_VECTOR_H_
