#define KERNEL_ISA baseline
#define KERNEL_VECTOR_BYTES 16
#define KERNEL_REGISTERS 16
#include "kernels/table.h"

namespace mnist {

const KernelSet kBaselineKernels = {"baseline", "128-bit vectors (SSE2 on x86-64)",
                                    baseline::kernel_table<float>(), baseline::kernel_table<double>()};

}  // namespace mnist
