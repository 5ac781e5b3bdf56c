// Where the ink of an image is: its bytes that are not 0, the background.
#ifndef MNIST_NATIVE_KERNELS_INK_H_
#define MNIST_NATIVE_KERNELS_INK_H_

#ifdef __AVX2__
#include <immintrin.h>
#endif
#include <stdint.h>
#include <string.h>

#include "kernels/vector.h"

namespace mnist {
namespace KERNEL_ISA {

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

// The most bytes that list_ink looks at: it holds positions in bytes, and eight are written at once.
constexpr int64_t kMostListedBytes = 224;

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
    if (bits == 0) {  // a margin, mostly where the last image had one
      p += 32;
      continue;
    }
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

#endif  // MNIST_NATIVE_KERNELS_INK_H_
