// exp_nonpositive of kernels/activations.h over an array, compiled for each instruction set.
#ifndef MNIST_NATIVE_TEST_EXP_KERNELS_H_
#define MNIST_NATIVE_TEST_EXP_KERNELS_H_

#include <stdint.h>

namespace mnist {

struct ExpKernels {
  void (*f32)(int64_t size, const float* x, float* out);
  void (*f64)(int64_t size, const double* x, double* out);
};

// Each namespace is named after its kernel set; which of them are linked depends on the architecture.
namespace baseline {
extern const ExpKernels kExpKernels;
}
namespace avx2 {
extern const ExpKernels kExpKernels;
}
namespace avx512 {
extern const ExpKernels kExpKernels;
}
namespace neon {
extern const ExpKernels kExpKernels;
}
namespace wide {
extern const ExpKernels kExpKernels;
}

}  // namespace mnist

#endif  // MNIST_NATIVE_TEST_EXP_KERNELS_H_
