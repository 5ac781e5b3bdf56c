#define KERNEL_ISA neon
#define KERNEL_VECTOR_BYTES 16
#define KERNEL_REGISTERS 32
#include "kernels/table.h"

namespace mnist {

const KernelSet kNeonKernels = {"neon", "128-bit vectors (NEON on 64-bit Arm)", neon::kernel_table<float>(),
                                neon::kernel_table<double>()};

}  // namespace mnist
