#include "dropout_operations.h"

#include <algorithm>
#include <cmath>

#include "parallel.h"

namespace mnist {

template <typename T>
void dropout(const Device& device, const Dropout& mask, int64_t size, const T* x, T* out) {
  if (mask.rate == 0) {
    if (out != x) std::copy(x, x + size, out);
    return;
  }
  // An element stays where its word is at least rate * 2^32, which the processor may take for 0 if it is
  // denormal.
  const double dropped = std::max(1.0, std::ceil(mask.rate * 0x1p32));
  const DropoutMask words = {mask.seed, mask.stream, mask.draw, static_cast<uint32_t>(dropped - 1)};
  const T scale = static_cast<T>(1 / (1 - mask.rate));
  parallel_for(device.threads, ceil_divide(size, kDropoutBlock), kParallelElements / kDropoutBlock / 2,
               [&](int64_t first, int64_t last) {
                 const int64_t i = first * kDropoutBlock;
                 device.kernels.of<T>().dropout(words, mask.first_block + static_cast<uint64_t>(first),
                                                std::min(last * kDropoutBlock, size) - i, scale, x + i,
                                                out + i);
               });
}

template void dropout<float>(const Device&, const Dropout&, int64_t, const float*, float*);
template void dropout<double>(const Device&, const Dropout&, int64_t, const double*, double*);

}  // namespace mnist
