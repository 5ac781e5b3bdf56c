// Where the ink of an image is: its bytes that are not 0, the background.
#ifndef MNIST_NATIVE_KERNELS_INK_H_
#define MNIST_NATIVE_KERNELS_INK_H_

#include <stdint.h>
#include <string.h>

#include "kernels/vector.h"

namespace mnist {
namespace KERNEL_ISA {

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
