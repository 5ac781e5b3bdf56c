#define KERNEL_ISA avx512
#define KERNEL_VECTOR_BYTES 64
#define KERNEL_REGISTERS 32
#include "kernels/table.h"

namespace mnist {

const KernelSet kAvx512Kernels = {"avx512", "512-bit vectors (AVX-512F, DQ, VL, BW)",
                                  avx512::kernel_table<float>(), avx512::kernel_table<double>()};

}  // namespace mnist
