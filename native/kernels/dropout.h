// Dropout, with a mask that is drawn and never stored.
#ifndef MNIST_NATIVE_KERNELS_DROPOUT_H_
#define MNIST_NATIVE_KERNELS_DROPOUT_H_

#include "kernels/kernels.h"
#include "kernels/vector.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace mnist {
namespace KERNEL_ISA {

// Each lane of 64 bits holds a number of 32 bits in its lower half. The upper half can hold anything.
using Words = VectorTypes<double>::Bits;

inline Words broadcast_word(uint64_t word) { return word - Words{}; }

// The whole products of the lower halves. There is an instruction for it that compilers do not find by
// themselves.
inline Words multiply_words(Words a, Words b) {
#if defined(__AVX512F__) && KERNEL_VECTOR_BYTES == 64
  // With a mask, all of it, as GCC 12 warns of the function without one.
  return reinterpret_cast<Words>(
      _mm512_maskz_mul_epu32(0xff, reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#elif defined(__AVX2__) && KERNEL_VECTOR_BYTES == 32
  return reinterpret_cast<Words>(
      _mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#elif defined(__SSE2__) && KERNEL_VECTOR_BYTES == 16
  return reinterpret_cast<Words>(_mm_mul_epu32(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  return (a & 0xffffffff) * (b & 0xffffffff);
#endif
}

// Lanes of `a` and `b` in turn: those of their first or second halves.
template <int Lanes, bool Second>
constexpr int zipped_lane(int l) {
  return l / 2 + (Second ? Lanes / 2 : 0) + (l % 2 == 1 ? Lanes : 0);
}
template <bool Second>
inline Words zipped(Words a, Words b) {
  constexpr int n = static_cast<int>(kLanes<double>);
#define LANE(l) zipped_lane<n, Second>(l)
  SHUFFLE_LANES(n, Words, a, b, LANE)
#undef LANE
}

// Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011, for
// the counters (block, draw), one a lane. As each round waits for the products of the one before, some
// vectors of counters go through it together.
constexpr int kPhiloxRounds = 10;
constexpr int64_t kPhiloxVectors = 4;
constexpr int64_t kBlocksAtATime = kPhiloxVectors * kLanes<double>;
constexpr int64_t kWordsAtATime = kDropoutBlock * kBlocksAtATime;

// The keys of all rounds, in every lane.
struct PhiloxKeys {
  Words first[kPhiloxRounds], second[kPhiloxRounds];

  PhiloxKeys(uint32_t seed, uint32_t stream) {
    for (int round = 0; round < kPhiloxRounds; ++round) {
      first[round] = broadcast_word(seed);
      second[round] = broadcast_word(stream);
      seed += 0x9e3779b9;
      stream += 0xbb67ae85;
    }
  }
};

inline void draw_words(const PhiloxKeys& keys, uint64_t first_block, uint64_t draw, uint32_t* words) {
  Words c0[kPhiloxVectors], c1[kPhiloxVectors], c2[kPhiloxVectors], c3[kPhiloxVectors];
  uint64_t numbers[kBlocksAtATime];
  for (int64_t lane = 0; lane < kBlocksAtATime; ++lane)
    numbers[lane] = first_block + static_cast<uint64_t>(lane);
  memcpy(c0, numbers, sizeof c0);
#pragma GCC unroll 4
  for (int64_t v = 0; v < kPhiloxVectors; ++v) {
    c1[v] = c0[v] >> 32;
    c2[v] = broadcast_word(draw);
    c3[v] = broadcast_word(draw >> 32);
  }
  const Words m0 = broadcast_word(0xd2511f53), m1 = broadcast_word(0xcd9e8d57);
#pragma GCC unroll 10
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const Words k0 = keys.first[round], k1 = keys.second[round];
#pragma GCC unroll 4
    for (int64_t v = 0; v < kPhiloxVectors; ++v) {
      const Words p0 = multiply_words(m0, c0[v]), p1 = multiply_words(m1, c2[v]);
      c0[v] = (p1 >> 32) ^ c1[v] ^ k0;
      c2[v] = (p0 >> 32) ^ c3[v] ^ k1;
      c1[v] = p1;
      c3[v] = p0;
    }
  }
  // Two words of each block as one number of 64 bits, the first in the lower half; then block after block.
#pragma GCC unroll 4
  for (int64_t v = 0; v < kPhiloxVectors; ++v) {
    const Words low = (c0[v] & 0xffffffff) | (c1[v] << 32), high = (c2[v] & 0xffffffff) | (c3[v] << 32);
    const Words halves[2] = {zipped<false>(low, high), zipped<true>(low, high)};
    memcpy(words + v * kDropoutBlock * kLanes<double>, halves, sizeof halves);
  }
}

// Where words are above `last_dropped`: for a vector of T.
inline auto stays(const uint32_t* words, uint32_t last_dropped, float) {
  typename VectorTypes<float>::Bits bits;
  memcpy(&bits, words, sizeof bits);
  return bits > last_dropped;
}
inline auto stays(const uint32_t* words, uint32_t last_dropped, double) {
  typedef uint32_t Half __attribute__((vector_size(KERNEL_VECTOR_BYTES / 2)));
  Half half;
  memcpy(&half, words, sizeof half);
  return __builtin_convertvector(half, Words) > uint64_t{last_dropped};
}

template <typename T>
inline void dropout_kernel(const DropoutMask& mask, uint64_t first_block, int64_t size, T scale, const T* x,
                           T* out) {
  const PhiloxKeys keys(mask.seed, mask.stream);
  uint32_t words[kWordsAtATime];
  for (int64_t i = 0; i < size; i += kWordsAtATime) {
    draw_words(keys, first_block + static_cast<uint64_t>(i / kDropoutBlock), mask.draw, words);
    const int64_t count = size - i < kWordsAtATime ? size - i : kWordsAtATime;
    const auto kept = [&](int64_t j, Vector<T> v) {
      return select<T>(stays(words + j, mask.last_dropped, T{}), v * scale, Vector<T>{});
    };
    for_each_vector<T>(
        count, [&](int64_t j) { store(out + i + j, kept(j, load(x + i + j))); },
        [&](int64_t j, int64_t n) { store_partial(out + i + j, kept(j, load_partial(x + i + j, n)), n); });
  }
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_DROPOUT_H_
