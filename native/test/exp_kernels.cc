// Compiled once for each instruction set: the build defines KERNEL_ISA, KERNEL_VECTOR_BYTES and
// KERNEL_REGISTERS as the set's file in kernels/ does. As there, nothing of the standard library is used.
#include "test/exp_kernels.h"

#include "kernels/activations.h"

namespace mnist {
namespace KERNEL_ISA {

template <typename T>
static void exp_nonpositive_of_array(int64_t size, const T* x, T* out) {
  for_each_vector<T>(
      size, [=](int64_t i) { store(out + i, exp_nonpositive<T>(load(x + i))); },
      [=](int64_t i, int64_t n) { store_partial(out + i, exp_nonpositive<T>(load_partial(x + i, n)), n); });
}

const ExpKernels kExpKernels = {exp_nonpositive_of_array<float>, exp_nonpositive_of_array<double>};

}  // namespace KERNEL_ISA
}  // namespace mnist
