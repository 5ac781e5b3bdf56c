#define KERNEL_ISA avx2
#define KERNEL_VECTOR_BYTES 32
#define KERNEL_REGISTERS 16
#include "kernels/table.h"

namespace mnist {

const KernelSet kAvx2Kernels = {"avx2", "256-bit vectors with fused multiply-add (AVX2, FMA)",
                                avx2::kernel_table<float>(), avx2::kernel_table<double>()};

}  // namespace mnist
